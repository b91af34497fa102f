"""What was answered under a key is answered again after the table has changed, byte for byte."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from flask import Flask

from marketplace.bootstrap import Services
from marketplace.kernel import wishes
from marketplace.kernel.wishes import Answer, Wish
from marketplace.operations import schema
from tests.factories import NOW, Room
from tests.support.app import BOTH
from tests.support.partner import HOLDS, Program, issue, stay

pytestmark = pytest.mark.parametrize("database_kind", BOTH)

BEFORE = "0029_payables"
OF_AN_OPERATOR = Wish("operator:7", "block:9", print_="")
FOR_GOOD = Wish("partner:1:live:stays", "for good", "a" * 64, kept=None)


def rows(services: Services, query: str) -> list[Any]:
    with services.database.read() as session:
        return [*map(tuple, session.execute(sa.text(query)))]


def test_answers_are_given_again_up_and_down_and_up_again(
    app: Flask, services: Services, loaded: Room
) -> None:
    live, trial = Program(app, issue(services)), Program(app, issue(services, test=True))
    asked = {
        program: [
            (wish, key, program.post(HOLDS, wish, once=key))
            for key, wish in (
                ("k1", stay(loaded) | {"external_ref": "A-1"}),
                ("k2", stay(loaded) | {"external_ref": "A-1", "nights": 3}),
                ("k3", stay(loaded) | {"nights": 0}),
            )
        ]
        for program in (live, trial)
    }
    with services.database.write() as session:
        for wish in (OF_AN_OPERATOR, FOR_GOOD):
            wishes.begin(session, wish, now=NOW)
            wishes.keep(session, wish, Answer(201, b"9"))
    config = schema.config_for(services.database.url)
    kept = rows(services, "SELECT scope, key, print, status, body, made_at, expires_at FROM wish")

    command.downgrade(config, BEFORE)
    former = rows(services, "SELECT scope, key, fingerprint, status FROM idempotency_key")
    assert len(former) == 7, "what was kept for good had no place"
    assert {row[0] for row in former} == {"partner:1:live", "partner:1:test", "operator:7"}

    schema.upgrade(services.database.url)
    after = rows(services, "SELECT scope, key, print, status, body, made_at, expires_at FROM wish")
    assert sorted(after) == sorted(row for row in kept if row[1] != FOR_GOOD.key)
    for program, answers in asked.items():
        assert [answer.status_code for _, _, answer in answers] == [201, 409, 422]
        for wish, key, first in answers:
            again = program.post(HOLDS, wish, once=key)
            assert (again.status_code, again.data) == (first.status_code, first.data)
            assert again.headers["Idempotent-Replayed"] == "true"
    with services.database.write() as session:
        assert wishes.begin(session, OF_AN_OPERATOR, now=NOW) == Answer(201, b"9")
