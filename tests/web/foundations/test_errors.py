"""Refusals and failures: a page in plain words for people, a problem document for programs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import UnsupportedMediaType

from marketplace.kernel.db import Database
from marketplace.kernel.ids import CODE_SYMBOLS, help_number
from marketplace.web.errors import PAGE_MESSAGES
from marketplace.web.i18n import english
from tests.factories import Room

SECRET = "王秀英 13912345678"


@pytest.fixture
def broken(app: Flask) -> FlaskClient:
    """A browser on an application with pages that fail, for people and for programs."""

    def fail() -> str:
        raise RuntimeError(SECRET)

    def wrong_kind() -> str:
        raise UnsupportedMediaType

    for prefix in ("", "/partner"):
        app.add_url_rule(f"{prefix}/fail", f"{prefix}fail", fail)
        app.add_url_rule(f"{prefix}/kind", f"{prefix}kind", wrong_kind)
    return app.test_client()


class TestPages:
    @pytest.mark.parametrize(
        ("method", "path", "status", "words"),
        [
            ("get", "/nothing-here", 404, "没有找到这一页"),
            ("delete", "/search", 405, "请从首页重新进入"),
            ("get", "/kind", 415, "请用 JSON 格式发送内容"),
            ("get", "/fail", 500, "您没有被扣款"),
        ],
    )
    def test_a_person_reads_what_happened_and_what_to_do(
        self, broken: FlaskClient, method: str, path: str, status: int, words: str
    ) -> None:
        answer = broken.open(path, method=method)
        page = answer.get_data(as_text=True)
        assert answer.status_code == status
        assert answer.content_type.startswith("text/html")
        assert words in page
        assert 'href="/"' in page
        number = help_number(answer.headers["X-Request-Id"])
        assert f"{number[:3]} {number[3:]}" in page
        assert len(number) == 6
        assert set(number) <= set(CODE_SYMBOLS)
        assert answer.headers["X-Request-Id"] not in page

    def test_a_page_that_cannot_be_used_so_says_how_it_can(self, client: FlaskClient) -> None:
        assert "GET" in client.delete("/search").headers["Allow"]

    def test_in_english_too(self, broken: FlaskClient) -> None:
        page = broken.get("/en/fail").get_data(as_text=True)
        assert english().gettext(PAGE_MESSAGES[500]) in page
        assert '<html lang="en"' in page

    def test_a_form_without_its_token_comes_back_with_advice(self, client: FlaskClient) -> None:
        answer = client.post("/my-booking", data={"code": "x"})
        assert answer.status_code == 400
        assert "请返回上一页刷新后再提交" in answer.get_data(as_text=True)

    def test_too_much_at_once(self, client: FlaskClient) -> None:
        client.get("/account/sign-in")
        answer = client.post("/account/sign-in", data={"login": "x" * (64 * 1024 + 1)})
        assert answer.status_code == 413
        assert "请缩短后再试" in answer.get_data(as_text=True)

    @pytest.mark.parametrize("query", ["q=\xff\xfe", "q=%ff%fe", "size=\xff", "a=%"])
    def test_an_address_of_odd_bytes_is_no_failure(self, client: FlaskClient, query: str) -> None:
        environ = {"QUERY_STRING": query}
        assert client.get("/help", environ_overrides=environ).status_code == 200
        assert client.get("/search", environ_overrides=environ).status_code == 200
        assert client.get("/nothing-here", environ_overrides=environ).status_code == 404

    def test_a_character_that_no_database_keeps_is_refused(self, client: FlaskClient) -> None:
        assert client.get("/search?q=%00").status_code == 400
        assert client.get("/partner/v1/events?after=%00").status_code in (400, 401)


class TestProblems:
    @pytest.mark.parametrize(
        ("method", "path", "status", "code"),
        [
            ("get", "/partner/v1/nothing", 404, "not_found"),
            ("get", "/hooks/simulated", 405, "method_not_allowed"),
            ("get", "/partner/kind", 415, "unsupported_media_type"),
            ("get", "/partner/fail", 500, "internal_error"),
            ("post", "/hooks/nobody", 404, "not_found"),
        ],
    )
    def test_a_program_reads_a_document_with_a_stable_code(
        self, broken: FlaskClient, method: str, path: str, status: int, code: str
    ) -> None:
        answer = broken.open(path, method=method)
        assert answer.status_code == status
        assert answer.content_type == "application/problem+json"
        body = answer.json
        assert (body["status"], body["code"], body["title"]) == (status, code, code)
        assert body["detail"]
        assert body["request_id"] == answer.headers["X-Request-Id"]
        assert answer.content_length == len(answer.data)


class TestFailure:
    @pytest.mark.parametrize("path", ["/fail", "/partner/fail"])
    def test_what_went_wrong_inside_is_told_to_nobody(
        self, broken: FlaskClient, capsys: pytest.CaptureFixture[str], path: str
    ) -> None:
        answer = broken.get(path)
        printed = capsys.readouterr().out
        assert answer.status_code == 500
        for text in (answer.get_data(as_text=True), printed):
            assert "13912345678" not in text
            assert "王秀英" not in text
        assert '"event": "unexpected"' in printed
        assert "RuntimeError" in printed
        assert "in fail" in printed  # where it happened can still be found
        number = help_number(answer.headers["X-Request-Id"])
        lines = [line for line in printed.splitlines() if f'"help": "{number}"' in line]
        assert [json.loads(line)["event"] for line in lines] == ["unexpected", "request"]

    def test_a_request_is_logged_by_route_alone(
        self, client: FlaskClient, loaded: Room, capsys: pytest.CaptureFixture[str]
    ) -> None:
        client.get(f"/listings/{loaded.listing_id}?name=13912345678")
        printed = capsys.readouterr().out
        assert "/listings/<int" in printed
        assert "13912345678" not in printed
        assert "127.0.0.1" not in printed

    @pytest.mark.parametrize("path", ["/directory", "/partner/v1/events"])
    def test_a_database_that_is_away_is_said_so(
        self, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, path: str
    ) -> None:
        monkeypatch.setattr(Database, "read", away)
        answer = client.get(path, headers={"Authorization": "Bearer sb_live_x"})
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "5"
        if path == "/directory":
            assert "您没有被扣款" in answer.get_data(as_text=True)
        else:
            assert answer.json["code"] == "unavailable"

    def test_also_to_staff_whose_own_account_cannot_be_read(
        self, operator: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Database, "read", away)
        assert operator.client.get("/operator/").status_code == 503


@contextmanager
def away(_database: Database) -> Iterator[None]:
    """What a lost connection looks like."""
    raise OperationalError("SELECT", {}, sqlite3.OperationalError(SECRET))
    yield


@pytest.fixture(autouse=True)
def fresh_logs() -> Iterator[None]:
    """Loggers print to the standard output of the test that makes them."""
    yield
    structlog.reset_defaults()
