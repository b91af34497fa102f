"""Striking an enterprise off the directory: one person proposes, another one decides.

Everything happens under the enterprise's lock, so that a proposal, its decision and a reinstatement
come one after another.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog import service
from catalog.models import Enterprise
from catalog.office.models import Delisting
from catalog.states import EnterpriseStatus, WrongEnterpriseState, check_enterprise
from marketplace.kernel import audit
from marketplace.kernel.errors import DomainError, Invalid, NotFound
from marketplace.kernel.text import remark_fault


class ProposedAlready(DomainError):
    """A proposal to delist this enterprise waits for a second person."""

    code = "proposed_already"
    http_status = 409
    message = "这家企业已经有人提议除名，正在等第二个人决定"


class DecidedAlready(DomainError):
    """The proposal was decided or taken back before."""

    code = "decided_already"
    http_status = 409
    message = "这个除名提议先前已经办完，没有重复办理"


class TwoPeople(DomainError):
    """Who proposed a delisting may not decide it."""

    code = "two_people"
    http_status = 403
    message = "除名要两个人办：提议的人不能自己决定，请另一位同事来决定"


class NotTheProposer(DomainError):
    """Only who made a proposal may take it back."""

    code = "not_the_proposer"
    http_status = 403
    message = "只有提议的人可以收回提议；不同意请选“不同意除名”"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal that waits for a second person."""

    id: int
    reason: str
    asked_by: int
    asked_at: dt.datetime
    lapsed: bool
    """Whether sales were allowed again since: it can be turned down, not carried out."""


def propose(
    session: Session,
    *,
    enterprise_id: int,
    reason: str,
    asked_by: int,
    actor: audit.Actor,
    now: dt.datetime,
) -> Delisting:
    """Propose to strike a suspended enterprise off; a second person has to agree.

    Raises:
        NotFound. Invalid: no reason is given. ProposedAlready. WrongEnterpriseState: it is not
        suspended.
    """
    reason = reason.strip()
    if fault := remark_fault(reason, most=service.LONGEST_REASON, missing="请写明除名的原因"):
        raise Invalid({"reason": fault})
    enterprise = service.locked(session, enterprise_id)
    check_enterprise(enterprise.status, EnterpriseStatus.DELISTED)
    waiting = session.scalars(
        sa.select(Delisting).where(Delisting.open_for == enterprise_id)
    ).one_or_none()
    if waiting is not None:
        if not _lapsed(session, waiting):
            raise ProposedAlready
        _close(session, waiting, carried=False, decided_by=None, now=now)
    proposal = Delisting(
        enterprise_id=enterprise_id,
        open_for=enterprise_id,
        reason=reason,
        asked_by=asked_by,
        asked_at=now,
    )
    session.add(proposal)
    session.flush()
    _note(session, proposal, "delisting.proposed", actor, now)
    return proposal


def decide(
    session: Session,
    *,
    delisting_id: int,
    carry: bool,
    decided_by: int,
    actor: audit.Actor,
    now: dt.datetime,
) -> None:
    """Carry a proposal out, or turn it down, as the second person.

    Raises:
        NotFound, DecidedAlready. TwoPeople: it is the decider's own proposal. WrongEnterpriseState:
        the enterprise was reinstated since, so that there is nothing to carry out.
    """
    proposal = _locked(session, delisting_id)
    if proposal.asked_by == decided_by:
        raise TwoPeople
    if carry and _lapsed(session, proposal):
        raise WrongEnterpriseState
    _close(session, proposal, carried=carry, decided_by=decided_by, now=now)
    _note(session, proposal, "delisting.carried" if carry else "delisting.rejected", actor, now)
    if carry:
        service.delist(session, enterprise_id=proposal.enterprise_id, actor=actor, now=now)


def take_back(
    session: Session, *, delisting_id: int, by: int, actor: audit.Actor, now: dt.datetime
) -> None:
    """Take one's own proposal back; raises ``NotFound``, ``DecidedAlready``, ``NotTheProposer``."""
    proposal = _locked(session, delisting_id)
    if proposal.asked_by != by:
        raise NotTheProposer
    _close(session, proposal, carried=False, decided_by=by, now=now)
    _note(session, proposal, "delisting.taken_back", actor, now)


def delisting_of(session: Session, enterprise_id: int) -> Proposal | None:
    """Return the proposal that waits for a second person, if there is one."""
    found = session.scalars(
        sa.select(Delisting).where(Delisting.open_for == enterprise_id)
    ).one_or_none()
    if found is None:
        return None
    return Proposal(found.id, found.reason, found.asked_by, found.asked_at, _lapsed(session, found))


def code_of(session: Session, delisting_id: int) -> str:
    """Return the directory number of the enterprise a proposal is about; raises ``NotFound``."""
    code = session.scalar(
        sa.select(Enterprise.code)
        .join(Delisting, Delisting.enterprise_id == Enterprise.id)
        .where(Delisting.id == delisting_id)
    )
    if code is None:
        raise NotFound
    return code


def _locked(session: Session, delisting_id: int) -> Delisting:
    enterprise_id = session.scalar(
        sa.select(Delisting.enterprise_id).where(Delisting.id == delisting_id)
    )
    if enterprise_id is None:
        raise NotFound
    service.locked(session, enterprise_id)
    proposal = session.scalars(
        sa.select(Delisting)
        .where(Delisting.id == delisting_id)
        .execution_options(populate_existing=True)
    ).one()
    if proposal.open_for is None:
        raise DecidedAlready
    return proposal


def _lapsed(session: Session, proposal: Delisting) -> bool:
    """Whether the suspension that the proposal was made in is over."""
    enterprise = session.get_one(Enterprise, proposal.enterprise_id)
    suspension = service.open_suspension(session, proposal.enterprise_id)
    return enterprise.status is not EnterpriseStatus.SUSPENDED or (
        suspension is not None and suspension.began_at > proposal.asked_at
    )


def _close(
    session: Session,
    proposal: Delisting,
    *,
    carried: bool,
    decided_by: int | None,
    now: dt.datetime,
) -> None:
    proposal.open_for = None
    proposal.carried = carried
    proposal.decided_by = decided_by
    proposal.decided_at = now
    session.flush()


def _note(
    session: Session, proposal: Delisting, action: str, actor: audit.Actor, now: dt.datetime
) -> None:
    audit.note(
        session,
        actor=actor,
        action=action,
        subject=("enterprise", proposal.enterprise_id),
        now=now,
        delisting=proposal.id,
        reason=proposal.reason,
    )
