"""Whose case it is to decide, who reads its contact, and when that is forgotten."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from catalog.models import Enterprise
from catalog.office.cases import case_lifecycle, case_review, handler_registry, review_queue
from catalog.office.cases.case_lifecycle import StaleForm
from catalog.office.cases.case_review import NotYours
from catalog.office.cases.decisions import FactsMoved
from catalog.office.cases.review_queue import Shelf
from catalog.office.models import ReviewCase
from catalog.states import CaseStatus, WrongCaseState
from catalog.vocabulary import CaseKind, ReturnReason
from marketplace.kernel.db import Database
from marketplace.kernel.errors import NotFound
from marketplace.kernel.unit_of_work import UnitOfWork
from tests.factories import NOW, TODAY, make_enterprise
from tests.support.review import CONTACT, Counter, Leaflet

ENDED = [CaseStatus.RETURNED, CaseStatus.ACCEPTED, CaseStatus.REFUSED, CaseStatus.WITHDRAWN]


@pytest.fixture
def counter(database: Database, monkeypatch: pytest.MonkeyPatch) -> Counter:
    monkeypatch.setitem(handler_registry.HANDLERS, CaseKind.ENTERPRISE, Leaflet())
    with database.write() as session:
        return Counter(database, make_enterprise(session))


def turn_down(counter: Counter, case_id: int, who: str, version: int, *, for_good: bool) -> None:
    reviewer_id, actor = counter.person(who), counter.actor(who)
    with counter.database.write() as session:
        case_review.turn_down(
            UnitOfWork(session, now=NOW, actor=actor),
            case_id=case_id,
            version=version,
            for_good=for_good,
            reasons=[ReturnReason.DUPLICATE],
            remark="",
            reviewer_id=reviewer_id,
        )


def test_only_who_took_it_up_decides_once_and_on_the_version_they_saw(counter: Counter) -> None:
    only_its_reviewer_turns_it_down(counter, for_good=True)
    only_its_reviewer_turns_it_down(counter, for_good=False)


def only_its_reviewer_turns_it_down(counter: Counter, *, for_good: bool) -> None:
    case_id = counter.bring_to(CaseStatus.APPLIED)
    with pytest.raises(WrongCaseState):
        turn_down(counter, case_id, "clerk", 1, for_good=for_good)
    counter.take_up(case_id)
    version = counter.case(case_id).version
    with pytest.raises(NotYours):
        turn_down(counter, case_id, "other", version, for_good=for_good)
    with pytest.raises(StaleForm):
        turn_down(counter, case_id, "clerk", version - 1, for_good=for_good)
    assert counter.case(case_id).version == version
    turn_down(counter, case_id, "clerk", version, for_good=for_good)
    assert counter.case(case_id).status is (CaseStatus.REFUSED if for_good else CaseStatus.RETURNED)
    with pytest.raises(WrongCaseState):
        turn_down(counter, case_id, "clerk", version, for_good=for_good)


def test_laid_back_by_its_reviewer_alone_it_keeps_its_place(counter: Counter) -> None:
    case_id = counter.bring_to(CaseStatus.UNDER_REVIEW)
    applied_at = counter.case(case_id).applied_at
    for who, refused in (("other", True), ("clerk", False)):
        reviewer_id, actor = counter.person(who), counter.actor(who)
        with counter.database.write() as session:
            work = UnitOfWork(session, now=NOW, actor=actor)
            if refused:
                with pytest.raises(NotYours):
                    case_review.lay_back(work, case_id=case_id, reviewer_id=reviewer_id)
            else:
                case_review.lay_back(work, case_id=case_id, reviewer_id=reviewer_id)
    case = counter.case(case_id)
    assert (case.status, case.reviewer_id, case.applied_at) == (
        CaseStatus.APPLIED,
        None,
        applied_at,
    )


def test_facts_that_moved_are_compared_anew_by_its_reviewer(counter: Counter) -> None:
    case_id = counter.bring_to(CaseStatus.UNDER_REVIEW)
    with counter.database.write() as session:
        session.get_one(Enterprise, counter.enterprise_id).note_zh = "导入时改了"
    with pytest.raises(FactsMoved):
        counter.decide(case_id, CaseStatus.ACCEPTED)
    with counter.database.write() as session, pytest.raises(NotYours):
        case_review.compare_anew(
            session, case_id=case_id, reviewer_id=counter.person("other"), now=NOW
        )
    with counter.database.write() as session:
        case_review.compare_anew(
            session, case_id=case_id, reviewer_id=counter.person("clerk"), now=NOW
        )
    assert counter.case(case_id).base["note_zh"] == "导入时改了"
    counter.decide(case_id, CaseStatus.ACCEPTED)
    with counter.database.read() as session:
        assert session.get_one(Enterprise, counter.enterprise_id).note_zh == "山下有一眼泉"


def test_reading_a_contact_is_noted_once_for_each_reader_and_case(counter: Counter) -> None:
    case_id = counter.bring_to(CaseStatus.UNDER_REVIEW)
    for who in ("clerk", "clerk", "other"):
        actor = counter.actor(who)
        with counter.database.write() as session:
            case_review.read_contact(session, case_id=case_id, actor=actor, now=NOW)
            assert case_review.has_read_contact(session, case_id=case_id, actor=actor)
    assert counter.story("case", case_id).count(case_review.CONTACT_READ) == 2
    contact = case_review.contact_of(counter.case(case_id))
    assert contact is not None
    assert (contact.name, contact.phone) == (CONTACT["name"], CONTACT["phone"])
    with counter.database.write() as session:
        counter.enterprise_id = make_enterprise(session)
    for missing in (999, counter.draft()):
        with counter.database.write() as session, pytest.raises(NotFound):
            case_review.read_contact(session, case_id=missing, actor=actor, now=NOW)


def test_a_contact_is_kept_for_a_year_and_while_somebody_has_to_be_asked(
    counter: Counter,
) -> None:
    decided = []
    for status in ENDED:
        with counter.database.write() as session:
            counter.enterprise_id = make_enterprise(session)
        decided.append(counter.bring_to(status))
    with counter.database.write() as session:
        counter.enterprise_id = make_enterprise(session)
    waiting = counter.bring_to(CaseStatus.UNDER_REVIEW)
    with counter.database.read() as session:
        stored = session.scalars(sa.text("SELECT contact FROM review_case")).all()
    assert all(CONTACT["phone"] not in text for text in stored)
    with counter.database.write() as session:
        assert case_review.forget_contacts(session, now=NOW + dt.timedelta(days=365)) == 0
        late = NOW + dt.timedelta(days=365, seconds=1)
        assert case_review.forget_contacts(session, now=late) == len(decided)
        assert case_review.forget_contacts(session, now=late) == 0
    with counter.database.read() as session:
        kept = session.scalars(
            sa.select(ReviewCase.id).where(ReviewCase.contact.is_not(None))
        ).all()
    assert list(kept) == [waiting]


def test_the_queue_by_age_shelf_and_kind(counter: Counter) -> None:
    made = []
    for days in (3, 9, 1):
        with counter.database.write() as session:
            counter.enterprise_id = make_enterprise(session, name_zh=f"第{days}家")
        counter.now = NOW - dt.timedelta(days=days)
        made.append(counter.bring_to(CaseStatus.APPLIED))
    mine = counter.take_up(made[2])
    clerk, other = counter.person("clerk"), counter.person("other")
    with counter.database.read() as session:

        def shown(shelf: Shelf, reviewer_id: int, kind: CaseKind | None = None) -> list[int]:
            page = review_queue.queue_page(
                session, shelf=shelf, kind=kind, reviewer_id=reviewer_id, page=1, now=NOW
            )
            return [row.id for row in page.items]

        assert shown(Shelf.WAITING, clerk) == [made[1], made[0]]
        assert shown(Shelf.MINE, clerk) == [mine]
        assert shown(Shelf.MINE, other) == []
        assert shown(Shelf.UNDER_REVIEW, other) == [mine]
        assert shown(Shelf.WAITING, clerk, CaseKind.LISTING) == []
        assert review_queue.shelves(session, reviewer_id=clerk) == {
            Shelf.WAITING: 2,
            Shelf.MINE: 1,
            Shelf.UNDER_REVIEW: 1,
            Shelf.DECIDED: 0,
        }
        kinds_found = review_queue.kinds_on(session, shelf=Shelf.WAITING, reviewer_id=clerk)
        page = review_queue.queue_page(
            session, shelf=Shelf.WAITING, kind=None, reviewer_id=clerk, page=1, now=NOW
        )
    assert kinds_found[CaseKind.ENTERPRISE] == 2
    assert sum(kinds_found.values()) == 2
    assert [(row.name_zh, row.days) for row in page.items] == [("第9家", 9), ("第3家", 3)]


def test_a_review_warns_of_licences_that_end_and_of_namesakes(counter: Counter) -> None:
    with counter.database.write() as session:
        make_enterprise(session, code="JL900", legal_name="珲春某公司")
    ends = {"fire": "2027-05-31", "food": "2027-07-31", "lodging": "2027-08-01", "water": ""}
    case_id = counter.bring_to(
        CaseStatus.APPLIED,
        legal_name="珲春某公司",
        licences=[
            {"kind": kind, "number": "1", "issued_by": "", "expires_on": day, "document_id": None}
            for kind, day in ends.items()
        ],
    )
    with counter.database.write() as session:
        counter.enterprise_id = make_enterprise(session)
    draft = counter.draft()
    with counter.database.read() as session:
        found = review_queue.review(session, case_id, today=TODAY)
        with pytest.raises(NotFound):
            review_queue.review(session, draft, today=TODAY)
    assert [(end.kind.value, end.days) for end in found.licences] == [("fire", -1), ("food", 60)]
    assert [other.code for other in found.namesakes] == ["JL900"]
    assert case_lifecycle.claims_in(found.case).cures == ()
