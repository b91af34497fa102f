"""Prices that were given, and tariffs, are the same under the owners that they have now."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy.exc import IntegrityError

from marketplace.kernel.db import Database
from marketplace.kernel.stay import Stay
from marketplace.operations import schema
from marketplace.pricing import saved_quotes
from marketplace.pricing.models import GivenQuote, Tariff
from marketplace.pricing.nights.quote import Ask, quote
from marketplace.pricing.nights.selection import Party, StaySelection
from marketplace.pricing.nights.terms import Terms, write_terms
from marketplace.pricing.saved_quotes import GivenStay
from tests.factories import NOW, TODAY
from tests.support.booking import Desk, make_desk

BEFORE = "0036_change_selections"
STAY = Stay.of(TODAY + dt.timedelta(days=40), 7)
OF_TARIFFS = "SELECT id, room_type_id, terms, made_at, replaced_at FROM tariff ORDER BY id"


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database)


def give(desk: Desk, tariff_id: int | None, *parties: Party) -> GivenStay:
    chosen = [StaySelection(desk.room.room_type_id, STAY, 1, party) for party in parties]
    rates = dict.fromkeys(STAY.days(), 20_000)
    with desk.database.write() as session:
        return saved_quotes.give(
            session,
            stay=saved_quotes.quoted_stay(
                desk.room.listing_id,
                [
                    (
                        each,
                        tariff_id,
                        quote(ask=Ask.of(each, booked_on=TODAY), rates=rates, terms=Terms()),
                    )
                    for each in chosen
                ],
            ),
            holder="web",
            ids=desk.ids,
            now=desk.clock.now(),
        )


def rows(desk: Desk, statement: str) -> list[Any]:
    with desk.database.read() as session:
        return list(session.execute(sa.text(statement)).all())


def ids(desk: Desk) -> set[str]:
    with desk.database.read() as session:
        return set(session.scalars(sa.select(GivenQuote.id)))


def test_down_and_up_again_a_price_of_one_room_is_honoured_and_a_tariff_counts(
    desk: Desk,
) -> None:
    tariffs = rows(desk, OF_TARIFFS)
    one = give(desk, tariffs[0].id, Party(2, (4,)))
    bare = give(desk, None, Party(1))
    give(desk, None, Party(2), Party(1))
    with desk.database.write() as session:
        session.add(
            Tariff(listing_id=desk.room.listing_id, terms=write_terms(Terms()), made_at=NOW)
        )
    command.downgrade(schema.config_for(desk.database.url), BEFORE)
    assert rows(desk, OF_TARIFFS) == tariffs, "only rooms had tariffs"
    told = "SELECT room_type_id, tariff_id FROM stay_quote ORDER BY tariff_id IS NULL"
    room = desk.room.room_type_id
    assert rows(desk, told) == [(room, tariffs[0].id), (room, None)]
    schema.upgrade(desk.database.url)
    assert rows(desk, OF_TARIFFS) == tariffs
    assert ids(desk) == {one.id, bare.id}, "a price of several rooms had no place before"
    for each in (one, bare):
        with desk.database.read() as session:
            now = desk.clock.now()
            kept = saved_quotes.given(session, quote_id=each.id, holder="web", now=now)
        assert kept == each


@pytest.mark.parametrize("owners", [(), ("room_type_id", "listing_id")])
def test_a_tariff_has_exactly_one_owner(desk: Desk, owners: tuple[str, ...]) -> None:
    of = {"room_type_id": desk.room.room_type_id, "listing_id": desk.room.listing_id}
    wrong = Tariff(
        **{name: of[name] for name in owners},
        terms=write_terms(Terms()),
        made_at=NOW,
        replaced_at=NOW,
    )
    with pytest.raises(IntegrityError), desk.database.write() as session:
        session.add(wrong)


@pytest.mark.parametrize("owner", ["room_type_id", "listing_id"])
def test_one_version_counts_of_each_owner(desk: Desk, owner: str) -> None:
    of = {owner: getattr(desk.room, owner)}

    def add() -> None:
        with desk.database.write() as session:
            session.add(Tariff(**of, terms=write_terms(Terms()), made_at=NOW))

    if owner == "listing_id":  # the room has one already
        add()
    with pytest.raises(IntegrityError):
        add()
