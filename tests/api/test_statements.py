"""How many statements the steps of a booking take: a step more would be paid by every sale."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from marketplace.bootstrap import Services
from tests.factories import Room
from tests.support.app import BOTH
from tests.support.partner import GUEST, HOLDS, Program, stay

pytestmark = pytest.mark.parametrize("database_kind", BOTH)
BOOKKEEPING = ("BEGIN", "SAVEPOINT", "RELEASE", "SET LOCAL", "SHOW")
NUMBERING = "change_counter"
WRITES = ("INSERT", "UPDATE", "DELETE")


@contextmanager
def transactions(services: Services) -> Iterator[list[list[str]]]:
    """Collect the statements of each transaction that writes, but of those that only number."""
    engine, said, kept = services.database.write_engine, list[str](), list[list[str]]()

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(BOOKKEEPING):
            said.append(statement)

    def end(_connection: object) -> None:
        numbers = any(NUMBERING in statement for statement in said)
        if not numbers and any(statement.startswith(WRITES) for statement in said):
            kept.append(said[:])
        said.clear()

    heard = {"before_cursor_execute": note, "commit": end, "rollback": end}
    for name, listener in heard.items():
        sa.event.listen(engine, name, listener)
    try:
        yield kept
    finally:
        for name, listener in heard.items():
            sa.event.remove(engine, name, listener)


MOST = {
    "quote": (5, 5),
    "hold": (14, 14),
    "another": (15, 16),
    "extend": (11, 11),
    "confirm": (13, 13),
    "cancel": (24, 25),
}
"""Of the one transaction of a step, on SQLite and on PostgreSQL; docs/benchmarks.md names them."""


def test_no_step_takes_a_statement_more(partner: Program, services: Services, loaded: Room) -> None:
    database = services.database
    partner.post(f"{HOLDS}/{partner.held(loaded)}/confirm", GUEST)  # its accounts are there now
    path = HOLDS
    for step, at, body in (
        ("quote", "/partner/v1/stays/quote", stay(loaded)),
        ("hold", HOLDS, stay(loaded) | {"external_ref": "A-1", "arrive": "2027-06-20"}),
        ("another", HOLDS, stay(loaded) | {"external_ref": "A-2"}),
        ("extend", "/extend", {}),
        ("confirm", "/confirm", GUEST),
        ("cancel", "/cancel", {}),
    ):
        with transactions(services) as said:
            first = partner.post(at if at.startswith("/partner") else path + at, body, once=step)
        assert first.status_code < 300
        assert len(said) == 1, said
        assert len(said[0]) <= MOST[step][not database.is_sqlite], said
        with transactions(services) as said:
            again = partner.post(at if at.startswith("/partner") else path + at, body, once=step)
        assert again.data == first.data
        # Its name, and what was answered.
        assert [len(each) for each in said] == [2]
        path = f"{HOLDS}/{first.json['id']}" if step == "hold" else path
