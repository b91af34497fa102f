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
from marketplace.booking.contract.room_choices import RoomChoice, require_one_stay
from marketplace.booking.lifecycle.scheduled_jobs import DRAFTS_KEPT
from marketplace.booking.models import Draft
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.kernel.ids import Ids
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.offers.quoting.stay_offers import (
    Offer,
    Priced,
    check_rules,
    find_offers,
    price_by,
    require_ahead,
)
from marketplace.pricing import queries as prices
from marketplace.pricing import saved_quotes
from marketplace.pricing.nights.quote import Ask
from marketplace.pricing.nights.selection import StaySelection


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
        if answers.stay.check_in >= shanghai_date(now):
            return draft_id, answers
    return None


def begin(session: Session, *, draft_id: str, answers: Answers, ids: Ids, now: dt.datetime) -> None:
    """Keep the first answers with the price given for them, honoured for half an hour.

    Raises:
        PriceChanged: the price is not the one that was seen; 0 fen stands for none seen.
        NotFound, NotBookable, NoPrice, Restricted, Invalid, NotOneStay: it cannot be had like this.
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
    """Return answers with prices given now for what they ask, each room by itself, in one quote."""
    chosen, today = answers.selections, shanghai_date(now)
    require_one_stay(chosen)
    require_ahead(answers.stay, today=today)
    offers = find_offers(session, room_type_ids=[each.room_type_id for each in chosen])
    require_one_stay(chosen, [offer.listing_id for offer in offers])
    house = offers[0]
    require_for_sale(session, enterprise_id=house.enterprise_id, wares=house.wares, today=today)
    priced = _priced(session, chosen, offers, today)
    kept = saved_quotes.give(
        session,
        stay=saved_quotes.quoted_stay(
            house.listing_id,
            [
                (each, found.plan.tariff_id, found.quote)
                for each, found in zip(chosen, priced, strict=True)
            ],
        ),
        holder=saved_quotes.holder_of(None),
        ids=ids,
        now=now,
    )
    rooms = tuple(
        replace(
            room,
            total_fen=found.quote.total_fen,
            meals=found.quote.board,
            policy=cancellation_rules.policy_of(found.terms),
        )
        for room, found in zip(answers.rooms, priced, strict=True)
    )
    return replace(
        answers,
        rooms=rooms,
        seen_total_fen=sum(room.total_fen for room in rooms),
        quote_id=kept.id,
        price_until=kept.expires_at,
    )


def _priced(
    session: Session, chosen: Sequence[StaySelection], offers: Sequence[Offer], today: dt.date
) -> list[Priced]:
    asks = [Ask.of(each, booked_on=today) for each in chosen]
    for offer, ask in zip(offers, asks, strict=True):
        check_rules(offer, ask)
    plans = prices.plans(
        session,
        room_type_ids={offer.room_type_id for offer in offers},
        first=asks[0].stay.check_in,
        last=asks[0].stay.check_out,
    )
    return [
        price_by(plans[offer.room_type_id], ask) for offer, ask in zip(offers, asks, strict=True)
    ]


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
    if _agreed(seen) != _agreed(fresh):
        raise PriceChanged(extra={"total_fen": fresh.seen_total_fen})
    return fresh


def _agreed(answers: Answers) -> tuple[int, list[dict[str, Any] | None]]:
    return answers.seen_total_fen, [room.policy for room in answers.rooms]


def _command(answers: Answers, given: BookDraft) -> PlaceBooking:
    return PlaceBooking(
        rooms=tuple(
            RoomChoice(room.selection, answers.quote_id, room.sleepers) for room in answers.rooms
        ),
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
