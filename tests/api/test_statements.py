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


@contextmanager
def counted(services: Services) -> Iterator[list[str]]:
    """Collect the statements of the transactions that write."""
    said: list[str] = []
    engine = services.database.write_engine

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(BOOKKEEPING):
            said.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


MOST = {"quote": 11, "hold": 36, "extend": 18, "confirm": 28, "cancel": 37}
"""Of one step, its authentication with it."""
MOST_AGAIN = 4
"""Of a step that is sent again: who asks, and what was answered."""


def test_no_step_takes_a_statement_more(partner: Program, services: Services, loaded: Room) -> None:
    path = f"{HOLDS}/{partner.held(loaded)}"
    for step, at, body in (
        ("quote", "/partner/v1/stays/quote", stay(loaded)),
        ("hold", HOLDS, stay(loaded) | {"external_ref": "A-1"}),
        ("extend", f"{path}/extend", {}),
        ("confirm", f"{path}/confirm", GUEST),
        ("cancel", f"{path}/cancel", {}),
    ):
        with counted(services) as said:
            first = partner.post(at, body, once=step)
        assert first.status_code < 300
        assert len(said) <= MOST[step], said
        with counted(services) as said:
            again = partner.post(at, body, once=step)
        assert again.data == first.data
        assert len(said) <= MOST_AGAIN, said
