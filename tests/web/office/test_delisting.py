"""Delisting through the pages: two people, one reason, and a trail."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from catalog import service
from catalog.models import Enterprise
from catalog.office.models import Delisting
from catalog.states import EnterpriseStatus
from marketplace.bootstrap import Services
from tests.factories import NOW
from tests.support.review import Counter
from tests.support.staff import Browser, House


@pytest.fixture
def entry(services: Services, house: House, counter: Counter) -> str:
    """The page of the house, which is suspended."""
    actor = counter.actor("clerk")
    with services.database.write() as session:
        service.suspend(
            session,
            enterprise_id=house.room.enterprise_id,
            reason="消防检查没有通过",
            actor=actor,
            now=NOW,
        )
        code = session.get_one(Enterprise, house.room.enterprise_id).code
    return f"/office/enterprises/{code}"


def proposal(services: Services) -> int:
    with services.database.read() as session:
        return session.scalars(sa.select(Delisting.id).order_by(Delisting.id.desc())).first() or 0


def test_one_proposes_another_decides(
    services: Services, house: House, clerk: Browser, colleague: Browser, entry: str
) -> None:
    assert "提议除名" in clerk.open(entry)
    clerk.open(f"{entry}/delist")
    assert "请写明除名的原因" in clerk.send(f"{entry}/delist", expect=422, reason=" ")
    page = clerk.send(f"{entry}/delist", reason="已经停业，无人应答")
    for shown in ("等第二个人决定", "已经停业，无人应答", "收回提议"):
        assert shown in page
    assert "同意，除名" not in page
    first = proposal(services)
    assert "提议的人不能自己决定" in clerk.send(f"/office/delistings/{first}/carry", expect=403)
    assert "正在等第二个人决定" in clerk.send(f"{entry}/delist", reason="再提一次")
    page = colleague.open(entry)
    assert "收回提议" not in page
    assert "clerk 在" in page
    assert "只有提议的人" in colleague.send(f"/office/delistings/{first}/take-back", expect=403)
    page = colleague.send(f"/office/delistings/{first}/carry")
    for shown in ("已除名", "同意除名", "企业除名"):
        assert shown in page
    for gone in ("暂停这家企业", "恢复出售", "提议除名</a>"):
        assert gone not in page
    assert "先前已经办完" in colleague.send(f"/office/delistings/{first}/reject")
    with services.database.read() as session:
        enterprise = session.get_one(Enterprise, house.room.enterprise_id)
    assert enterprise.status is EnterpriseStatus.DELISTED


def test_turned_down_and_taken_back_the_house_stays_suspended(
    services: Services, clerk: Browser, colleague: Browser, entry: str
) -> None:
    clerk.open(f"{entry}/delist")
    clerk.send(f"{entry}/delist", reason="停业")
    assert "收回" in clerk.send(f"/office/delistings/{proposal(services)}/take-back")
    clerk.send(f"{entry}/delist", reason="还是停业")
    colleague.open(entry)
    page = colleague.send(f"/office/delistings/{proposal(services)}/reject")
    assert "已决定不除名" in page
    assert "恢复出售" in page
    colleague.send("/office/delistings/999/reject", expect=404)


def test_a_house_that_is_not_suspended_cannot_be_proposed(
    clerk: Browser, colleague: Browser, entry: str
) -> None:
    clerk.open(f"{entry}/reinstate")
    clerk.send(f"{entry}/reinstate")
    assert "提议除名" not in clerk.open(entry)
    assert "不能这样办理" in clerk.send(f"{entry}/delist", reason="停业")
