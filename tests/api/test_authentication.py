"""Keys, limits and headers: what holds for every answer of the API."""

from __future__ import annotations

import re
import sqlite3

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.bootstrap import Services
from marketplace.partners import keys
from tests.factories import Room
from tests.support.partner import HOLDS, Program, code, issue, stay

FEED = "/partner/v1/feed/listings"
GUARDED = [
    ("GET", FEED),
    ("GET", "/partner/v1/listings/1"),
    ("GET", "/partner/v1/events"),
    ("GET", "/partner/v1/stays/availability?arrive=2027-06-10&nights=2"),
    ("GET", "/partner/v1/stays/1/ari?from=2027-06-10&to=2027-06-12"),
    ("GET", "/partner/v1/bookings?external_ref=A"),
    ("GET", f"/partner/v1/bookings/{'0' * 32}"),
    ("POST", f"/partner/v1/bookings/{'0' * 32}/rehousing/accept"),
    ("POST", f"/partner/v1/bookings/{'0' * 32}/rehousing/decline"),
    ("GET", f"{HOLDS}/{'0' * 32}"),
    ("POST", "/partner/v1/stays/quote"),
    ("POST", HOLDS),
    ("POST", f"{HOLDS}/{'0' * 32}/confirm"),
    ("POST", f"{HOLDS}/{'0' * 32}/extend"),
    ("POST", f"{HOLDS}/{'0' * 32}/cancel-quote"),
    ("POST", f"{HOLDS}/{'0' * 32}/cancel"),
]


@pytest.mark.parametrize(("method", "path"), GUARDED)
@pytest.mark.parametrize("header", [None, "Bearer ", "Bearer sbj_live_x", "Basic eDp5"])
def test_nothing_opens_without_a_key(
    client: FlaskClient, method: str, path: str, header: str | None
) -> None:
    headers = {"Authorization": header} if header else {}
    answer = client.open(path, method=method, headers=headers)
    assert code(answer) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_the_list_above_is_complete(app: Flask) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/partner")]
    adapter = app.url_map.bind("localhost")
    matched = {adapter.match(path.split("?")[0], method)[0] for method, path in GUARDED}
    assert matched == {rule.endpoint for rule in rules}


def test_a_revoked_key_is_shut_out_at_once(partner: Program, services: Services) -> None:
    assert partner.get(FEED).status_code == 200
    with services.database.write() as session:
        keys.revoke(session, name="北方旅行", test=False, now=services.clock.now())
    assert code(partner.get(FEED)) == (401, "unauthenticated")


def test_the_limit_of_a_key_is_told_and_kept(app: Flask, services: Services) -> None:
    slow = Program(app, issue(services, per_minute=2))
    first, second, third = (slow.get(FEED) for _ in range(3))
    assert first.headers["RateLimit-Policy"] == '"per-key";q=2;w=60'
    assert first.headers["RateLimit"].startswith('"per-key";r=1;t=')
    assert second.headers["RateLimit"].startswith('"per-key";r=0;t=')
    assert code(third) == (429, "too_many_requests")
    assert 1 <= int(third.headers["Retry-After"]) <= 60
    other = Program(app, issue(services, "别家"))
    assert other.get(FEED).status_code == 200, "one key's limit is not another's"


