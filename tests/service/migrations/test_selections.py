"""Prices that were given are honoured across the change of how they say what was chosen."""

from __future__ import annotations

import datetime as dt
import json

import pytest
import sqlalchemy as sa
from alembic import command

from marketplace.kernel.db import Database
from marketplace.kernel.stay import Stay
from marketplace.operations import schema
from marketplace.pricing import saved_quotes
from marketplace.pricing.nights.quote import Ask, quote
from marketplace.pricing.nights.selection import Party, StaySelection
from marketplace.pricing.nights.terms import Board, BoardPrice, Terms
from tests.factories import TODAY
from tests.support.booking import Desk, make_desk

BEFORE = "0032_payment_uses"
STAY = Stay.of(TODAY + dt.timedelta(days=40), 7)
TERMS = Terms(
    boards=(BoardPrice(Board.BREAKFAST, 2_000, 1_000),), most_extra_beds=1, extra_bed_fen=5_000
)


def chosen(desk: Desk, **more: object) -> StaySelection:
    facts: dict[str, object] = {"rooms": 1, "party": Party(2)} | more
    return StaySelection(desk.room.room_type_id, STAY, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("more", "asked"),
    [
        ({}, {"rooms": 1, "adults": 2}),
        (
            {"rooms": 2, "party": Party(3, (4, 9)), "board": Board.BREAKFAST, "extra_beds": 1},
            {
                "rooms": 2,
                "adults": 3,
                "children_ages": [4, 9],
                "board": "breakfast",
                "extra_beds": 1,
            },
        ),
    ],
)
def test_a_price_given_is_the_same_down_and_up_again(
    database: Database, more: dict[str, object], asked: dict[str, object]
) -> None:
    desk = make_desk(database)
    selection = chosen(desk, **more)
    made = quote(
        ask=Ask.of(selection, booked_on=TODAY),
        rates=dict.fromkeys(STAY.days(), 20_000),
        terms=TERMS,
    )
    with database.write() as session:
        given = saved_quotes.give(
            session,
            stay=saved_quotes.quoted_stay(desk.room.listing_id, [(selection, None, made)]),
            holder="web",
            ids=desk.ids,
            now=desk.clock.now(),
        )
    command.downgrade(schema.config_for(database.url), BEFORE)
    with database.read() as session:
        told = json.loads(session.scalars(sa.text("SELECT ask FROM stay_quote")).one())
    assert told == asked | {
        "stay": {"check_in": STAY.check_in.isoformat(), "check_out": STAY.check_out.isoformat()},
        "booked_on": TODAY.isoformat(),
    }
    schema.upgrade(database.url)
    with database.read() as session:
        now = desk.clock.now()
        assert saved_quotes.given(session, quote_id=given.id, holder="web", now=now) == given


def test_defaults_that_were_not_written_are_read(database: Database) -> None:
    """Two adults in one room were the defaults of what was asked."""
    desk = make_desk(database)
    made = quote(ask=Ask(STAY, TODAY), rates=dict.fromkeys(STAY.days(), 20_000), terms=Terms())
    with database.write() as session:
        given = saved_quotes.give(
            session,
            stay=saved_quotes.quoted_stay(desk.room.listing_id, [(chosen(desk), None, made)]),
            holder="web",
            ids=desk.ids,
            now=desk.clock.now(),
        )
    command.downgrade(schema.config_for(database.url), BEFORE)
    bare = {"stay": {"check_in": str(STAY.check_in), "check_out": str(STAY.check_out)}}
    with database.write() as session:
        text = json.dumps(bare | {"booked_on": str(TODAY)})
        session.execute(sa.text("UPDATE stay_quote SET ask = :text"), {"text": text})
    schema.upgrade(database.url)
    with database.read() as session:
        now = desk.clock.now()
        assert saved_quotes.given(session, quote_id=given.id, holder="web", now=now) == given
