"""Cases before the office: a kind of case of the tests' own, and people who move one along."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Enterprise
from catalog.office.cases import case_lifecycle, decisions
from catalog.office.cases.case_facts import FactLine, Facts
from catalog.office.models import Licence, ReviewCase
from catalog.states import CaseStatus
from catalog.vocabulary import CaseKind, LicenceKind, ReturnReason
from marketplace.bootstrap import Services
from marketplace.kernel.audit import Actor, AuditEntry
from marketplace.kernel.db import Database
from marketplace.kernel.errors import Invalid
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.staff import sessions
from marketplace.staff.models import User, UserSession
from marketplace.staff.roles import Role
from marketplace.web.auth import TOKEN
from tests.factories import NOW
from tests.support.staff import Browser

FACTS = ("name_zh", "note_zh")
CONTACT = {"name": "金顺姬", "phone": "13943300001"}


class Leaflet:
    """A kind of case with two facts, name and note of an enterprise."""

    def facts_now(self, session: Session, case: ReviewCase) -> Facts:
        enterprise = session.get_one(Enterprise, case.enterprise_id, populate_existing=True)
        return {name: getattr(enterprise, name) for name in FACTS}

    def check(self, session: Session, case: ReviewCase, *, today: dt.date) -> None:
        if not case.document.get("name_zh"):
            raise Invalid({"name_zh": "请写名称"})

    def texts(self, document: Facts) -> Iterable[str]:
        return [str(document.get(name) or "") for name in FACTS]

    def water_report(self, document: Facts) -> bool:
        return "spring" in document.get("sources", {})

    def lines(self, document: Facts) -> list[FactLine]:
        sources = document.get("sources", {})
        labels = {"name_zh": "名称", "note_zh": "说明", "licence_zh": "证照"}
        return [
            FactLine(
                name,
                labels[name],
                document[name],
                document[name],
                source=sources.get(name, {}).get("source", ""),
                source_date=sources.get(name, {}).get("date", ""),
                document_id=sources.get(name, {}).get("document_id"),
                photo_id=document.get("photos", {}).get(name),
            )
            for name in labels
            if document.get(name)
        ]

    def accept(
        self, session: Session, case: ReviewCase, *, reviewer_id: int, now: dt.datetime
    ) -> tuple[str, int]:
        enterprise = session.get_one(Enterprise, case.enterprise_id)
        for name in FACTS:
            setattr(enterprise, name, case.document[name])
        session.flush()
        return ("enterprise", enterprise.id)


@dataclass
class Counter:
    """Where cases are handed in and moved along, without a browser."""

    database: Database
    enterprise_id: int
    now: dt.datetime = NOW
    people: dict[str, int] = field(default_factory=dict)

    def person(self, login: str, role: Role = Role.OFFICE, enterprise_id: int | None = None) -> int:
        """Return the id of an account, made where it is missing; nobody signs in with it."""
        if login not in self.people:
            with self.database.write() as session:
                found = session.scalar(sa.select(User.id).where(User.login == login))
                if found is None:
                    user = User(
                        login=login,
                        role=role,
                        enterprise_id=enterprise_id,
                        password_hash="-",
                        created_at=NOW,
                    )
                    session.add(user)
                    session.flush()
                    found = user.id
            self.people[login] = found
        return self.people[login]

    def actor(self, login: str) -> Actor:
        return Actor("staff", str(self.person(login)))

    def draft(
        self,
        author: str = "author",
        *,
        contact: dict[str, str] | None = None,
        **facts: Any,
    ) -> int:
        """Begin a case that changes the note; returns its id."""
        author_id = self.person(author, Role.OPERATOR, self.enterprise_id)
        with self.database.write() as session:
            case = case_lifecycle.open_case(
                session,
                kind=CaseKind.ENTERPRISE,
                author_id=author_id,
                enterprise_id=self.enterprise_id,
                now=self.now,
            )
            case_lifecycle.save(
                session,
                case_id=case.id,
                version=case.version,
                facts={"note_zh": "山下有一眼泉", **facts},
                contact=CONTACT if contact is None else contact,
                now=self.now,
            )
            return case.id

    def submit(self, case_id: int, author: str = "author") -> int:
        with self.database.write() as session:
            case_lifecycle.submit(
                UnitOfWork(session, now=self.now, actor=self.actor(author)),
                case_id=case_id,
                version=session.get_one(ReviewCase, case_id).version,
            )
        return case_id

    def take_up(self, case_id: int, reviewer: str = "clerk") -> int:
        reviewer_id = self.person(reviewer)
        with self.database.write() as session:
            decisions.take_up(
                UnitOfWork(session, now=self.now, actor=self.actor(reviewer)),
                case_id=case_id,
                reviewer_id=reviewer_id,
            )
        return case_id

    def bring_to(self, status: CaseStatus, reviewer: str = "clerk", **facts: Any) -> int:
        """Make a case and bring it where ``status`` says; returns its id."""
        case_id = self.draft(**facts)
        if status is CaseStatus.DRAFT:
            return case_id
        self.submit(case_id)
        if status is CaseStatus.APPLIED:
            return case_id
        if status is CaseStatus.WITHDRAWN:
            with self.database.write() as session:
                case_lifecycle.withdraw(
                    UnitOfWork(session, now=self.now, actor=self.actor("author")),
                    case_id=case_id,
                    version=session.get_one(ReviewCase, case_id).version,
                )
            return case_id
        self.take_up(case_id, reviewer)
        if status is not CaseStatus.UNDER_REVIEW:
            self.decide(case_id, status, reviewer)
        return case_id

    def decide(self, case_id: int, status: CaseStatus, reviewer: str = "clerk") -> None:
        reviewer_id, actor = self.person(reviewer), self.actor(reviewer)
        with self.database.write() as session:
            version = session.get_one(ReviewCase, case_id).version
            if status is CaseStatus.ACCEPTED:
                decisions.accept(
                    UnitOfWork(session, now=self.now, actor=actor),
                    case_id=case_id,
                    version=version,
                    overrides={},
                    reviewer_id=reviewer_id,
                )
                return
            step = decisions.send_back if status is CaseStatus.RETURNED else decisions.refuse
            step(
                UnitOfWork(session, now=self.now, actor=actor),
                case_id=case_id,
                version=version,
                reasons=[ReturnReason.INCOMPLETE],
                remark="",
            )

    def case(self, case_id: int) -> ReviewCase:
        with self.database.read() as session:
            return session.get_one(ReviewCase, case_id)

    def story(self, subject: str, subject_id: int) -> list[str]:
        """Return what was noted about a thing, the oldest first."""
        with self.database.read() as session:
            return list(
                session.scalars(
                    sa.select(AuditEntry.action)
                    .where(
                        AuditEntry.subject_kind == subject,
                        AuditEntry.subject_id == str(subject_id),
                    )
                    .order_by(AuditEntry.id)
                )
            )


def make_licence(
    session: Session,
    *,
    enterprise_id: int,
    expires_on: dt.date | None,
    kind: LicenceKind = LicenceKind.FIRE,
    **facts: Any,
) -> int:
    """Make a licence that counts, and let the enterprise sell until it ends; returns its id."""
    licence = Licence(
        **{
            "enterprise_id": enterprise_id,
            "kind": kind,
            "number": "消安字2025第0042号",
            "expires_on": expires_on,
            "verified_at": NOW,
        }
        | facts
    )
    session.add(licence)
    enterprise = session.get_one(Enterprise, enterprise_id)
    ends = [day for day in (enterprise.sells_until, expires_on) if day is not None]
    enterprise.sells_until = min(ends) if ends else None
    session.flush()
    return licence.id


def enter(browser: Browser, user_id: int, *, at: dt.datetime = NOW) -> Browser:
    """Put the cookie of a session where signing in would, without the time a password takes."""
    services: Services = browser.client.application.extensions["services"]
    with services.database.write() as session:
        user = session.get_one(User, user_id)
        token = sessions.begin(session, user=user, device="computer", ids=services.ids, now=at)
        session.execute(sa.update(UserSession).values(whole_at=UserSession.created_at))
    with browser.client.session_transaction() as cookie:
        cookie[TOKEN] = token
    browser.open("/account/password")
    return browser
