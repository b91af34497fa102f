"""Granting a case: the author becomes the operator, or nothing happens at all."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from catalog.models import Enterprise, EnterpriseGrade, Site
from catalog.office.cases import case_lifecycle, decisions
from catalog.office.entries import entry_cases
from catalog.office.entries.entry_opening import open_application, open_change, open_claim
from catalog.office.models import Evidence, ReviewCase
from catalog.states import EnterpriseStatus, WrongEnterpriseState
from catalog.vocabulary import Datum
from marketplace.kernel.audit import Actor
from marketplace.kernel.db import Database
from marketplace.kernel.errors import Invalid
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.staff.access_grants import NoApplicant, accept_case
from marketplace.staff.models import User
from marketplace.staff.roles import Role
from marketplace.staff.signup import join
from tests.factories import NOW, make_listing
from tests.support.entering import WHOLE, credit_code, make_ground
from tests.support.staff import PASSWORD

CLERK = 1
ACTOR = Actor("staff", str(CLERK))


@pytest.fixture
def office(database: Database) -> Database:
    """A database with the ground, and a clerk with the first id."""
    with database.write() as session:
        session.add(User(login="clerk", role=Role.OFFICE, password_hash="-", created_at=NOW))
        session.flush()
        assert session.scalar(sa.select(User.id)) == CLERK
    make_ground(database)
    return database


@pytest.fixture(autouse=True)
def anything_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is looked at when a case is submitted is tested by its pages."""
    monkeypatch.setattr(entry_cases.EntryHandler, "faults", lambda *_, **__: {})


def applicant(database: Database, login: str) -> int:
    with database.write() as session:
        return join(
            session,
            login=login,
            password=PASSWORD,
            contact_name="金顺姬",
            contact_phone="13943300001",
            now=NOW,
        ).id


def submitted(database: Database, case_id: int, **facts: object) -> int:
    """Fill in and submit a case, and take it up; returns the version."""
    with database.write() as session:
        case = session.get_one(ReviewCase, case_id)
        case_lifecycle.save(
            session, case_id=case_id, version=case.version, facts={**WHOLE, **facts}, now=NOW
        )
        work = UnitOfWork(session, now=NOW, actor=ACTOR)
        case_lifecycle.submit(work, case_id=case_id, version=case.version)
        decisions.take_up(work, case_id=case_id, reviewer_id=CLERK)
        return case.version


def application(database: Database, login: str, **facts: object) -> tuple[int, int]:
    author_id = applicant(database, login)
    with database.write() as session:
        case_id = open_application(session, author_id=author_id, now=NOW).id
    return case_id, submitted(database, case_id, **facts)


def accept(database: Database, case_id: int, version: int, *, now: dt.datetime = NOW) -> int:
    with database.write() as session:
        case = accept_case(
            UnitOfWork(session, now=now, actor=ACTOR),
            case_id=case_id,
            version=version,
            overrides={},
            remark="",
            reviewer_id=CLERK,
        )
        assert case.enterprise_id is not None
        return case.enterprise_id


def test_numbers_follow_each_other_past_the_stations(office: Database) -> None:
    first = accept(office, *application(office, "first-one"))
    second = accept(office, *application(office, "second", credit_code=credit_code(2)))
    with office.read() as session:
        codes = [session.get_one(Enterprise, key).code for key in (first, second)]
        assert codes == ["JL125", "JL126"]
        site = session.scalars(sa.select(Site).where(Site.enterprise_id == first)).one()
        assert (site.lat, site.datum, site.coord_basis) == (
            42.41,
            Datum.GCJ02,
            "given by the operator",
        )
        assert site.nearest_station_id is not None
        grade = session.get_one(EnterpriseGrade, (first, "a_level"))
        assert (grade.value, grade.as_of) == ("4A", "2026")
        assert session.get_one(Evidence, ("enterprise", first, "grade:a_level")).source == "公告"


