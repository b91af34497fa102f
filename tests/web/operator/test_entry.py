"""The operator's own entry: its facts and evidence, changing it by a case, and its decisions."""

from __future__ import annotations

import datetime as dt
import io

import pytest
import sqlalchemy as sa
from flask import Flask

from catalog.models import Enterprise, Site
from catalog.office.models import Licence
from catalog.states import CaseStatus
from marketplace.bootstrap import Services
from marketplace.kernel.changes import Change
from marketplace.staff.roles import Role
from tests.factories import make_listing
from tests.support.entering import PDF, Applicant, Office, credit_code, make_ground
from tests.support.staff import Browser, House, make_staff


@pytest.fixture
def office_desk(services: Services) -> Office:
    """The office's reviewer."""
    make_staff(services, "reviewer", Role.OFFICE, None)
    desk = Office(services)
    desk.reviewer_id = desk.user("reviewer").id
    return desk


@pytest.fixture
def owner(app: Flask, services: Services, office_desk: Office) -> Applicant:
    """The operator of an entry that was applied for and accepted."""
    make_ground(services.database)
    make_staff(services, "jinshunji", Role.APPLICANT, None)
    office_desk.admit(office_desk.user("jinshunji").id)
    person = Applicant(Browser(app.test_client()), services, base="/operator/entry/changes")
    person.browser.sign_in("jinshunji")
    return person


def begin(owner: Applicant, button: str = "change") -> str:
    owner.browser.open("/operator/entry")
    page = owner.browser.send(f"/operator/entry/{button}")
    with owner.services.database.read() as session:
        owner.case_id = session.scalar(sa.text("SELECT max(id) FROM review_case")) or 0
    return page


def entry(services: Services) -> Enterprise:
    with services.database.read() as session:
        return session.scalars(
            sa.select(Enterprise).where(Enterprise.credit_code == credit_code())
        ).one()


def test_each_fact_stands_with_its_source_and_who_verified_it(owner: Applicant) -> None:
    page = owner.browser.open("/operator/entry")
    assert "测量" in page
    assert "经营者申请，名录办审核" in page
    assert "核实" in page
    assert "长期有效" in page
    page = owner.browser.open("/en/operator/entry")
    assert "经营者申请" not in page


def test_a_change_shows_only_after_it_is_accepted(
    owner: Applicant, office_desk: Office, browser: Browser
) -> None:
    with owner.services.database.write() as session:
        make_listing(session, enterprise_id=entry(owner.services).id, is_sample=False)
    begin(owner)
    owner.about(note_zh="改过的介绍")
    owner.place(site_0_id=str(owner.case().document["sites"][0]["id"]), site_0_name="新院子")
    owner.submit()
    assert owner.case().status is CaseStatus.APPLIED
    assert "改过的介绍" not in browser.open("/directory/JL125")
    page = owner.browser.open("/operator/entry")
    assert "有一份变更还没办完" in page
    assert "改过的介绍" not in page
    with owner.services.database.read() as session:
        told = session.scalar(sa.select(sa.func.count()).select_from(Change)) or 0
    before = entry(owner.services).version
    office_desk.accept(owner.case_id)
    assert "改过的介绍" in browser.open("/directory/JL125")
    assert entry(owner.services).version > before
    with owner.services.database.read() as session:
        site = session.scalars(sa.select(Site).where(Site.name == "新院子")).one()
        assert site.coord_basis == "GeoNames settlement centroid of 二道白河"
        assert site.lat == 42.4
        assert (session.scalar(sa.select(sa.func.count()).select_from(Change)) or 0) > told


def test_a_licence_is_renewed_and_the_old_one_kept(owner: Applicant, office_desk: Office) -> None:
    assert "营业执照" in begin(owner, "renew")
    page = owner.send("licences/food", do="remove", expect=303)
    assert "已经登记的证照不能去掉" in owner.submit(expect=422)
    owner.licence("food", number="food-2", expires_on="2027-07-01")
    owner.submit()
    office_desk.accept(owner.case_id)
    with owner.services.database.read() as session:
        rows = session.scalars(sa.select(Licence).where(Licence.kind == "food")).all()
    assert {(row.number, row.replaced_at is None) for row in rows} == {
        ("1", False),
        ("food-2", True),
    }
    assert entry(owner.services).sells_until == dt.date(2027, 7, 1)
    assert "还有 30 天" in owner.browser.open("/operator/entry")
    assert page


def test_a_site_with_a_listing_stays(owner: Applicant) -> None:
    with owner.services.database.write() as session:
        make_listing(session, enterprise_id=entry(owner.services).id, is_sample=False)
    begin(owner)
    assert "有产品的场所不能去掉" in owner.place(expect=422)


def test_every_decision_is_told_to_the_operator(owner: Applicant, office_desk: Office) -> None:
    page = owner.browser.open("/operator/entry/decisions")
    for word in ("列入名录", "开始审核", "通过申请", "登记证照"):
        assert word in page
    assert "reviewer" not in page
    assert owner.browser.open("/en/operator/entry/decisions")
    assert office_desk


def test_a_neighbour_sees_none_of_it(
    owner: Applicant, neighbour: House, app: Flask, services: Services
) -> None:
    begin(owner)
    owner.licence("business", file=(io.BytesIO(PDF), "x.pdf"))
    document_id = owner.case().document["licences"][0]["document_id"]
    make_staff(services, "next", Role.OPERATOR, neighbour.room.enterprise_id)
    other = Browser(app.test_client())
    other.sign_in("next")
    other.open(owner.url("business"), expect=404)
    other.open(f"/operator/entry/changes/documents/{document_id}", expect=404)
    assert (
        owner.browser.client.get(f"/operator/entry/changes/documents/{document_id}").status_code
        == 200
    )


def test_a_sample_operator_changes_without_what_it_never_had(
    operator: Browser, house: House
) -> None:
    make_ground(house.services.database)
    person = Applicant(operator, house.services, base="/operator/entry/changes")
    begin(person)
    person.about()
    with house.services.database.write() as session:
        session.execute(
            sa.update(Enterprise)
            .where(Enterprise.id == house.room.enterprise_id)
            .values(adcode="222426")
        )
    page = person.browser.open(person.url("check"))
    assert "还缺这一项证照" not in page
