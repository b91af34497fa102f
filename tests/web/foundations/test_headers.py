"""What every answer carries, and how the cookies of a production installation look."""

from __future__ import annotations

import re

import pytest
from flask import Flask, session
from flask.testing import FlaskClient

from marketplace.settings import Environment, Settings
from marketplace.web.protection import security
from tests.factories import Room

PATHS = [
    "/",
    "/en/",
    "/search",
    "/nothing-here",
    "/account/sign-in",
    "/operator/",
    "/healthz",
    "/partner/v1/events",
    "/openapi.json",
    "/static/css/app.css",
]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_headers(client: FlaskClient, loaded: Room, path: str) -> None:
    with client.get(path) as answer:
        headers = answer.headers
    assert headers["Content-Security-Policy"] == security.CSP
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert re.fullmatch(r"[0-9a-f]{32}", headers["X-Request-Id"])
    assert headers["Content-Language"] in ("zh-CN", "en")
    assert headers["Cache-Control"]
    assert "Strict-Transport-Security" not in headers


def test_the_policy_allows_nothing_from_elsewhere_and_nothing_inline() -> None:
    assert security.CSP.startswith("default-src 'none'; ")
    assert "unsafe" not in security.CSP
    assert "http" not in security.CSP


@pytest.mark.parametrize("path", ["/my-booking", "/account/sign-in", "/operator/", "/office/"])
def test_no_cache_keeps_what_is_personal(client: FlaskClient, path: str) -> None:
    assert client.get(path).headers["Cache-Control"] == "no-store"


PUBLIC = [
    "/static/css/app.css",
    "/robots.txt",
    "/sitemap.xml",
    "/open/directory.csv",
    "/openapi.json",
]


@pytest.mark.parametrize("path", PUBLIC)
def test_what_every_cache_may_keep_carries_nobodys_cookie(
    client: FlaskClient, loaded: Room, path: str
) -> None:
    with client.session_transaction() as known:
        known["bookings"], known.permanent = ["0" * 32], True
    with client.get("/my-booking") as answer:
        assert "Set-Cookie" in answer.headers, "elsewhere a visit lets it live on"
    with client.get(f"{path}?lang=en") as answer:
        assert answer.headers["Cache-Control"].startswith("public"), path
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.vary


def test_a_request_id_that_is_safe_to_log_is_kept(client: FlaskClient) -> None:
    given = client.get("/healthz", headers={"X-Request-Id": "edge-0001.a"})
    assert given.headers["X-Request-Id"] == "edge-0001.a"
    for unsafe in ("short", "with spaces in it", "x" * 65, '{"a": "injection"}'):
        answer = client.get("/healthz", headers={"X-Request-Id": unsafe})
        assert answer.headers["X-Request-Id"] != unsafe


class TestCookies:
    def test_plain_in_development(self, client: FlaskClient) -> None:
        cookie = client.get("/account/sign-in").headers["Set-Cookie"]
        assert cookie.startswith("session=")
        assert "Secure" not in cookie
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie

    def test_bound_to_the_host_and_to_https_in_production(self) -> None:
        # No gateway is fit for production yet, so such settings cannot be made the usual way.
        settings = Settings.model_construct(env=Environment.PRODUCTION)
        app = Flask(__name__)
        security.set_up(app, settings, [b"a-key"])

        @app.get("/")
        def touch() -> str:
            session["seen"] = True
            return "ok"

        headers = app.test_client().get("/", base_url="https://localhost").headers
        cookie = headers["Set-Cookie"]
        assert cookie.startswith("__Host-session=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
        assert "Domain" not in cookie
        assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
