"""Keeps the tests on this machine: only loopback and Unix sockets may be reached."""

from __future__ import annotations

import ipaddress
import socket
import sys


class NetworkForbidden(RuntimeError):
    """A test tried to reach another machine."""


def forbid_network() -> None:
    """Refuse, for the life of this process, every connection and look-up that leaves it."""
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event in {"socket.connect", "socket.sendto"}:
        connection, address = arguments
        if isinstance(connection, socket.socket) and connection.family == socket.AF_UNIX:
            return
        host = address[0] if isinstance(address, tuple) else address
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if not _is_local(host):
        message = f"tests may not reach {host!r}"
        raise NetworkForbidden(message)


def _is_local(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in {None, "", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(str(name)).is_loopback
    except ValueError:
        return False
