"""The kit carries another surface: its own door over signed bytes, views, problems and words."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from marketplace.kernel import wishes
from marketplace.kernel.errors import NotFound
from marketplace.kernel.wishes import Answer, Voice, Wish
from marketplace.web.api import request_models
from marketplace.web.api.authentication import Door
from marketplace.web.api.bodies import sent
from marketplace.web.api.openapi import describe
from marketplace.web.api.operations import Access, Operation, operation, unsaid
from marketplace.web.api.problems import EVERYWHERE, POSTING, Problem, Told
from marketplace.web.api.surface import PathParameter, Surface
from marketplace.web.context import now

SECRET = b"a secret of the two"
PROBLEMS = (
    EVERYWHERE
    | POSTING
    | {"not_found": Told(404, "没有这一项，或者不是您的：两种情况看起来一样。")}
)
SENT = b'\xef\xbb\xbf{ "kind" : "full",\n  "seats":2.0 }'
"""A body as no writer of JSON would write it again."""


@dataclass(frozen=True)
class Desk:
    """A caller of a surface that has nothing to do with partners."""

    number: int
    per_minute: int = 100

    @property
    def counted_as(self) -> tuple[str, ...]:
        return ("desk", str(self.number))

    @property
    def scope(self) -> str:
        return f"desk:{self.number}"


class Booth(BaseModel):
    """What this surface answers."""

    number: int
    seats: int
    sent: str = ""


class Asked(request_models.Query):
    """What this surface is asked."""

    words = {"seats": "请写 1 到 9 之间的房间数"}  # noqa: RUF012 - a class of pydantic's
    seats: int = Field(1, ge=1, le=9)


class Taken(request_models.Body):
    """What is sent to this surface."""

    kind: str
    seats: int


class Unheard(BaseModel):
    """What the description does not tell of."""


@dataclass(frozen=True)
class Take:
    """What can be asked for."""

    kind: str
    seats: int
    bytes_sent: str


def said(command: Take) -> BaseModel:
    """What is said of a booth that was taken."""
    if command.kind == "odd":
        return Unheard()
    return Booth(number=7, seats=command.seats, sent=command.bytes_sent)


def run(session: Session, command: Take, wish: Wish | None, voice: Voice[Take]) -> Answer:
    """Take the booth that is asked for, once a wish."""

    def effect() -> Take:
        assert session.in_transaction()
        return command

    return wishes.once(session, wish, effect=effect, voice=voice, now=now())


def views(**sabotage: Any) -> ModuleType:
    """A module of two views, as ``marketplace/web/<surface>/booths.py`` would be one."""
    module = ModuleType("booths")

    @operation(
        method="get",
        path="/booths/v1/{number}",
        name="getBooth",
        summary="One booth",
        takes=Asked,
        answers={200: Booth},
        refuses=("not_found",),
        tagged=True,
    )
    def booth(query: Asked, number: int) -> Booth:
        if number != 1:
            raise NotFound
        return Booth(number=number, seats=query.seats)

    @operation(
        **{
            "method": "post",
            "path": "/booths/v1",
            "name": "takeBooth",
            "summary": "Take a booth",
            "access": Access.WRITING,
            "takes": Taken,
            "answers": {201: Booth},
            "said": said,
        }
        | sabotage
    )
    def take(body: Taken) -> Take:
        return Take(body.kind, body.seats, sent().raw.hex())

    for view in (booth, take):
        view.__module__ = module.__name__
        setattr(module, view.__name__, view)
    return module


def signed() -> Desk | None:
    """The door: whoever signs the bytes of the body with the secret is desk 4."""
    own = hmac.new(SECRET, sent().raw, hashlib.sha256).hexdigest()
    return Desk(4) if hmac.compare_digest(own, request.headers.get("Signature", "")) else None


def surface(**sabotage: Any) -> Surface:
    return Surface(
        name="booths",
        begins=("/booths/",),
        door=Door(realm="booths", authenticate=signed, note_use=lambda _: None),
        chapters={"booths": (views(**sabotage),)},
        run=run,
        parameters={"number": PathParameter("int", {"type": "integer"})},
        problems=PROBLEMS,
        problem=Problem,
    )


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.register_blueprint(surface().blueprint({}))
    return app.test_client()


Send = Callable[..., TestResponse]


@pytest.fixture
def send(client: FlaskClient) -> Send:
    def ask(path: str, body: bytes = b"", key: str = "k1") -> TestResponse:
        headers = {"Signature": hmac.new(SECRET, body, hashlib.sha256).hexdigest()}
        if not body:
            return client.get(path, headers=headers)
        headers["Idempotency-Key"] = key
        return client.post(path, data=body, content_type="application/json", headers=headers)

    return ask


def test_the_door_and_the_view_read_the_bytes_that_were_signed(send: Send) -> None:
    made = send("/booths/v1", SENT)
    assert made.status_code == 201
    assert made.json == {"number": 7, "seats": 2, "sent": SENT.hex()}
    assert made.headers["RateLimit-Policy"] == '"per-key";q=100;w=60'


def test_other_bytes_do_not_pass_the_door(client: FlaskClient) -> None:
    headers = {"Signature": hmac.new(SECRET, SENT, hashlib.sha256).hexdigest()}
    refused = client.post("/booths/v1", data=SENT + b" ", headers=headers)
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == 'Bearer realm="booths"'


def test_a_post_has_one_effect_a_key(send: Send) -> None:
    first = send("/booths/v1", SENT)
    again = send("/booths/v1", SENT.removeprefix(b"\xef\xbb\xbf"))
    assert (again.status_code, again.data) == (201, first.data)
    assert again.headers["Idempotent-Replayed"] == "true"


def test_a_get_is_checked_and_tagged(send: Send) -> None:
    found = send("/booths/v1/1?seats=3")
    assert found.json == {"number": 1, "seats": 3, "sent": ""}
    assert found.headers["ETag"].startswith("W/")
    assert send("/booths/v1/2").json["code"] == "not_found"
    refused = send("/booths/v1/1?seats=10")
    assert (refused.status_code, list(refused.json["fields"])) == (422, ["seats"])
    assert send("/booths/v1/1?seats=1&seats=1").status_code == 422
    assert send("/booths/v1?seats=1", SENT).json["code"] == "invalid"


def test_whatever_goes_wrong_is_told_to_a_program(client: FlaskClient) -> None:
    lost = client.get("/booths/nowhere", headers={"Accept-Language": "fr"})
    assert (lost.status_code, lost.content_type) == (404, "application/problem+json")
    assert lost.headers["Content-Language"] == "en"
    elsewhere = client.get("/boothsnowhere")
    assert (elsewhere.status_code, elsewhere.mimetype) == (404, "text/html")


def test_it_is_described() -> None:
    told = json.loads(describe(surface(), info={"title": "Booths", "version": "1"}, figures={}))
    assert {path: list(verbs) for path, verbs in told["paths"].items()} == {
        "/booths/v1/{number}": ["get"],
        "/booths/v1": ["post"],
    }
    codes = told["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]
    assert codes == sorted(PROBLEMS)


def test_an_answer_that_is_not_told_is_none_and_nothing_is_kept(send: Send) -> None:
    odd = SENT.replace(b"full", b"odd")
    assert send("/booths/v1", odd).status_code == 500
    assert send("/booths/v1", SENT).status_code == 201, "the key is free"


@pytest.mark.parametrize(
    "sabotage",
    [
        {"method": "get", "access": Access.READING},
        {"method": "get", "access": Access.WRITING, "takes": Asked},
        {"method": "put"},
        {"takes": None},
        {"takes": Asked},
        {"answers": {}},
        {"said": unsaid},
        {"tagged": True},
        {"refuses": ("gone_fishing",)},
        {"path": "/booths/v1/{unknown}"},
    ],
)
def test_what_does_not_fit_together_stops_the_program(sabotage: dict[str, Any]) -> None:
    with pytest.raises((ValueError, KeyError)):
        surface(**sabotage).blueprint({})


def test_a_view_stays_a_plain_function() -> None:
    take = views().take
    assert isinstance(take.operation, Operation)
    assert take.operation.keyed
    assert take.__name__ == "take"
