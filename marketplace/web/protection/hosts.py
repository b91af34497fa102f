"""Which requests are answered at all: the name they ask for, and where they come from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import request
from werkzeug.wrappers import Response

LONGEST_NAME = 253
GREATEST_PORT = 65535
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = re.compile(
    rf"(?P<name>{_LABEL}(?:\.{_LABEL})*\.?|\[[0-9A-Fa-f:.]{{2,45}}\])(?::(?P<port>[0-9]{{1,5}}))?"
)
HERE = frozenset({"127.0.0.1", "::1", "::ffff:127.0.0.1"})
"""How a program of this machine is seen by a server of this machine."""
OWN_NAMES = frozenset({"127.0.0.1", "[::1]", "localhost"})
_PASSED_ON = ("HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP")
_PASSED_ON_PREFIX = "HTTP_X_FORWARDED"


def named_well(host: str | None) -> bool:
    """Tell whether a ``Host`` header can be the name of a machine, with or without a port."""
    found = _HOST.fullmatch(host) if host else None
    return (
        found is not None
        and len(found["name"]) <= LONGEST_NAME
        and int(found["port"] or 0) <= GREATEST_PORT
    )


class OnlyNamedWell:
    """Answers a plain 400 where the host has no possible name, before anything else looks at it.

    A page could not even say so: every address in it is made from that name.
    """

    def __init__(self, application: WSGIApplication) -> None:
        """Stand before ``application``."""
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Pass the request on, or refuse it."""
        if named_well(environ.get("HTTP_HOST")):
            return self._application(environ, start)
        refusal = Response("Bad Request: the Host header names no host.\n", 400)
        refusal.headers["X-Content-Type-Options"] = "nosniff"
        refusal.headers["Cache-Control"] = "no-store"
        return refusal(environ, start)


def from_this_machine() -> bool:
    """Tell whether a program of this machine asks by itself, and nobody through a proxy of it."""
    # Trusted proxies have put somebody else's address in place of their own.
    before = request.environ.get("werkzeug.proxy_fix.orig") or {}
    peer = before.get("REMOTE_ADDR") or request.remote_addr
    passed_on = any(
        name in _PASSED_ON or name.startswith(_PASSED_ON_PREFIX) for name in request.environ
    )
    found = _HOST.fullmatch(request.host)
    return (
        not passed_on and peer in HERE and found is not None and found["name"].lower() in OWN_NAMES
    )