def test_a_limit_that_cannot_be_counted_shuts_nobody_out(
    partner: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> int:
        raise sqlite3.OperationalError("disk full")

    monkeypatch.setattr("marketplace.web.protection.limits.FileStorage.add", fail)
    answer = partner.get(FEED)
    assert answer.status_code == 200
    assert "RateLimit" not in answer.headers


def test_a_request_over_the_limit_is_not_kept_under_its_key(
    app: Flask, services: Services, loaded: Room
) -> None:
    slow = Program(app, issue(services, per_minute=1))
    slow.get(FEED)
    assert code(slow.post(HOLDS, stay(loaded) | {"external_ref": "A"}, once="k"))[0] == 429
    fast = Program(app, issue(services, rotate=True))
    made = fast.post(HOLDS, stay(loaded) | {"external_ref": "A"}, once="k")
    assert made.status_code == 201
    assert "Idempotent-Replayed" not in made.headers


@pytest.mark.parametrize(
    ("asked", "chinese"),
    [
        (None, False),
        ("en", False),
        ("zh-CN", True),
        ("zh-Hans-CN,en;q=0.5", True),
        ("fr", False),
        ("fr,zh;q=0.5", True),
        ("fr,zh;q=0.5,en;q=0.7", False),
        ("en,zh;q=0.9", False),
        ("zh;q=0", False),
        ("*", False),
        ("", False),
    ],
)
def test_details_are_english_unless_chinese_is_asked_for(
    client: FlaskClient, asked: str | None, chinese: bool
) -> None:
    headers = {"Accept-Language": asked} if asked else {}
    answer = client.get(FEED, headers=headers)
    has_chinese = any("一" <= symbol <= "鿿" for symbol in answer.json["detail"])
    assert has_chinese is chinese
    assert answer.headers["Content-Language"] == ("zh-CN" if chinese else "en")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"{FEED}?limit=%00"),
        ("GET", "/partner/v1/%00"),
        ("GET", "/partner/v1/nothing"),
        ("DELETE", FEED),
        ("POST", "/openapi.json"),
        ("POST", HOLDS),
        ("GET", "/partner/v1/listings/99999999999999999999"),
    ],
)
@pytest.mark.parametrize("asked", ["", "zh-CN"])
def test_every_refusal_is_in_the_language_asked_for_key_or_none(
    partner: Program, method: str, path: str, asked: str
) -> None:
    for headers in ({}, {"Authorization": f"Bearer {partner.key}"}):
        told = partner.client.open(
            path, method=method, headers=headers | {"Accept-Language": asked}
        )
        assert told.status_code >= 400
        assert told.content_type == "application/problem+json"
        has_chinese = any("一" <= symbol <= "鿿" for symbol in told.json["detail"])
        assert has_chinese is bool(asked), told.json


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/partner/v1/listings/1"),
        ("GET", f"{HOLDS}/{'0' * 32}"),
        ("GET", f"/partner/v1/bookings/{'0' * 32}"),
        ("POST", HOLDS),
        ("POST", "/partner/v1/stays/quote"),
    ],
)
def test_a_query_where_none_is_taken_is_named(partner: Program, method: str, path: str) -> None:
    headers = {"Authorization": f"Bearer {partner.key}"}
    told = partner.client.open(f"{path}?nights=2", method=method, headers=headers)
    assert code(told) == (422, "invalid")
    assert list(told.json["fields"]) == ["nights"]


def test_every_answer_says_how_long_it_is(partner: Program, loaded: Room) -> None:
    answers = [partner.client.open(path, method=method) for method, path in GUARDED]
    answers += [partner.get(path) for method, path in GUARDED if method == "GET"]
    answers += [partner.hold(loaded), partner.hold(loaded, nights=0), partner.get("/partner/v1/no")]
    for answer in answers:
        assert int(answer.headers["Content-Length"]) == len(answer.data) > 0


def test_an_unknown_path_is_a_problem_document(partner: Program) -> None:
    nothing, wrong = partner.get("/partner/v1/nothing"), partner.client.delete(FEED)
    assert code(nothing) == (404, "not_found")
    assert code(wrong) == (405, "method_not_allowed")
    for answer in (nothing, wrong):
        assert answer.headers["Content-Language"] == "en"
        said = answer.json["detail"]
        assert not {"page", "reload", "button", "home"} & set(re.findall("[a-z]+", said.lower()))
    assert "/openapi.json" in nothing.json["detail"]
    assert "Allow" in wrong.json["detail"]


def test_no_cache_may_show_one_partners_view_to_another(partner: Program, loaded: Room) -> None:
    assert partner.get(FEED).headers["Cache-Control"] == "private, no-cache"
    booking_id = partner.held(loaded)
    assert partner.get(f"{HOLDS}/{booking_id}").headers["Cache-Control"] == "no-store"
