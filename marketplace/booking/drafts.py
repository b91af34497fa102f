"""Answers on the way to a booking: kept encrypted for 30 days, so that nothing is asked twice."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.booking.models import Draft
from marketplace.booking.place import PlaceBooking, WebBuyer, place
from marketplace.booking.sweeps import DRAFTS_KEPT
from marketplace.kernel.audit import TRAVELLER
from marketplace.kernel.errors import NotFound
from marketplace.kernel.ids import Ids
from marketplace.offers.assemble import Party


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
    booking_id: str | None = None
    """The hold made from these answers: a second press finds it instead of making another."""

    @property
    def complete(self) -> bool:
        """Whether everything is answered that a hold needs."""
        return bool(self.lead_name and self.phone and self.consent_version)


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


def amend(session: Session, *, draft_id: str, now: dt.datetime, **changes: Any) -> None:
    """Put new answers beside the earlier ones; raises ``NotFound`` when there are none."""
    draft = _locked(session, draft_id)
    draft.answers = _to_text(replace(_from_text(draft.answers), **changes))
    draft.updated_at = now


def book(  # everything a hold needs that the answers do not hold
    session: Session,
    *,
    draft_id: str,
    address: str,
    recipient: str,
    language: str,
    commission_bp: int,
    ids: Ids,
    now: dt.datetime,
) -> str:
    """Place the hold that the answers ask for and return its id; a second call returns the same.

    The draft's row is locked first, so that two presses at once make one hold.

    Raises:
        NotFound: there are no such answers, or they are not complete.
        Everything that ``place`` raises.
    """
    draft = _locked(session, draft_id)
    answers = _from_text(draft.answers)
    if answers.booking_id is not None:
        return answers.booking_id
    if not answers.complete:
        raise NotFound
    booking = place(
        session,
        command=_command(answers, address, recipient, language),
        commission_bp=commission_bp,
        actor=TRAVELLER,
        ids=ids,
        now=now,
    )
    draft.answers = _to_text(replace(answers, booking_id=booking.id))
    draft.updated_at = now
    return booking.id


def _command(answers: Answers, address: str, recipient: str, language: str) -> PlaceBooking:
    return PlaceBooking(
        room_type_id=answers.room_type_id,
        arrive=answers.arrive,
        nights=answers.nights,
        rooms=answers.rooms,
        party=Party(answers.adults, answers.children_ages),
        buyer=WebBuyer(
            lead_name=answers.lead_name,
            phone=answers.phone,
            address=address,
            consent_version=answers.consent_version,
            consent_recipient=recipient,
            for_family=bool(answers.for_family),
            language=language,
        ),
        expected_total_fen=answers.seen_total_fen,
        source_province=answers.source_province,
    )


def _locked(session: Session, draft_id: str) -> Draft:
    draft = session.scalars(
        sa.select(Draft).where(Draft.id == draft_id).with_for_update()
    ).one_or_none()
    if draft is None:
        raise NotFound
    return draft


def _to_text(answers: Answers) -> str:
    return json.dumps({**asdict(answers), "arrive": answers.arrive.isoformat()}, ensure_ascii=False)


def _from_text(text: str) -> Answers:
    kept = json.loads(text)
    kept["arrive"] = dt.date.fromisoformat(kept["arrive"])
    kept["children_ages"] = tuple(kept["children_ages"])
    return Answers(**kept)
