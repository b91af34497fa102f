"""Licences that end: the office's list, the sweep in the worker, and what the operator is told."""

from __future__ import annotations

import datetime as dt

from flask import Flask

from catalog.models import Enterprise
from catalog.states import CaseStatus
from catalog.vocabulary import LicenceKind
from marketplace import tasks
from marketplace.bootstrap import Services
from marketplace.kernel.clock import SetClock
from marketplace.staff.roles import Role
from marketplace.worker import SWEEPS
from tests.factories import TODAY, make_enterprise
from tests.support.review import CONTACT, Counter, enter, make_licence
from tests.support.staff import Browser, House


def test_the_list_is_by_date_and_by_kind(clerk: Browser, services: Services, house: House) -> None:
    with services.database.write() as session:
        other = make_enterprise(session, name_zh="松花江民宿")
        for days, kind, whose in (
            (60, LicenceKind.FOOD, other),
            (-2, LicenceKind.FIRE, house.room.enterprise_id),
            (61, LicenceKind.LODGING, other),
        ):
            make_licence(
                session,
                enterprise_id=whose,
                expires_on=TODAY + dt.timedelta(days=days),
                kind=kind,
                number=f"第{days}号",
            )
        make_licence(
            session,
            enterprise_id=other,
            expires_on=TODAY,
            kind=LicenceKind.WATER,
            number="旧证",
            replaced_at=services.clock.now(),
        )
    page = clerk.open("/office/licences")
    assert page.index("第-2号") < page.index("第60号")
    assert "已过期 2 天" in page
    assert "松花江民宿" in page
    for absent in ("第61号", "旧证"):
        assert absent not in page
    page = clerk.open("/office/licences?kind=food&page=9")
    assert "第-2号" not in page
    assert "第60号" in page
    assert "60 天内没有证照到期" in clerk.open("/office/licences?kind=rail")


def test_the_worker_warns_stops_sales_and_forgets_contacts(
    app: Flask, clerk: Browser, counter: Counter, house: House, clock: SetClock
) -> None:
    services, front = house.services, Browser(app.test_client())
    author = counter.person("author", Role.OPERATOR, house.room.enterprise_id)
    enter(front, author)
    assert SWEEPS["licences"] == (tasks.watch_licences, 60)
    case_id = counter.bring_to(CaseStatus.ACCEPTED)
    with services.database.write() as session:
        make_licence(
            session,
            enterprise_id=house.room.enterprise_id,
            expires_on=TODAY + dt.timedelta(days=7),
        )
    assert tasks.watch_licences(services) == 1
    house.work()
    page = front.open("/operator/")
    assert "证照快到期" in page
    assert "消防安全检查合格证明，有效期到 2027年6月8日 为止" in page
    assert "审核通过" in page
    assert "Fire safety certificate, valid until 8 Jun 2027" in front.open("/en/operator/")
    assert CONTACT["phone"][:3] in clerk.open("/outbox")
    clock.advance(days=8)
    assert tasks.watch_licences(services) == 1
    assert tasks.watch_licences(services) == 0
    enter(clerk, counter.person("clerk"), at=clock.now())
    with services.database.read() as session:
        code = session.get_one(Enterprise, house.room.enterprise_id).code
    url = f"/office/enterprises/{code}"
    assert "消防安全检查合格证明的有效期到 2027-06-08 为止" in clerk.open(url)
    clerk.open(f"{url}/reinstate")
    assert "先换发新证" in clerk.send(f"{url}/reinstate")
    clock.advance(days=366)
    tasks.nightly(services)
    assert counter.case(case_id).contact is None
