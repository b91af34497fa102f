"""Values of a known shape in JSON columns."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, make_dataclass

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from marketplace.kernel.typed_json import EncryptedJson, TypedJson

DIALECT = sqlite.dialect()


@dataclass(frozen=True)
class Room:
    name: str
    since: dt.date
    ages: tuple[int, ...] = ()


SUITE = Room("家庭套房", dt.date(2027, 6, 1), (4, 9))


@pytest.mark.parametrize("column", [TypedJson(Room), EncryptedJson("room.facts", Room)])
@pytest.mark.parametrize("room", [SUITE, Room("单间", dt.date(2028, 2, 29))])
def test_what_is_written_is_read_as_the_same_value(
    column: TypedJson | EncryptedJson, room: Room
) -> None:
    stored = column.process_bind_param(room, DIALECT)
    assert isinstance(stored, str)
    assert column.process_result_value(stored, DIALECT) == room
    assert ("套房" in stored) == (isinstance(column, TypedJson) and room is SUITE)


def test_a_field_with_a_default_that_is_added_makes_no_row_differ() -> None:
    """Rows from before are read, and what they say is written as they say it."""
    fields = [("name", str), ("since", dt.date), ("ages", tuple[int, ...], ())]
    newer = make_dataclass("Room", [*fields, ("lift", bool, False)], frozen=True)
    old, column = TypedJson(Room).process_bind_param(SUITE, DIALECT), TypedJson(newer)
    read = column.process_result_value(old, DIALECT)
    assert read == newer(SUITE.name, SUITE.since, SUITE.ages)
    assert column.process_bind_param(read, DIALECT) == old


def test_sql_compares_no_texts() -> None:
    facts = sa.column("facts", TypedJson(Room))
    for compare in (lambda: facts == SUITE, lambda: facts.in_([SUITE]), lambda: facts != "{}"):
        with pytest.raises(TypeError, match="compared in Python"):
            compare()


def test_what_is_not_there_stays_so() -> None:
    """An outer join that found nothing, and facts that were erased."""
    assert TypedJson(Room).process_result_value(None, DIALECT) is None
    column = EncryptedJson("room.facts", Room)
    assert column.process_bind_param(None, DIALECT) is None
    assert column.process_result_value(None, DIALECT) is None
