"""Tries at a door: a few are free, then each waits longer than the one before.

Tries are counted for a login and the network they come from together, so nobody locks a colleague
out by failing from somewhere else. Nor from the office they share: a browser in which somebody has
signed in before carries a signed cookie that says so, and is counted by itself.
"""

from __future__ import annotations

import secrets
import sqlite3
import time
from dataclasses import dataclass

import structlog
from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer
from limits import parse
from redis import RedisError
from werkzeug.wrappers import Response

from marketplace.kernel.crypto import blind_index
from marketplace.web.context import address
from marketplace.web.protection import limits

FREE = 5
"""Tries before the first wait."""
FIRST_WAIT, LONGEST_WAIT = 60, 3600
"""Seconds; each further try waits twice as long as the one before."""
FORGOTTEN_AFTER = 24 * 3600
"""Seconds after the first try until they count no more; a success forgets them at once."""
WIDE = parse("100 per 15 minutes")
"""Tries from one network at all logins together: an office or a village shares an address."""
COOKIE, COOKIE_SECONDS, MOST_KNOWN = "known", 365 * 24 * 3600, 8
SHORT = 16
"""Symbols of a blind login that are kept in the cookie."""


@dataclass(frozen=True, slots=True)
class Tries:
    """What is tried, and from where."""

    what: str
    whose: str
    origin: str
    wide: bool
    """Whether the whole network has a limit too."""

    @property
    def _count(self) -> str:
        return f"tries/{self.what}/{self.whose}/{self.origin}"

    @property
    def _wait(self) -> str:
        return f"wait/{self.what}/{self.whose}/{self.origin}"

    def spend(self) -> None:
        """Count one try before it is looked at; raises ``TooManyTries`` while one must wait.

        A try that is refused here is not counted: whoever waits is not made to wait longer.
        """
        if self.wide:
            limits.spend(WIDE, self.what, "network", self.origin)
        storage = limits.limiter().storage
        try:
            if storage.get(self._wait):
                raise self._refusal()
            tries = storage.incr(self._count, FORGOTTEN_AFTER)
            # Of tries that arrive together one alone begins the wait and is looked at.
            if tries >= FREE and storage.incr(self._wait, _seconds(tries)) > 1:
                raise self._refusal()
        except (sqlite3.Error, RedisError) as error:
            structlog.get_logger("web").error("limits_unavailable", error=type(error).__name__)

    def forget(self) -> None:
        """Count no more what was tried: this try was right."""
        storage = limits.limiter().storage
        try:
            storage.clear(self._count)
            storage.clear(self._wait)
        except (sqlite3.Error, RedisError) as error:
            structlog.get_logger("web").error("limits_unavailable", error=type(error).__name__)

    def _refusal(self) -> limits.TooManyTries:
        ends = limits.limiter().storage.get_expiry(self._wait)
        wait = max(1, int(ends - time.time()))
        return limits.TooManyTries(minutes=-(-wait // 60), extra={"retry_after": wait})


def _seconds(tries: int) -> int:
    return int(min(FIRST_WAIT * 2 ** min(tries - FREE, 10), LONGEST_WAIT))


def at_login(login: str) -> Tries:
    """Return the tries to sign in as ``login`` from where this request comes from."""
    whose = blind_index("login", login.strip().lower())
    device, known = _cookie()
    if whose[:SHORT] in known:
        return Tries("sign_in", whose, f"device {device}", wide=False)
    return Tries("sign_in", whose, address(), wide=True)


def at_code(user_id: int) -> Tries:
    """Return the tries of whoever knows the password of an account and not yet its code."""
    return Tries("code", str(user_id), address(), wide=True)


def remember_device(answer: Response, login: str) -> None:
    """Let this browser say from now on that ``login`` has signed in here before."""
    device, known = _cookie()
    whose = blind_index("login", login.strip().lower())[:SHORT]
    kept = [whose, *(other for other in known if other != whose)][:MOST_KNOWN]
    answer.set_cookie(
        cookie_name(),
        _serializer().dumps([device or secrets.token_urlsafe(12), kept]),
        max_age=COOKIE_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )


def cookie_name() -> str:
    """Return the name of the cookie by which a device is known."""
    return f"__Host-{COOKIE}" if current_app.config["SESSION_COOKIE_SECURE"] else COOKIE


def _cookie() -> tuple[str, list[str]]:
    """Return this device's name and who has signed in on it."""
    try:
        device, known = _serializer().loads(request.cookies.get(cookie_name(), ""))
    except (BadSignature, TypeError, ValueError):
        return "", []
    return device, known


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="known-device")
