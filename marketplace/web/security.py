"""Headers, cookies and CSRF: what the browser is told not to do."""

from __future__ import annotations

import datetime as dt
import hashlib

from flask import Flask, Response, abort, request
from flask_wtf.csrf import CSRFProtect

from marketplace.settings import Settings

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
MOST_BODY_BYTES = 64 * 1024
ONE_YEAR = 365 * 24 * 3600
PROGRAMS = {"partner_api", "hooks"}
"""Blueprints that take bytes, not forms."""
csrf = CSRFProtect()


def set_up(app: Flask, settings: Settings, session_key: str) -> None:
    """Set cookies, CSRF protection and the headers of every answer."""
    app.config.update(
        SECRET_KEY=hashlib.sha256(session_key.encode()).digest(),
        SESSION_COOKIE_NAME="__Host-session" if settings.production else "session",
        SESSION_COOKIE_SECURE=settings.production,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        PERMANENT_SESSION_LIFETIME=dt.timedelta(days=30),
        MAX_CONTENT_LENGTH=MOST_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=MOST_BODY_BYTES,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
    csrf.init_app(app)

    @app.before_request
    def refuse_nul() -> None:
        """No name, code or address holds a NUL, and PostgreSQL cannot even compare with one."""
        if "\0" in request.path:
            abort(404)
        # Programs send raw bodies, which reading a form here would swallow.
        form = request.form.values() if request.blueprint not in PROGRAMS else ()
        if any("\0" in value for value in [*request.args.values(), *form]):
            abort(400)

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = CSP
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if settings.production:
            response.headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR}"
        response.headers.setdefault("Cache-Control", _caching(app))
        return response


def _caching(app: Flask) -> str:
    """Personal pages are kept by nobody; the others only by their reader, and checked each time."""
    view = app.view_functions.get(request.endpoint or "")
    staff = request.blueprint in {"operator", "office", "account"}
    return "no-store" if staff or getattr(view, "personal", False) else "private, no-cache"
