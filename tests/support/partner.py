"""A partner's program, as the tests of the API play it."""

from __future__ import annotations

import itertools
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from marketplace.bootstrap import Services
from marketplace.kernel.audit import SYSTEM
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.partners import keys
from tests.factories import Room
from tests.support.described import as_described

HOLDS = "/partner/v1/stays/holds"
GUEST = {"lead_guest": {"name": "王秀英", "phone": "138 0013 8000"}}
_number = itertools.count(1)


def issue(services: Services, name: str = "北方旅行", **wish: Any) -> str:
    """Issue a key and return it."""
    with services.database.write() as session:
        work = UnitOfWork(session, services.clock.now(), SYSTEM, services.ids)
        return keys.issue(work, keys.NewKey(name, **wish))


class Program:
    """Calls the API with one key; every POST has a fresh idempotency key unless one is given.

    Every answer is held against the description of the API.
    """

    def __init__(self, app: Flask, key: str) -> None:
        self.app = app
        self.key = key
        self.client: FlaskClient = app.test_client()

    def get(self, path: str, **headers: str) -> TestResponse:
        return as_described(self.app, self.client.get(path, headers=self._headers(headers)))

    def post(self, path: str, body: Any = None, *, once: str = "", **headers: str) -> TestResponse:
        given = {"Idempotency-Key": once or f"key-{next(_number)}"} | headers
        answer = self.client.post(path, json=body or {}, headers=self._headers(given))
        return as_described(self.app, answer)

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"} | more

    def hold(self, room: Room, **wish: Any) -> TestResponse:
        """Hold a stay, under a reference of its own unless one is given."""
        return self.post(HOLDS, stay(room) | {"external_ref": f"R-{next(_number)}"} | wish)

    def held(self, room: Room, **wish: Any) -> str:
        """Hold a stay that can be held, and return its id."""
        answer = self.hold(room, **wish)
        assert answer.status_code == 201, answer.get_data(as_text=True)
        return str(answer.json["id"])

    def confirmed(self, room: Room, **wish: Any) -> str:
        """Hold and confirm a stay, and return its id."""
        booking_id = self.held(room, **wish)
        assert self.post(f"{HOLDS}/{booking_id}/confirm", GUEST).status_code == 200
        return booking_id


def stay(room: Room) -> dict[str, Any]:
    """Two nights for two from 10 June: 40,000 fen in the rooms of the factories."""
    return {
        "room_type": room.room_type_id,
        "arrive": "2027-06-10",
        "nights": 2,
        "rooms": 1,
        "adults": 2,
        "children_ages": [],
    }


def code(answer: TestResponse) -> tuple[int, str]:
    """Return status and problem code of a refusal."""
    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == answer.status_code
    return answer.status_code, answer.json["code"]
