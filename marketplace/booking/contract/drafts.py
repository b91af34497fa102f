"""Answers on the way to a booking: kept encrypted for 30 days, so that nothing is asked twice."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.service import require_for_sale
from marketplace.booking.contract import cancellation_rules
from marketplace.booking.contract.hold_caps import DEFAULT_CAPS, Caps
from marketplace.booking.contract.placement import PlaceBooking, PriceChanged, WebBuyer, place
from marketplace.booking.lifecycle.scheduled_jobs import DRAFTS_KEPT
from marketplace.booking.models import Draft
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.kernel.ids import Ids
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.offers.quoting.stay_offers import (
    Party,
    ask_for,
    check_rules,
    find_offer,
    make_stay,
    price,
)
from marketplace.pricing import saved_quotes
from marketplace.pricing.nights.terms import Board


@dataclass(frozen=True, slots=True)
class Answers:
    """What has been answered so far; empty text and ``None`` stand for not asked yet."""

    listing_id: int
    room_type_id: int
    arrive: dt.date
    nights: int
    rooms: int
    adults: int
    children_ages: tuple[int, ...]
    seen_total_fen: int
    """The total that was last shown: what the person agreed to."""
    lead_name: str = ""
    for_family: bool | None = None
    phone: str = ""
    consent_version: str = ""
    """The version of the notice that was ticked; empty until then."""
    source_province: str = ""
    """The province they come from, in Chinese, when they said so."""
    board: Board | None = None
    """``None`` for the meals that the room's price includes."""
    extra_beds: int = 0
    adjoining: bool = False
    """Several rooms are wanted next to each other."""
    quote_id: str | None = None
    """The price that was given for them, to the fen and with what cancelling costs."""
    price_until: dt.datetime | None = None
    """Until when that price is honoured."""
    meals: Board | None = None
    """The meals that the price given includes, chosen or not."""
    policy: dict[str, Any] | None = None
    """The cancellation policy that goes with it."""
    question: str = ""
    """What was asked of the search before, for the way back to it."""
    booking_id: str | None = None
    """The hold made from these answers: a second press finds it instead of making another."""

    @property
    def complete(self) -> bool:
        """Whether everything is answered that a hold needs."""
        return bool(self.lead_name and self.phone and self.consent_version)

    def is_honoured(self, now: dt.datetime) -> bool:
        """Whether the price that was given still holds."""
        return self.price_until is not None and now < self.price_until


class DraftDiffers(DomainError):
    """The answers are no longer those that the page showed; nothing was changed."""

    code = "draft_differs"
    http_status = 409
    message = "这一页已经旧了，和现在要订的不一样。什么都没有改"


def as_shown(answers: Answers, *, whole: bool) -> dict[str, Any]:
    """Return what a page shows of answers as plain JSON: the stay and its price.

    ``whole``: also who stays and the telephone, as the last page does.
    """
    bare = replace(
        answers,
        quote_id=None,
        price_until=None,
        booking_id=None,
        consent_version="",
        source_province="",
        question="",
    )
    if not whole:
        bare = replace(bare, lead_name="", for_family=None, phone="")
    facts: dict[str, Any] = json.loads(_to_text(bare))
    return facts


def of_shown(facts: dict[str, Any]) -> Answers:
    """Return the answers that ``as_shown`` made these facts of, as far as they were shown."""
    return _from_text(json.dumps(facts))


def save(session: Session, *, draft_id: str, answers: Answers, now: dt.datetime) -> None:
    """Keep ``answers`` under ``draft_id``, in place of what was kept before."""
    session.merge(Draft(id=draft_id, answers=_to_text(answers), updated_at=now))


def load(session: Session, *, draft_id: str | None, now: dt.datetime) -> Answers | None:
    """Return the answers kept under ``draft_id``; ``None`` when there are none or they are old."""
    if not draft_id:
        return None
    text = session.scalar(
        sa.select(Draft.answers).where(Draft.id == draft_id, Draft.updated_at >= now - DRAFTS_KEPT)
    )
    return _from_text(text) if text is not None else None


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
        if draft_id in kept:
            answers = _from_text(kept[draft_id])
            if answers.booking_id is None and answers.arrive >= shanghai_date(now):
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
    fresh = _given(session, _from_text(draft.answers), ids=ids, now=now)
    draft.answers = _to_text(fresh)
    draft.updated_at = now
    return fresh


def _given(session: Session, answers: Answers, *, ids: Ids, now: dt.datetime) -> Answers:
    """Return answers with a price given now for what they ask, and its total as the one seen."""
    today = shanghai_date(now)
    ask = ask_for(
        make_stay(answers.arrive, answers.nights, today=today),
        today=today,
        rooms=answers.rooms,
        party=Party(answers.adults, answers.children_ages),
        board=answers.board,
        extra_beds=answers.extra_beds,
    )
    offer = find_offer(session, room_type_id=answers.room_type_id)
    require_for_sale(session, enterprise_id=offer.enterprise_id, wares=offer.wares, today=today)
    check_rules(offer, ask)
    priced = price(session, room_type_id=answers.room_type_id, ask=ask)
    kept = saved_quotes.give(
        session,
        stay=saved_quotes.QuotedStay(
            room_type_id=answers.room_type_id,
            tariff_id=priced.plan.tariff_id,
            ask=ask,
            quote=priced.quote,
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
    shown: dict[str, Any] | None = None,
    now: dt.datetime,
    **changes: Any,
) -> None:
    """Put new answers beside the earlier ones.

    Raises:
        NotFound: there are none. DraftDiffers: the page showed another stay or price.
    """
    draft = _locked(session, draft_id)
    answers = _from_text(draft.answers)
    _require_shown(answers, shown, whole=False)
    draft.answers = _to_text(replace(answers, **changes))
    draft.updated_at = now


def _require_shown(answers: Answers, shown: dict[str, Any] | None, *, whole: bool) -> None:
    if shown is not None and shown != as_shown(answers, whole=whole):
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
    shown: dict[str, Any] | None = None
    """What the page said that the button stands on (``as_shown``)."""


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
    answers = _from_text(draft.answers)
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
    draft.answers = _to_text(replace(answers, booking_id=booking.id))
    draft.updated_at = now
    return booking.id


def _unchanged(seen: Answers, fresh: Answers) -> Answers:
    if (seen.seen_total_fen, seen.policy) != (fresh.seen_total_fen, fresh.policy):
        raise PriceChanged(extra={"total_fen": fresh.seen_total_fen})
    return fresh


def _command(answers: Answers, given: BookDraft) -> PlaceBooking:
    return PlaceBooking(
        room_type_id=answers.room_type_id,
        arrive=answers.arrive,
        nights=answers.nights,
        rooms=answers.rooms,
        party=Party(answers.adults, answers.children_ages),
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
        board=answers.board,
        extra_beds=answers.extra_beds,
        adjoining=answers.adjoining,
        quote_id=answers.quote_id,
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


def _to_text(answers: Answers) -> str:
    kept = asdict(answers) | {"arrive": answers.arrive.isoformat()}
    if answers.price_until is not None:
        kept["price_until"] = answers.price_until.isoformat()
    return json.dumps(kept, ensure_ascii=False)


def _from_text(text: str) -> Answers:
    kept = json.loads(text)
    kept["arrive"] = dt.date.fromisoformat(kept["arrive"])
    kept["children_ages"] = tuple(kept["children_ages"])
    if kept.get("price_until"):
        kept["price_until"] = dt.datetime.fromisoformat(kept["price_until"])
    for name in ("board", "meals"):
        if kept.get(name):
            kept[name] = Board(kept[name])
    return Answers(**kept)
