"""Stock that is no room leaves the matrix of rooms alone."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from marketplace.inventory.calendar import CalendarEdit, apply
from marketplace.inventory.claim_changes import reshape
from marketplace.inventory.models import ClaimKind
from marketplace.inventory.service import Want, give_back, take
from marketplace.kernel import changes
from marketplace.kernel.audit import Actor
from marketplace.kernel.db import Database
from marketplace.kernel.stay import Stay
from marketplace.offers.matrix import matrix_loading
from tests.factories import NOW, TODAY, make_slot
from tests.support.booking import make_desk

STAFF = Actor("staff", "1")


def test_places_of_an_activity_are_none_of_the_matrix_business(database: Database) -> None:
    desk = make_desk(database)
    with desk.database.write() as session:
        slot = make_slot(session, enterprise_id=desk.room.enterprise_id)
    changes.sequence(desk.database)
    with desk.database.read() as session:
        matrix = matrix_loading.build(session, today=TODAY)
    version, known = matrix.version, matrix.pools.pool_ids.tolist()
    edit = CalendarEdit(slot.pool_id, TODAY, TODAY + dt.timedelta(days=9), capacity=20)
    whole = {"kind": ClaimKind.BLOCK, "holder": "b" * 32, "now": NOW}
    with desk.database.write() as session:
        apply(session, edit=edit, actor=STAFF, now=NOW)
        take(session, wants=[Want(slot.pool_id, Stay.of(TODAY, 1), 2)], **whole)
        reshape(session, wants=[Want(slot.pool_id, Stay.of(TODAY, 2), 2)], **whole)
        assert give_back(session, holder="b" * 32, now=NOW) == 1
    changes.sequence(desk.database)
    asked: list[str] = []
    with desk.database.read() as session:
        log = changes.since(session, matrix.cursor, kinds=(changes.STOCK, changes.PLACES))
        assert [(change.kind, change.entity_id) for change in log] == [
            (changes.PLACES, str(slot.pool_id))
        ] * 4

        @sa.event.listens_for(session.connection(), "before_cursor_execute")
        def note(_c: object, _k: object, statement: str, *_rest: object) -> None:
            asked.append(statement)

        assert matrix_loading.refresh(session, matrix, today=TODAY) is matrix
    assert [statement for statement in asked if "stock_" in statement] == []
    assert (matrix.version, matrix.pools.pool_ids.tolist()) == (version, known)
