"""Looks for harmful files before anybody is shown them; behind a port.

The one that is known speaks the INSTREAM command of clamd, the service of ClamAV: the content goes
over a socket in pieces, and one line comes back.
"""

from __future__ import annotations

import socket
import struct
from contextlib import closing
from typing import Protocol

SECONDS = 20.0
"""The longest wait for the scanner to take a piece or to answer."""
PIECE_BYTES = 64 * 1024
LONGEST_ANSWER = 4096


class ScannerDown(Exception):
    """The scanner does not answer, or not in a way that can be relied on: nothing is decided."""


class Scanner(Protocol):
    """Tells harmful content from harmless."""

    def is_clean(self, content: bytes) -> bool:
        """Tell whether nothing harmful was found; raises ``ScannerDown``."""
        ...


class NoScanner:
    """Stands where an installation has none: everything passes."""

    def is_clean(self, content: bytes) -> bool:
        """Let it pass."""
        return True


class ClamdScanner:
    """Asks clamd over TCP (``host:port``) or a socket of this machine (``unix:/path``)."""

    def __init__(self, address: str) -> None:
        """Remember where clamd listens; nothing connects yet."""
        self._address = address

    def is_clean(self, content: bytes) -> bool:
        """Send the content and read the verdict."""
        try:
            with closing(self._connected()) as link:
                link.settimeout(SECONDS)
                link.sendall(b"zINSTREAM\0")
                for start in range(0, len(content), PIECE_BYTES):
                    piece = content[start : start + PIECE_BYTES]
                    link.sendall(struct.pack(">I", len(piece)) + piece)
                link.sendall(struct.pack(">I", 0))
                answer = _line(link)
        except OSError as error:
            raise ScannerDown(type(error).__name__) from error
        if answer.endswith(b" OK"):
            return True
        if answer.endswith(b" FOUND"):
            return False
        raise ScannerDown("unknown answer")

    def _connected(self) -> socket.socket:
        if self._address.startswith("unix:"):
            link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            link.settimeout(SECONDS)
            try:
                link.connect(self._address.removeprefix("unix:"))
            except OSError:
                link.close()
                raise
            return link
        host, _, port = self._address.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), timeout=SECONDS)


def _line(link: socket.socket) -> bytes:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
        piece = link.recv(LONGEST_ANSWER)
        if not piece:
            break
        answer += piece
    return answer.rstrip(b"\0\n")
