"""The door of a surface: key, limit, strict query, headers.

It hangs on the blueprint, so that no route can be added without it.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import Blueprint, Response, g, request
from limits import RateLimitItemPerMinute

from marketplace.kernel.errors import DomainError
from marketplace.web.api.caller import Caller
from marketplace.web.api.strict_json import no_query, query_once, readable_query
from marketplace.web.protection import limits

SCHEME = "bearer "
POLICY = "per-key"
WINDOW_SECONDS = 60
AnyCaller = TypeVar("AnyCaller", bound=Caller)


class Unauthenticated(DomainError):
    """There is no key, or it opens nothing; which of the two is not said."""

    code = "unauthenticated"
    http_status = 401
    message = "请在 Authorization: Bearer 里附上有效的密钥"


class QuotaExceeded(DomainError):
    """The key made as many requests as it may in this minute."""

    code = "too_many_requests"
    http_status = 429
    message = "这个密钥每分钟最多 %(limit)s 个请求，请在 %(seconds)s 秒后再试"


def bearer_key() -> str:
    """Return the key that stands behind ``Bearer``, or nothing."""
    header = request.headers.get("Authorization", "")
    return header[len(SCHEME) :].strip() if header.lower().startswith(SCHEME) else ""


@dataclass(frozen=True, slots=True)
class Door(Generic[AnyCaller]):
    """Lets in who calls a surface."""

    realm: str
    """What a caller without a key is told that it needs one for."""
    authenticate: Callable[[], AnyCaller | None]
    """Tells who makes this request, by its headers or, with ``sent().raw``, by its signed bytes."""
    note_use: Callable[[AnyCaller], object]
    """Called for each request that is let in."""

    def hang(self, blueprint: Blueprint, *, unguarded: Set[str], asked: Set[str]) -> None:
        """Guard every route of ``blueprint`` but the ``unguarded`` endpoints.

        Those not ``asked`` anything take no query string.
        """

        @blueprint.before_request
        def let_in() -> None:
            """Know the key and count the request, before anything is read of it."""
            if request.endpoint in unguarded:
                return
            found = self.authenticate()
            if found is None:
                raise Unauthenticated
            g.caller = found
            _count(found)
            self.note_use(found)
            readable_query(request.query_string)
            query_once(request.args)
            if request.endpoint not in asked:
                no_query(request.args)

        @blueprint.after_request
        def tell(response: Response) -> Response:
            """Say how much of the limit is left; let no cache share one caller's view."""
            if "rate" in g:
                quota, left, seconds = g.rate
                response.headers["RateLimit-Policy"] = f'"{POLICY}";q={quota};w={WINDOW_SECONDS}'
                response.headers["RateLimit"] = f'"{POLICY}";r={left};t={seconds}'
            if response.status_code == Unauthenticated.http_status:
                response.headers["WWW-Authenticate"] = f'Bearer realm="{self.realm}"'
            response.headers.setdefault("Cache-Control", "private, no-cache")
            response.headers["Vary"] = "Authorization, Accept-Language"
            return response


def _count(found: Caller) -> None:
    counted = limits.count(RateLimitItemPerMinute(found.per_minute), *found.counted_as)
    if counted is None:
        return
    seconds = min(WINDOW_SECONDS, counted.seconds)
    g.rate = (found.per_minute, counted.left, seconds)
    if not counted.allowed:
        raise QuotaExceeded(limit=found.per_minute, seconds=seconds, extra={"retry_after": seconds})
