"""Headers, cookies and CSRF: what the browser is told not to do."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from flask import Flask, Response, abort, current_app, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_wtf.csrf import CSRFProtect

from marketplace.settings import Settings
from marketplace.web.context import surfaces
from marketplace.web.protection.body_sizes import MOST_BODY_BYTES, MOST_FILE_BYTES, MOST_TEXT_BYTES

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ONE_YEAR = 365 * 24 * 3600
HOOKS = "hooks"
"""The blueprint that takes bytes, not forms, besides the surfaces."""
STAFF = {"applicant", "operator", "office", "account"}
"""Blueprints whose every answer, theirs and of those below them, is for the people of one house or
office."""
csrf = CSRFProtect()
View = TypeVar("View", bound=Callable[..., Any])


class OwnCookies(SecureCookieSessionInterface):
    """Sends nobody's session along with what every cache may keep and give to others."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Set the cookie, as the library does, on answers that are for their reader alone."""
        if not response.cache_control.public:
            super().save_session(app, session, response)


def takes_file(view: View) -> View:
    """Let the forms that this view receives carry one file."""
    view.most_body = MOST_FILE_BYTES  # type: ignore[attr-defined]
    return view


def takes_long_text(view: View) -> View:
    """Let the forms that this view receives carry many long texts."""
    view.most_body = MOST_TEXT_BYTES  # type: ignore[attr-defined]
    return view


def leads_to_gateway(view: View) -> View:
    """Let the forms of this view's pages lead on to where people pay.

    A browser follows no redirect of a form to an origin that the page's policy does not name.
    """
    view.leads_to_gateway = True  # type: ignore[attr-defined]
    return view


def _policy(app: Flask, origins: Collection[str]) -> str:
    view = app.view_functions.get(request.endpoint or "")
    if not getattr(view, "leads_to_gateway", False):
        return CSP
    return CSP.replace("form-action 'self'", " ".join(["form-action 'self'", *sorted(origins)]))


def body_limit() -> int:
    """Return how many bytes a body sent to the view of this request may have."""
    view = current_app.view_functions.get(request.endpoint or "")
    return int(getattr(view, "most_body", MOST_BODY_BYTES))


def set_up(
    app: Flask,
    settings: Settings,
    session_keys: list[bytes],
    payment_origins: Collection[str] = (),
) -> None:
    """Set cookies, CSRF protection and the headers of every answer.

    The first of ``session_keys`` signs, all of them read. ``payment_origins`` are those of the
    gateways' pages.
    """
    app.session_interface = OwnCookies()
    signing, *older = (hashlib.sha256(key).digest() for key in session_keys)
    app.config.update(
        SECRET_KEY=signing,
        SECRET_KEY_FALLBACKS=older,
        # The signer of forms takes the oldest first.
        WTF_CSRF_SECRET_KEY=[*reversed(older), signing],
        SESSION_COOKIE_NAME="__Host-session" if settings.production else "session",
        SESSION_COOKIE_SECURE=settings.production,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        PERMANENT_SESSION_LIFETIME=dt.timedelta(days=30),
        MAX_CONTENT_LENGTH=MOST_BODY_BYTES,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )

    @app.before_request
    def limit_body() -> None:
        """Before anything reads the form: the token's check already does."""
        most = body_limit()
        request.max_content_length = most
        # The reader of forms counts the piece of a file that it has in hand as well, together with
        # the line that the piece before ended in. What the texts come to is counted below.
        request.max_form_memory_size = min(most, MOST_TEXT_BYTES)

    csrf.init_app(app)

    @app.before_request
    def refuse_nul() -> None:
        """No name, code or address holds a NUL, and PostgreSQL cannot even compare with one."""
        if "\0" in request.path:
            abort(404)
        # Programs send raw bodies, which reading a form here would swallow.
        raw = request.blueprint == HOOKS or request.blueprint in surfaces()
        form = [] if raw else list(request.form.values())
        if sum(map(len, form)) > MOST_TEXT_BYTES:
            abort(413)
        if any("\0" in value for value in [*request.args.values(), *form]):
            abort(400)

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", _policy(app, payment_origins))
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if settings.production:
            response.headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR}; includeSubDomains"
        _set_caching(app, response)
        return response


def _set_caching(app: Flask, response: Response) -> None:
    """Personal answers are kept by nobody; others only by their reader, and checked each time.

    A personal one has no say in it: helpers that send files would let a browser keep them.
    """
    view = app.view_functions.get(request.endpoint or "")
    if not STAFF.isdisjoint(request.blueprints) or getattr(view, "personal", False):
        response.headers["Cache-Control"] = "no-store"
    else:
        response.headers.setdefault("Cache-Control", "private, no-cache")