def test_the_database_keeps_a_credit_code_from_being_used_twice(office: Database) -> None:
    """Two that passed the look at the same moment: the constraints are the second wall."""
    case_id, version = application(office, "first-one")
    with pytest.raises(Invalid) as refused:
        application(office, "second")
    assert refused.value.fields == {"credit_code": entry_cases.APPLIED_ALREADY}
    with office.write() as session:
        session.execute(
            sa.update(Enterprise)
            .where(Enterprise.code == "JL001")
            .values(credit_code=credit_code())
        )
    with pytest.raises(Invalid) as refused:
        accept(office, case_id, version)
    assert refused.value.fields == {"credit_code": entry_cases.LISTED_ALREADY}
    with office.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Enterprise)) == 1


def test_an_account_that_has_an_enterprise_gets_no_other(office: Database) -> None:
    case_id, version = application(office, "first-one")
    with office.write() as session:
        author = session.scalars(sa.select(User).where(User.login == "first-one")).one()
        author.disabled_at = NOW
    with pytest.raises(NoApplicant):
        accept(office, case_id, version)
    with office.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Enterprise)) == 1
        assert session.get_one(ReviewCase, case_id).enterprise_id is None


def test_what_was_suspended_meanwhile_cannot_be_claimed(office: Database) -> None:
    author_id = applicant(office, "first-one")
    with office.write() as session:
        actor = Actor("staff", str(author_id))
        case_id = open_claim(session, author_id=author_id, code="JL001", actor=actor, now=NOW).id
    version = submitted(office, case_id)
    with office.write() as session:
        session.execute(sa.update(Enterprise).values(status=EnterpriseStatus.SUSPENDED))
    with pytest.raises(WrongEnterpriseState):
        accept(office, case_id, version)


def test_what_a_change_leaves_alone_stays_verified_as_it_was(office: Database) -> None:
    enterprise_id = accept(office, *application(office, "first-one"))
    later = NOW + dt.timedelta(days=90)
    with office.write() as session:
        author_id = session.scalar(sa.select(User.id).where(User.login == "first-one")) or 0
        case = open_change(session, author_id=author_id, enterprise_id=enterprise_id, now=NOW)
        case_id, facts = case.id, {**case.document, "name_zh": "林间新屋"}
    version = submitted(office, case_id, **facts)
    accept(office, case_id, version, now=later)
    with office.read() as session:
        rows = {
            row.fact: row
            for row in session.scalars(
                sa.select(Evidence).where(Evidence.subject_id == enterprise_id)
            )
        }
    assert rows["name_zh"].verified_at == later
    assert rows["name_zh"].source_date == later.date().isoformat()
    untouched = {fact: row.verified_at for fact, row in rows.items() if fact != "name_zh"}
    assert {"legal_name", "grade:a_level", "note_zh"} <= untouched.keys()
    assert set(untouched.values()) == {NOW}


def test_a_cure_in_a_source_is_seen_as_well(office: Database) -> None:
    said = {"note_zh": {"source": "当地都说能治愈关节炎", "date": "", "document_id": None}}
    case_id, version = application(office, "first-one", sources=said)
    with pytest.raises(Invalid, match="有内容需要改正") as refused:
        accept(office, case_id, version)
    assert "overrides" in refused.value.fields


def test_a_listing_made_meanwhile_keeps_its_site(office: Database) -> None:
    enterprise_id = accept(office, *application(office, "first-one"))
    with office.write() as session:
        author_id = session.scalar(sa.select(User.id).where(User.login == "first-one")) or 0
        case_id = open_change(session, author_id=author_id, enterprise_id=enterprise_id, now=NOW).id
    version = submitted(office, case_id)
    with office.write() as session:
        make_listing(session, enterprise_id=enterprise_id, is_sample=False)
    with pytest.raises(Invalid) as refused:
        accept(office, case_id, version)
    assert "sites" in refused.value.fields


def test_licences_of_an_accepted_case_say_until_when_it_may_sell(office: Database) -> None:
    rows = [{**row, "expires_on": "2028-01-31"} for row in WHOLE["licences"]]
    enterprise_id = accept(office, *application(office, "first-one", licences=rows))
    with office.read() as session:
        assert session.get_one(Enterprise, enterprise_id).sells_until == dt.date(2028, 1, 31)
