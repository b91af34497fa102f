"""Messages from the directory office: how a case ended, and that a licence comes to its end.

What is owed names cases and licences by id only; the phone is read from the case when the message
is written, and is erased from it after a year.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Enterprise
from catalog.office.cases.case_review import CONTACT_KEPT, contact_of
from catalog.office.entries.entry_summary import contact_case_of
from catalog.office.licences.licence_expiry import EXPIRED
from catalog.office.models import Licence, ReviewCase
from catalog.states import CaseStatus
from marketplace.kernel import phones
from marketplace.kernel.db import insert_new, table_of
from marketplace.notify.channel import Channel, ConsoleChannel
from marketplace.notify.message_texts import Office, about_case, about_licence
from marketplace.notify.models import Audience, Message
from marketplace.notify.service import SAMPLE_MARK

LANGUAGE = "zh"
"""The office writes in Chinese; the console shows each notice in its reader's language."""


@dataclass(frozen=True, slots=True)
class _Word:
    """What is said, of what, and under which key."""

    key: str
    what: str
    text: str
    enterprise_id: int | None
    case_id: int | None = None
    licence_id: int | None = None


def send_about_case(
    session: Session,
    *,
    case_id: int,
    outcome: CaseStatus,
    key: str,
    office: Office,
    now: dt.datetime,
    channel: Channel | None = None,
) -> None:
    """Tell the author how a case ended: by text to its contact, and in the operator's console."""
    case = session.get_one(ReviewCase, case_id)
    word = _Word(
        key=key,
        what=f"case_{outcome.value}",
        text=about_case(outcome, case.kind, office, LANGUAGE),
        enterprise_id=case.enterprise_id,
        case_id=case_id,
    )
    contact = contact_of(case)
    _tell(session, word, contact.phone if contact else "", now, channel)


def send_about_licence(
    session: Session,
    *,
    licence_id: int,
    days_before: int,
    key: str,
    office: Office,
    now: dt.datetime,
    channel: Channel | None = None,
) -> None:
    """Warn an enterprise of a licence's end: in its console, and by text to its contact.

    ``days_before`` is 0 when it has ended. Nothing is said of a licence that was renewed meanwhile.
    """
    licence = session.get_one(Licence, licence_id)
    if licence.replaced_at is not None or licence.expires_on is None:
        return
    enterprise = session.get_one(Enterprise, licence.enterprise_id)
    ended = days_before == EXPIRED
    text = about_licence(
        licence.kind, enterprise.name_zh, licence.expires_on, office, LANGUAGE, ended=ended
    )
    word = _Word(
        key=key,
        what="licence_ended" if ended else "licence_ending",
        text=text + (SAMPLE_MARK if enterprise.is_sample else ""),
        enterprise_id=enterprise.id,
        licence_id=licence_id,
    )
    _tell(session, word, _phone_of(session, enterprise.id), now, channel)


def forget_phones(session: Session, *, now: dt.datetime) -> int:
    """Erase the phones of messages to contacts after a year; returns how many."""
    erased = session.execute(
        sa.update(Message)
        .where(
            Message.audience == Audience.CONTACT,
            Message.to.is_not(None),
            Message.sent_at < now - CONTACT_KEPT,
        )
        .values(to=None)
        .returning(Message.id)
    )
    return len(erased.all())


def _phone_of(session: Session, enterprise_id: int) -> str:
    """Return the phone on the latest accepted case of an enterprise that still has one."""
    case = contact_case_of(session, enterprise_id)
    contact = contact_of(case) if case is not None else None
    return contact.phone if contact is not None else ""


def _tell(
    session: Session, word: _Word, phone: str, now: dt.datetime, channel: Channel | None
) -> None:
    """Put a notice into the operator's console and send the same to a mobile; each of them once."""
    if word.enterprise_id is not None:
        _write(session, word, Audience.OPERATOR, None, now)
    if phones.takes_texts(phone) and _write(session, word, Audience.CONTACT, phone, now):
        (channel or ConsoleChannel()).send(to=phone, text=word.text, key=word.key)


def _write(
    session: Session, word: _Word, audience: Audience, to: str | None, now: dt.datetime
) -> bool:
    """Write a message; tells whether it was not there yet."""
    written = session.execute(
        insert_new(table_of(Message), session.get_bind().dialect.name)
        .values(
            key=f"{word.key}:{audience.value}",
            audience=audience,
            what=word.what,
            case_id=word.case_id,
            licence_id=word.licence_id,
            enterprise_id=word.enterprise_id,
            to=to,
            text=word.text,
            channel="console",
            sent_at=now,
        )
        .returning(Message.id)
    ).scalar_one_or_none()
    return written is not None
