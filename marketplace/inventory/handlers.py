"""What the stock does when the directory has news."""

from __future__ import annotations

from typing import Protocol

from catalog.effects import ListingAccepted
from marketplace.inventory import pool_setup
from marketplace.kernel.clock import Clock, shanghai_date
from marketplace.kernel.db import Database


class Tools(Protocol):
    """What the handlers work with."""

    @property
    def database(self) -> Database:
        """Where stock stands."""
        ...

    @property
    def clock(self) -> Clock:
        """Tells the moment."""
        ...


def open_calendars(tools: Tools, accepted: ListingAccepted) -> None:
    """Give what an accepted listing sells its calendars, without units or prices yet."""
    now = tools.clock.now()
    with tools.database.write() as session:
        pool_setup.ensure_pools(
            session, listing_id=accepted.listing_id, today=shanghai_date(now), now=now
        )
