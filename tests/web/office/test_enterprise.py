"""The entry's page for the office: contact, licences, what is to be done, who looks after it."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from catalog.models import Enterprise
from catalog.states import CaseStatus
from catalog.vocabulary import LicenceKind
from marketplace.bootstrap import Services
from marketplace.kernel.audit import AuditEntry
from marketplace.staff.models import User
from marketplace.staff.roles import Role
from tests.factories import NOW, TODAY, make_enterprise
from tests.support.app import BOTH
from tests.support.review import CONTACT, Counter, make_licence
from tests.support.staff import Browser, House

pytestmark = pytest.mark.parametrize("database_kind", BOTH)


@pytest.fixture
def code(house: House) -> str:
    with house.services.database.read() as session:
        return session.get_one(Enterprise, house.room.enterprise_id).code


def noted(services: Services, action: str) -> list[tuple[str, dict[str, object]]]:
    with services.database.read() as session:
        rows = session.scalars(
            sa.select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)
        )
        return [(row.actor_id, row.detail) for row in rows]


def test_the_contact_is_shown_to_whoever_has_it_noted(
    clerk: Browser, colleague: Browser, counter: Counter, services: Services, code: str
) -> None:
    url = f"/office/enterprises/{code}"
    assert "没有联系人，或者已经按规定删除" in clerk.open(url)
    clerk.send(f"{url}/contact", expect=404)
    counter.bring_to(CaseStatus.ACCEPTED)
    page = clerk.open(url)
    assert CONTACT["phone"] not in page
    assert CONTACT["name"] not in page
    assert noted(services, "case.contact_read") == []
    assert CONTACT["phone"] in clerk.send(f"{url}/contact")
    clerk.send(f"{url}/contact")
    assert [who for who, _ in noted(services, "case.contact_read")] == [
        str(counter.person("clerk"))
    ]
    assert CONTACT["phone"] not in colleague.open(url)
    trail = clerk.open("/office/trail")
    assert CONTACT["phone"] not in trail
    assert CONTACT["name"] not in trail


def test_licences_and_what_is_due(
    clerk: Browser, counter: Counter, services: Services, house: House, code: str
) -> None:
    url = f"/office/enterprises/{code}"
    assert "现在没有要办的事" in clerk.open(url)
    with services.database.write() as session:
        for days, kind in (
            (-1, LicenceKind.FIRE),
            (60, LicenceKind.FOOD),
            (61, LicenceKind.LODGING),
        ):
            make_licence(
                session,
                enterprise_id=house.room.enterprise_id,
                expires_on=TODAY + dt.timedelta(days=days),
                kind=kind,
                number=f"证{days}",
            )
    case_id = counter.bring_to(CaseStatus.APPLIED)
    page = clerk.open(url)
    due = page.split("要办的事</h2>")[1].split("<h2")[0]
    assert "2027年5月31日 星期一 到期" in due
    assert "还有 60 天" in due
    assert "还有 61 天" not in due
    assert f'href="/office/cases/{case_id}"' in due
    assert "等人审核" in due
    table = page.split("证照</h2>")[1].split("<h2")[0]
    assert [word in table for word in ("证-1", "证60", "证61")] == [True] * 3
    assert "已过期 1 天" in table
    assert table.count("有效") == 1
    clerk.send(f"/office/cases/{case_id}/take-up")
    assert "clerk在审核" in clerk.open(url)


def test_it_is_given_to_a_colleague_and_found_among_ones_own(
    clerk: Browser, colleague: Browser, counter: Counter, house: House, code: str
) -> None:
    url, services = f"/office/enterprises/{code}", house.services
    mine, other = counter.person("clerk"), counter.person("colleague")
    host = counter.person("host", Role.OPERATOR, house.room.enterprise_id)
    with services.database.write() as session:
        make_enterprise(session, code="SMP77")
        make_licence(
            session,
            enterprise_id=house.room.enterprise_id,
            kind=LicenceKind.FIRE,
            number="证甲",
            expires_on=TODAY + dt.timedelta(days=9),
        )
    for nonsense in (str(host), "999999", "x", "-1", "9" * 40):
        assert "请选名录办的一位同事" in clerk.send(f"{url}/assign", assigned=nonsense)
    assert noted(services, "enterprise.assigned") == []
    assert "已换经办人" in clerk.send(f"{url}/assign", assigned=mine)
    assert "经办人没有变" in clerk.send(f"{url}/assign", assigned=mine)
    assert code in clerk.open("/office/?kind=sample&whose=mine")
    assert "SMP77" not in clerk.open("/office/?kind=sample&whose=mine")
    assert "没有符合条件的企业" in clerk.open("/office/?kind=sample&whose=mine&q=SMP77")
    assert "没有符合条件的企业" in colleague.open("/office/?kind=sample&whose=mine")
    assert "证甲" in clerk.open("/office/licences?whose=mine")
    assert "证甲" not in colleague.open("/office/licences?whose=mine")
    clerk.send(f"{url}/assign", assigned=other)
    with services.database.write() as session:
        session.get_one(User, other).disabled_at = NOW
    page = clerk.open(url)
    assert f'<option value="{other}" selected>colleague</option>' in page
    clerk.send(f"{url}/assign", assigned="")
    assert "请选名录办的一位同事" in clerk.send(f"{url}/assign", assigned=other)
    assert [detail for _, detail in noted(services, "enterprise.assigned")] == [
        {"assigned_before": None, "assigned": mine},
        {"assigned_before": mine, "assigned": other},
        {"assigned_before": other, "assigned": None},
    ]
    trail = clerk.open("/office/trail?action=enterprise.assigned")
    for words in ("没有 → clerk", "clerk → colleague", "colleague → 没有"):
        assert words in trail
    clerk.send("/office/enterprises/NONE1/assign", assigned=mine, expect=404)
