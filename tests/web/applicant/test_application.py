"""An application from the public page to the directory."""

from __future__ import annotations

import datetime as dt
import io

import pytest
import sqlalchemy as sa
from flask import Flask

from catalog.models import Enterprise, EnterpriseCluster, Site
from catalog.office.models import Document, Evidence, Licence, Photo
from catalog.states import CaseStatus, EnterpriseStatus
from catalog.vocabulary import Cluster, LicenceKind, Slope
from marketplace import tasks
from marketplace.bootstrap import Services
from marketplace.staff.roles import Role
from tests.support.app import BOTH
from tests.support.entering import CONTACT, PDF, Applicant, Office, credit_code
from tests.support.staff import Browser


@pytest.mark.parametrize("database_kind", BOTH)
def test_from_the_first_step_to_the_operators_console(
    person: Applicant, reviewer: Office, app: Flask
) -> None:
    person.fill()
    page = person.browser.open(person.url("check"))
    assert "林间木屋" in page
    assert "还不能提交" not in page
    page = person.submit()
    assert "已经提交" in page
    assert "等待审核" in page
    assert "先前已经提交" in person.browser.send(person.url("check"), version="1")
    entry = reviewer.accept(person.case_id)

    assert (entry.code, entry.status, entry.claimed) == ("JL125", EnterpriseStatus.LISTED, True)
    assert (entry.county, entry.prefecture) == ("安图县", "延边朝鲜族自治州")
    assert (entry.credit_code, entry.sells_until) == (credit_code(), dt.date(2029, 5, 31))
    with person.services.database.read() as session:
        site = session.scalars(sa.select(Site).where(Site.enterprise_id == entry.id)).one()
        assert (site.lat, site.coord_basis) == (42.4, "GeoNames settlement centroid of 二道白河")
        assert site.slope is Slope.NORTH
        assert session.scalars(
            sa.select(EnterpriseCluster.cluster).where(EnterpriseCluster.enterprise_id == entry.id)
        ).all() == [Cluster.CHANGBAI]
        licences = session.scalars(sa.select(Licence).where(Licence.enterprise_id == entry.id))
        assert {row.kind for row in licences} == {LicenceKind.BUSINESS, LicenceKind.FOOD}
        proof = session.get_one(Evidence, ("enterprise", entry.id, "note_zh"))
        assert (proof.source, proof.verified_by) == ("本企业测量", reviewer.reviewer_id)
        assert set(session.scalars(sa.select(Document.enterprise_id))) == {entry.id}
        assert set(session.scalars(sa.select(Photo.enterprise_id))) == {entry.id}

    visitor = Browser(app.test_client())
    assert "林间木屋" in visitor.open("/directory")
    tasks.sequence_changes(person.services)
    tasks.refresh_search(person.services)
    assert 'href="/directory/JL125"' in visitor.open("/directory?q=林间木屋")
    page = visitor.open("/directory/JL125")
    assert "认领</a>" not in page
    assert CONTACT["contact_phone"] not in page
    # The session that applied goes on as the operator's, and a new one begins there.
    assert "证照" in person.browser.open("/operator/entry")
    assert person.browser.client.get("/apply/").status_code == 403
    assert "今晚空房" in Browser(app.test_client()).sign_in("jinshunji")
    assert reviewer.user("jinshunji").enterprise_id == entry.id


def test_a_contact_is_kept_encrypted_and_nowhere_else(person: Applicant) -> None:
    person.business(contact_phone="139 4330 0002")
    case = person.case()
    assert case.contact is not None
    assert "13943300002" in case.contact
    assert "13943300002" not in str(case.document)
    with person.services.database.read() as session:
        raw = session.execute(sa.text("SELECT contact FROM review_case")).scalar_one()
    assert "13943300002" not in raw


def test_the_same_credit_code_is_applied_for_once(
    person: Applicant, reviewer: Office, app: Flask
) -> None:
    person.fill()
    person.submit()
    other = Applicant(Browser(app.test_client()), person.services)
    other.join("piaoyuji")
    other.fill()
    assert "已经有一份申请在办" in other.browser.open(other.url("check"))
    assert "已经有一份申请在办" in other.submit(expect=422)
    reviewer.accept(person.case_id)
    assert "已经在名录里" in other.submit(expect=422)
    assert other.case().status is CaseStatus.DRAFT
    with other.services.database.read() as session:
        found = session.scalars(sa.select(Enterprise).where(Enterprise.credit_code.is_not(None)))
        assert len(found.all()) == 1


def test_of_two_claims_one_is_before_the_office(app: Flask, ground: Services) -> None:
    """Two drafts may stand side by side, so that nobody can keep an owner away with one."""
    first, second = (Applicant(Browser(app.test_client()), ground) for _ in range(2))
    for number, (person, login) in enumerate(((first, "jinshunji"), (second, "piaoyuji")), 1):
        person.join(login, claim="JL001")
        person.claim("JL001")
        person.send("proof", explanation="我是法定代表人", file=(io.BytesIO(PDF), "授权书.pdf"))
        person.fill(name_zh="白桦林康养村", credit_code=credit_code(number))
    first.submit()
    assert "已经有一份没办完的申请" in second.submit(expect=409)
    assert second.case().status is CaseStatus.DRAFT


def test_a_claim_hands_the_entry_over(app: Flask, ground: Services, reviewer: Office) -> None:
    visitor = Browser(app.test_client())
    assert "/join?claim=JL001" in visitor.open("/directory/JL001")
    person = Applicant(visitor, ground)
    assert "白桦林康养村" in person.join(claim="JL001")
    person.claim("JL001")
    page = person.browser.open(person.url("business"))
    assert 'value="白桦林康养村"' in page
    assert CONTACT["contact_phone"] in page
    assert "请上传能证明的文件" in person.submit(expect=422)
    person.send("proof", explanation="我是法定代表人", file=(io.BytesIO(PDF), "授权书.pdf"))
    person.fill(name_zh="白桦林康养村")
    person.submit()
    entry = reviewer.accept(person.case_id)
    assert (entry.code, entry.claimed) == ("JL001", True)
    assert entry.legal_name == "安图县林间木屋有限公司"
    assert reviewer.user("jinshunji").role is Role.OPERATOR
    assert "企业已认领" in visitor.open("/directory/JL001")
