"""Answers on the way to a booking: kept encrypted for 30 days, so that nothing is asked twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.service import require_for_sale
from marketplace.booking.contract import cancellation_rules
from marketplace.booking.contract.answers import Answers
from marketplace.booking.contract.buyers import WebBuyer
from marketplace.booking.contract.hold_caps import DEFAULT_CAPS, Caps
from marketplace.booking.contract.placement import PlaceBooking, PriceChanged, place
from marketplace.booking.contract.room_choices import RoomChoice
from marketplace.booking.lifecycle.scheduled_jobs import DRAFTS_KEPT
from marketplace.booking.models import Draft
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.kernel.ids import Ids
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.offers.quoting.stay_offers import check_rules, find_offer, price, require_ahead
from marketplace.pricing import saved_quotes
from marketplace.pricing.nights.quote import Ask


class DraftDiffers(DomainError):
    """The answers are no longer those that the page showed; nothing was changed."""

    code = "draft_differs"
    http_status = 409
    message = "这一页已经旧了，和现在要订的不一样。什么都没有改"


def save(session: Session, *, draft_id: str, answers: Answers, now: dt.datetime) -> None:
    """Keep ``answers`` under ``draft_id``, in place of what was kept before."""
    session.merge(Draft(id=draft_id, answers=answers, updated_at=now))


def load(session: Session, *, draft_id: str | None, now: dt.datetime) -> Answers | None:
    """Return the answers kept under ``draft_id``; ``None`` when there are none or they are old."""
    if not draft_id:
        return None
    return session.scalar(
        sa.select(Draft.answers).where(Draft.id == draft_id, Draft.updated_at >= now - DRAFTS_KEPT)
    )


def newest_unbooked(
    session: Session, *, draft_ids: Sequence[str], now: dt.datetime
) -> tuple[str, Answers] | None:
    """Return the answers begun last that no hold was made of and whose arrival is not over."""
    kept = dict(
        session.execute(
            sa.select(Draft.id, Draft.answers).where(
                Draft.id.in_(draft_ids), Draft.updated_at >= now - DRAFTS_KEPT
            )
        ).all()
    )
    for draft_id in reversed(draft_ids):
        answers = kept.get(draft_id)
        if answers is None or answers.booking_id is not None:
            continue
        if answers.selection.stay.check_in >= shanghai_date(now):
            return draft_id, answers
    return None


def begin(session: Session, *, draft_id: str, answers: Answers, ids: Ids, now: dt.datetime) -> None:
    """Keep the first answers with the price given for them, honoured for half an hour.

    Raises:
        PriceChanged: the price is not the one that was seen; 0 fen stands for none seen.
        NotFound, NotBookable, NoPrice, Restricted, Invalid: it cannot be had like this.
    """
    seen = answers.seen_total_fen
    given = _given(session, answers, ids=ids, now=now)
    if seen not in (0, given.seen_total_fen):
        raise PriceChanged(extra={"total_fen": given.seen_total_fen})
    save(session, draft_id=draft_id, answers=replace(given, seen_total_fen=seen), now=now)


def renew(session: Session, *, draft_id: str, ids: Ids, now: dt.datetime) -> Answers:
    """Price the kept answers anew and return them with the new price as the one that is seen.

    Raises:
        NotFound: there are no such answers; and what ``begin`` raises when it cannot be had.
    """
    draft = _locked(session, draft_id)
    fresh = _given(session, draft.answers, ids=ids, now=now)
    draft.answers = fresh
    draft.updated_at = now
    return fresh


def _given(session: Session, answers: Answers, *, ids: Ids, now: dt.datetime) -> Answers:
    """Return answers with a price given now for what they ask, and its total as the one seen."""
    chosen, today = answers.selection, shanghai_date(now)
    require_ahead(chosen.stay, today=today)
    ask = Ask.of(chosen, booked_on=today)
    offer = find_offer(session, room_type_id=chosen.room_type_id)
    require_for_sale(session, enterprise_id=offer.enterprise_id, wares=offer.wares, today=today)
    check_rules(offer, ask)
    priced = price(session, room_type_id=offer.room_type_id, ask=ask)
    kept = saved_quotes.give(
        session,
        stay=saved_quotes.quoted_stay(
            offer.listing_id, [(chosen, priced.plan.tariff_id, priced.quote)]
        ),
        holder=saved_quotes.holder_of(None),
        ids=ids,
        now=now,
    )
    return replace(
        answers,
        seen_total_fen=priced.quote.total_fen,
        quote_id=kept.id,
        price_until=kept.expires_at,
        meals=priced.quote.board,
        policy=cancellation_rules.policy_of(priced.terms),
    )


def amend(
    session: Session,
    *,
    draft_id: str,
    shown: Answers | None = None,
    now: dt.datetime,
    **changes: Any,
) -> None:
    """Put new answers beside the earlier ones.

    Raises:
        NotFound: there are none. DraftDiffers: the page showed another stay or price.
    """
    draft = _locked(session, draft_id)
    answers = draft.answers
    _require_shown(answers, shown, whole=False)
    draft.answers = replace(answers, **changes)
    draft.updated_at = now


def _require_shown(answers: Answers, shown: Answers | None, *, whole: bool) -> None:
    if shown is not None and shown != answers.shown(whole=whole):
        raise DraftDiffers


@dataclass(frozen=True, slots=True)
class BookDraft:
    """A wish to place the hold that kept answers ask for: what they do not say themselves."""

    draft_id: str
    address: str
    """The network address the request came from."""
    recipient: str
    """Who is told of the guest, as the notice that was ticked names them."""
    language: str
    shown: Answers | None = None
    """What the page said that the button stands on (``Answers.shown``)."""


def book(
    work: UnitOfWork, command: BookDraft, *, commission_bp: int, caps: Caps = DEFAULT_CAPS
) -> str:
    """Place the hold that the answers ask for and return its id; a second call returns the same.

    The draft's row is locked first, so that two presses at once make one hold. A price whose time
    is over is looked up anew; the hold is made when nothing about it has changed.

    Raises:
        NotFound: there are no such answers, or they are not complete.
        DraftDiffers: they are no longer those that were shown.
        PriceChanged: the total is not the one seen, or cancelling would cost something else.
        Everything else that ``place`` raises.
    """
    session, now = work.session, work.now
    draft = _locked(session, command.draft_id)
    answers = draft.answers
    if answers.booking_id is not None:
        return answers.booking_id
    if not answers.complete:
        raise NotFound
    _require_shown(answers, command.shown, whole=True)
    if answers.quote_id is not None and not answers.is_honoured(now):
        answers = _unchanged(answers, _given(session, answers, ids=work.ids, now=now))
    booking = place(
        session,
        command=_command(answers, command),
        commission_bp=commission_bp,
        actor=work.actor,
        ids=work.ids,
        now=now,
        caps=caps,
    )
    draft.answers = replace(answers, booking_id=booking.id)
    draft.updated_at = now
    return booking.id


def _unchanged(seen: Answers, fresh: Answers) -> Answers:
    if (seen.seen_total_fen, seen.policy) != (fresh.seen_total_fen, fresh.policy):
        raise PriceChanged(extra={"total_fen": fresh.seen_total_fen})
    return fresh


def _command(answers: Answers, given: BookDraft) -> PlaceBooking:
    return PlaceBooking(
        rooms=(RoomChoice(answers.selection, answers.quote_id),),
        buyer=WebBuyer(
            lead_name=answers.lead_name,
            phone=answers.phone,
            address=given.address,
            consent_version=answers.consent_version,
            consent_recipient=given.recipient,
            for_family=bool(answers.for_family),
            language=given.language,
        ),
        expected_total_fen=answers.seen_total_fen,
        source_province=answers.source_province,
    )


def forget(session: Session, *, draft_ids: Sequence[str]) -> None:
    """Erase answers whose visitor leaves the device; a booking made of them stays."""
    session.execute(sa.delete(Draft).where(Draft.id.in_(draft_ids)))


def _locked(session: Session, draft_id: str) -> Draft:
    draft = session.scalars(
        sa.select(Draft).where(Draft.id == draft_id).with_for_update()
    ).one_or_none()
    if draft is None:
        raise NotFound
    return draft
