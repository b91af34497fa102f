"""Setting tariffs and restrictions of rooms, as an operator would."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Protocol

from marketplace.kernel.audit import SYSTEM
from marketplace.kernel.db import Database
from marketplace.pricing import service
from marketplace.pricing.nights.restrictions import DayRule
from marketplace.pricing.nights.terms import Terms
from tests.factories import NOW, TODAY, Room


class OnSale(Protocol):
    """Services, a desk, or whatever else keeps rooms in a database."""

    @property
    def database(self) -> Database:
        """Where they are kept."""


def restrict(site: OnSale, room: Room, rules: Mapping[dt.date, DayRule]) -> None:
    with site.database.write() as session:
        service.set_restrictions(
            session,
            room_type_id=room.room_type_id,
            pool_id=room.pool_id,
            rules=rules,
            actor=SYSTEM,
            now=NOW,
        )


def put(site: OnSale, room: Room, terms: Terms) -> None:
    with site.database.write() as session:
        service.put_tariff(
            session,
            room_type_id=room.room_type_id,
            pool_id=room.pool_id,
            terms=terms,
            actor=SYSTEM,
            today=TODAY,
            now=NOW,
        )
