"""The door every request of a partner goes through: key, limit, language, headers.

It hangs on the blueprint, so that no route can be added without it.
"""

from __future__ import annotations

import time
from typing import cast

import structlog
from flask import Blueprint, Response, g, request
from limits import RateLimitItemPerMinute

from marketplace.kernel.errors import DomainError
from marketplace.partners import keys
from marketplace.partners.keys import Caller
from marketplace.web.api.strict_json import no_query, query_once
from marketplace.web.context import now, services
from marketplace.web.partner_api.operations import ROUTES, described
from marketplace.web.protection import limits
from marketplace.web.protection.security import csrf

blueprint = Blueprint("partner_api", __name__)
csrf.exempt(blueprint)

OPEN_ENDPOINTS = frozenset({"partner_api.openapi", "partner_api.problem_page"})
"""What anybody may read without a key."""
ASKED = frozenset(route.path for route in ROUTES if route.query is not None)
"""The addresses that take a query string."""
SCHEME = "bearer "
POLICY = "per-key"
WINDOW_SECONDS = 60


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


def caller() -> Caller:
    """Return who calls."""
    return cast(Caller, g.caller)


@blueprint.before_request
def let_in() -> None:
    """Know the key and count the request, before anything is read of it; then its query."""
    if request.endpoint in OPEN_ENDPOINTS:
        return
    header = request.headers.get("Authorization", "")
    key = header[len(SCHEME) :].strip() if header.lower().startswith(SCHEME) else ""
    with services().database.read() as session:
        found = keys.authenticate(session, key=key, now=now()) if key else None
    if found is None:
        raise Unauthenticated
    g.caller = found
    _count(found)
    keys.note_use(services().database, caller=found, now=now())
    query_once(request.args)
    if request.url_rule is not None and described(request.url_rule.rule) not in ASKED:
        no_query(request.args)


def _count(found: Caller) -> None:
    limit = RateLimitItemPerMinute(found.per_minute)
    who = ("partner", str(found.key_id))
    limiter = limits.limiter()
    try:
        allowed = limiter.hit(limit, *who)
        reset, left = limits.window(limit, *who)
    except limiter.storage.base_exceptions as error:
        # A full disk or a lost Redis shuts no partner out.
        structlog.get_logger("web").error("limits_unavailable", error=type(error).__name__)
        return
    seconds = min(WINDOW_SECONDS, max(1, int(reset - time.time())))
    g.rate = (found.per_minute, max(0, left), seconds)
    if not allowed:
        raise QuotaExceeded(limit=found.per_minute, seconds=seconds, extra={"retry_after": seconds})


@blueprint.after_request
def tell(response: Response) -> Response:
    """Say how much of the limit is left, and never let a cache share one partner's view."""
    if "rate" in g:
        quota, left, seconds = g.rate
        response.headers["RateLimit-Policy"] = f'"{POLICY}";q={quota};w={WINDOW_SECONDS}'
        response.headers["RateLimit"] = f'"{POLICY}";r={left};t={seconds}'
    if response.status_code == Unauthenticated.http_status:
        response.headers["WWW-Authenticate"] = 'Bearer realm="partner"'
    response.headers.setdefault("Cache-Control", "private, no-cache")
    response.headers["Vary"] = "Authorization, Accept-Language"
    return response
