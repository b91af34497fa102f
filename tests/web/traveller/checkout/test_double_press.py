"""Two presses at the same instant make one hold, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from marketplace.booking.contract import drafts
from marketplace.booking.models import Booking
from marketplace.bootstrap import Services
from marketplace.kernel.audit import TRAVELLER
from marketplace.kernel.errors import NotFound
from marketplace.kernel.unit_of_work import UnitOfWork
from tests.factories import NOW, Room
from tests.support.app import BOTH
from tests.support.booking import answers_for
from tests.web.traveller.journey import Journey

pytestmark = pytest.mark.parametrize("database_kind", BOTH)
PRESSES = 6


def keep(services: Services, room: Room, **more: object) -> None:
    answers = answers_for(room, **more)
    with services.database.write() as session:
        drafts.save(session, draft_id="draft", answers=answers, now=NOW)


def press(services: Services) -> str:
    with services.database.write() as session:
        return drafts.book(
            UnitOfWork(session, now=NOW, actor=TRAVELLER, ids=services.ids),
            drafts.BookDraft(
                draft_id="draft", address="198.51.100.1", recipient="示例森林小屋", language="zh"
            ),
            commission_bp=1000,
        )


def test_presses_at_once_make_one_hold(services: Services, loaded: Room) -> None:
    keep(services, loaded, consent_version="1")
    with ThreadPoolExecutor(PRESSES) as pool:
        made = set(pool.map(lambda _: press(services), range(PRESSES)))
    assert len(made) == 1
    with services.database.read() as session:
        assert session.scalars(sa.select(Booking.id)).all() == list(made)


def test_answers_without_consent_hold_nothing(services: Services, loaded: Room) -> None:
    keep(services, loaded)
    with pytest.raises(NotFound):
        press(services)


def test_the_whole_way_on_both_databases(journey: Journey, services: Services) -> None:
    booking_id = journey.press("alipay_ok")
    assert journey.visitor.page.path == f"/booking/{booking_id}"
    journey.visitor.open(f"/booking/{booking_id}/cancel")
    page = journey.visitor.send("refund_fen")
    assert "已取消" in page.text
