"""Beginning a case about an entry: an application, a claim, a change; and what can be claimed."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog import service
from catalog.directory.register import matching
from catalog.models import Enterprise
from catalog.office.cases import case_lifecycle
from catalog.office.models import ReviewCase
from catalog.states import CASE_OPEN, CaseStatus, EnterpriseStatus
from catalog.vocabulary import CaseKind, Category
from marketplace.kernel.audit import Actor
from marketplace.kernel.db import lock_word
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.kernel.unit_of_work import UnitOfWork

MOST_FOUND = 30
ENTRY_KINDS = (CaseKind.APPLICATION, CaseKind.CLAIM, CaseKind.ENTERPRISE)


class OneAtATime(DomainError):
    """An account leads to one enterprise, so its holder has one application or claim at a time."""

    code = "one_at_a_time"
    http_status = 409
    message = "您还有一份没办完的申请。一个账号只对应一家企业：请先办完，或先撤回那一份"


class NotClaimable(DomainError):
    """The entry cannot be claimed."""

    code = "not_claimable"
    http_status = 409
    message = "这一家现在不能认领：已经有人认领，或者还在规划、已暂停，或者是示例数据"


@dataclass(frozen=True, slots=True)
class Claimable:
    """An entry that nobody has claimed."""

    code: str
    name_zh: str
    name_en: str
    category: Category
    prefecture: str
    county: str


def open_application(
    session: Session,
    *,
    author_id: int,
    now: dt.datetime,
    contact: Mapping[str, str] | None = None,
) -> ReviewCase:
    """Begin an application, or return the one that is open; a new one knows the author's contact.

    Raises:
        OneAtATime: the author has a claim open.
    """
    lock_word(session, f"applicant:{author_id}")
    other = _open_of(session, author_id)
    if other is not None and other.kind is not CaseKind.APPLICATION:
        raise OneAtATime
    known = _contact_of(session, author_id)
    case = case_lifecycle.open_case(
        session, kind=CaseKind.APPLICATION, author_id=author_id, now=now
    )
    case.contact = case.contact or (
        json.dumps(dict(contact), ensure_ascii=False) if contact else known
    )
    session.flush()
    return case


def open_claim(
    session: Session, *, author_id: int, code: str, actor: Actor, now: dt.datetime
) -> ReviewCase:
    """Begin to claim an entry, or return the claim that is open; it starts from the entry's facts.

    An application that was begun and holds nothing yet makes room.

    Raises:
        NotFound: there is no such entry. NotClaimable: it is not to be had.
        OneAtATime: the author has something else open.
    """
    lock_word(session, f"applicant:{author_id}")
    found = session.scalar(sa.select(Enterprise.id).where(Enterprise.code == code))
    if found is None:
        raise NotFound
    entry = service.locked(session, found)
    if not _is_claimable(entry):
        raise NotClaimable
    other = _open_of(session, author_id)
    known = _contact_of(session, author_id)
    if other is not None and other.enterprise_id != entry.id:
        if other.document or other.status is not CaseStatus.DRAFT:
            raise OneAtATime
        work = UnitOfWork(session, now, actor)
        case_lifecycle.withdraw(work, case_id=other.id, version=other.version)
    case = case_lifecycle.open_case(
        session, kind=CaseKind.CLAIM, author_id=author_id, enterprise_id=entry.id, now=now
    )
    case.contact = case.contact or known
    session.flush()
    return case


def open_change(
    session: Session, *, author_id: int, enterprise_id: int, now: dt.datetime
) -> ReviewCase:
    """Begin to change an entry, or return the change that is open; it starts from the facts."""
    lock_word(session, f"enterprise.change:{enterprise_id}")
    return case_lifecycle.open_case(
        session,
        kind=CaseKind.ENTERPRISE,
        author_id=author_id,
        enterprise_id=enterprise_id,
        now=now,
    )


def _open_of(session: Session, author_id: int) -> ReviewCase | None:
    return session.scalars(
        sa.select(ReviewCase)
        .where(
            ReviewCase.author_id == author_id,
            ReviewCase.status.in_(CASE_OPEN),
            ReviewCase.kind.in_((CaseKind.APPLICATION, CaseKind.CLAIM)),
        )
        .order_by(ReviewCase.id)
        .limit(1)
    ).one_or_none()


def _contact_of(session: Session, author_id: int) -> str | None:
    """Return whom to ask, as the author last said."""
    return session.scalar(
        sa.select(ReviewCase.contact)
        .where(ReviewCase.author_id == author_id, ReviewCase.contact.is_not(None))
        .order_by(ReviewCase.id.desc())
        .limit(1)
    )


def _is_claimable(entry: Enterprise) -> bool:
    nobodys = not entry.claimed and not entry.planned and not entry.is_sample
    return nobodys and entry.status is EnterpriseStatus.LISTED


def claimable(session: Session, *, words: str) -> list[Claimable]:
    """Return the entries that can be claimed whose name, number or place has ``words`` in it."""
    rows = session.execute(
        sa.select(
            Enterprise.code,
            Enterprise.name_zh,
            Enterprise.name_en,
            Enterprise.category,
            Enterprise.prefecture,
            Enterprise.county,
        )
        .where(
            Enterprise.id.in_(matching(session, words=words)),
            Enterprise.status == EnterpriseStatus.LISTED,
            Enterprise.claimed.is_(False),
            Enterprise.planned.is_(False),
            Enterprise.is_sample.is_(False),
        )
        .order_by(Enterprise.code)
        .limit(MOST_FOUND)
    )
    return [Claimable(*row) for row in rows]


def cases_of_author(session: Session, *, author_id: int) -> list[ReviewCase]:
    """Return the applications and claims of an author, the newest first."""
    return list(
        session.scalars(
            sa.select(ReviewCase)
            .where(ReviewCase.author_id == author_id, ReviewCase.kind.in_(ENTRY_KINDS))
            .order_by(ReviewCase.id.desc())
        )
    )


def cases_of_enterprise(session: Session, *, enterprise_id: int) -> list[ReviewCase]:
    """Return every case about an entry, its listings' too, the newest first."""
    return list(
        session.scalars(
            sa.select(ReviewCase)
            .where(ReviewCase.enterprise_id == enterprise_id)
            .order_by(ReviewCase.id.desc())
        )
    )


def own_case(
    session: Session, case_id: int, *, author_id: int, enterprise_id: int | None
) -> ReviewCase:
    """Return a case about an entry that its author, or the entry's operators, may see and change.

    Raises:
        NotFound: there is none, or it is not theirs; the two look the same.
    """
    case = session.get(ReviewCase, case_id)
    if case is None or case.kind not in ENTRY_KINDS:
        raise NotFound
    of_house = enterprise_id is not None and case.enterprise_id == enterprise_id
    change = case.kind is CaseKind.ENTERPRISE
    if (change and of_house) or (not change and case.author_id == author_id):
        return case
    raise NotFound
