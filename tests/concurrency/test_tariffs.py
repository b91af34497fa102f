"""Tariffs saved at once from forms that show the same version: one is saved, the rest are told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.kernel.audit import Actor
from marketplace.kernel.clock import SetClock
from marketplace.kernel.db import Database
from marketplace.operations import tariffs
from marketplace.pricing.models import Tariff
from tests.concurrency.rush import rush
from tests.factories import NOW, TODAY, Room, make_enterprise, make_listing, make_room

STAFF = Actor("staff", "9")
CLIENTS = 5


def make(database: Database) -> Room:
    with database.write() as session:
        listing_id = make_listing(session, enterprise_id=make_enterprise(session))
        return make_room(session, listing_id=listing_id)


def opened(database: Database, room: Room) -> tariffs.Open:
    with database.read() as session:
        return tariffs.open_tariff(
            session,
            room_type_id=room.room_type_id,
            enterprise_id=room.enterprise_id,
            today=TODAY,
        )


def forms(database: Database, room: Room) -> list[Callable[[], object]]:
    """Forms opened at one time, each with a long-stay discount of its own."""
    seen = opened(database, room)
    return [
        partial(
            tariffs.put,
            database,
            tariffs.TariffEdit(
                room.room_type_id,
                room.enterprise_id,
                rows=[
                    *tariffs.rows_of(seen.state),
                    {"rule": "tier", "nights": str(50 + number), "percent": "20"},
                ],
                fingerprint=seen.fingerprint,
            ),
            apply=True,
            actor=STAFF,
            clock=SetClock(NOW),
        )
        for number in range(CLIENTS)
    ]


def save_at_once(database: Database, room: Room) -> None:
    before = opened(database, room).number
    assert rush(forms(database, room)) == {"ok": 1, "tariff_changed": CLIENTS - 1}
    with database.read() as session:
        current = sa.select(sa.func.count()).where(
            Tariff.room_type_id == room.room_type_id, Tariff.replaced_at.is_(None)
        )
        assert session.scalar(current) == 1
    assert opened(database, room).number == before + 1


def test_of_forms_that_show_one_version_one_is_saved(database: Database) -> None:
    save_at_once(database, make(database))


def test_the_twin_that_asks_for_no_version_is_caught(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each form would undo what the one before it saved, and nobody would know."""
    room, real = make(database), tariffs.open_tariff

    def never_another(*args: Any, **wish: Any) -> tariffs.Open:
        return replace(real(*args, **wish), fingerprint="1:same")

    monkeypatch.setattr(tariffs, "open_tariff", never_another)
    with pytest.raises(AssertionError):
        save_at_once(database, room)
    assert opened(database, room).number == 1 + CLIENTS


def test_the_twin_that_locks_no_room_is_caught(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All find the version that they show, and each replaces what the one before it saved."""
    room = make(postgres_database)
    waiting = forms(postgres_database, room)
    looked, real = threading.Barrier(CLIENTS), tariffs.open_tariff

    def look_and_wait(*args: Any, **wish: Any) -> tariffs.Open:
        found = real(*args, **wish)
        looked.wait(timeout=30)
        return found

    monkeypatch.setattr(tariffs, "_lock", lambda *_: None)
    monkeypatch.setattr(tariffs, "open_tariff", look_and_wait)
    assert rush(waiting) == {"ok": CLIENTS}
