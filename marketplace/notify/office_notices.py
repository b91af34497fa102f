"""Messages from the directory office: how a case ended, and that a licence comes to its end.

What is owed names cases and licences by id only; the phone is read from the case when the message
is written, and is erased from it after a year.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.effects import CaseDecided, LicenceEnding
from catalog.models import Enterprise
from catalog.office.cases.case_review import CONTACT_KEPT, contact_of
from catalog.office.entries.entry_summary import contact_case_of
from catalog.office.licences.licence_expiry import EXPIRED
from catalog.office.models import Licence, ReviewCase
from marketplace.kernel import phones
from marketplace.notify.booking_notices import SAMPLE_MARK
from marketplace.notify.message_texts import Sender, about_case, about_licence
from marketplace.notify.messages import NewMessage, put_down
from marketplace.notify.models import Audience, Message

LANGUAGE = "zh"
"""The office writes in Chinese; the console shows each notice in its reader's language."""


def write_about_case(
    session: Session, decided: CaseDecided, sender: Sender, *, now: dt.datetime
) -> None:
    """Put down how a case ended: a text to its contact, a notice in the operator's console."""
    case = session.get_one(ReviewCase, decided.case_id)
    contact = contact_of(case)
    notice = NewMessage(
        told=decided.key,
        audience=Audience.OPERATOR,
        what=f"case_{decided.outcome.value}",
        text=about_case(decided.outcome, case.kind, sender, LANGUAGE),
        enterprise_id=case.enterprise_id,
        case_id=case.id,
    )
    _put_down(session, notice, contact.phone if contact else "", sender, now)


def write_about_licence(
    session: Session, ending: LicenceEnding, sender: Sender, *, now: dt.datetime
) -> None:
    """Put down the warning of a licence's end: for the console, and a text to the contact.

    Nothing is said of a licence that was renewed meanwhile.
    """
    licence = session.get_one(Licence, ending.licence_id)
    if licence.replaced_at is not None or licence.expires_on is None:
        return
    enterprise = session.get_one(Enterprise, licence.enterprise_id)
    ended = ending.days_before == EXPIRED
    text = about_licence(
        licence.kind, enterprise.name_zh, licence.expires_on, sender, LANGUAGE, ended=ended
    )
    notice = NewMessage(
        told=ending.key,
        audience=Audience.OPERATOR,
        what="licence_ended" if ended else "licence_ending",
        text=text + (SAMPLE_MARK if enterprise.is_sample else ""),
        enterprise_id=enterprise.id,
        licence_id=licence.id,
    )
    _put_down(session, notice, _phone_of(session, enterprise.id), sender, now)


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


def _put_down(
    session: Session, notice: NewMessage, phone: str, sender: Sender, now: dt.datetime
) -> None:
    """Put a notice into the operator's console, and the same down for a mobile."""
    if notice.enterprise_id is not None:
        put_down(session, notice, channel=sender.channel, now=now)
    if phones.takes_texts(phone):
        text = replace(notice, audience=Audience.CONTACT, to=phone)
        put_down(session, text, channel=sender.channel, now=now)
