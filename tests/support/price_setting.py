"""Setting tariffs and restrictions of rooms, as an operator would."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from marketplace.bootstrap import Services
from marketplace.kernel.audit import SYSTEM
from marketplace.pricing import service
from marketplace.pricing.nights.restrictions import DayRule
from marketplace.pricing.nights.terms import Terms
from tests.factories import NOW, TODAY, Room


def restrict(services: Services, room: Room, rules: Mapping[dt.date, DayRule]) -> None:
    with services.database.write() as session:
        service.set_restrictions(
            session,
            room_type_id=room.room_type_id,
            pool_id=room.pool_id,
            rules=rules,
            actor=SYSTEM,
            now=NOW,
        )


def put(services: Services, room: Room, terms: Terms) -> None:
    with services.database.write() as session:
        service.put_tariff(
            session,
            room_type_id=room.room_type_id,
            pool_id=room.pool_id,
            terms=terms,
            actor=SYSTEM,
            today=TODAY,
            now=NOW,
        )
