"""What the directory office sends: how a case ended, and that a licence ends; each of it once."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from catalog.effects import CaseDecided, LicenceEnding
from catalog.office.cases import handler_registry
from catalog.office.licences.licence_records import LicenceFacts, record
from catalog.states import CaseStatus
from catalog.vocabulary import CaseKind, LicenceKind
from marketplace.kernel.audit import SYSTEM
from marketplace.kernel.clock import SetClock
from marketplace.kernel.db import Database
from marketplace.kernel.outbox import OutboxRow
from marketplace.notify import handlers, office_notices
from marketplace.notify.message_texts import about_case, about_licence
from marketplace.notify.models import Audience, Message
from marketplace.notify.queries import unread
from tests.factories import NOW, TODAY, make_enterprise
from tests.support.review import CONTACT, Counter, Leaflet, make_licence
from tests.support.telling import Teller


@pytest.fixture
def counter(database: Database, monkeypatch: pytest.MonkeyPatch) -> Counter:
    monkeypatch.setitem(handler_registry.HANDLERS, CaseKind.ENTERPRISE, Leaflet())
    with database.write() as session:
        return Counter(database, make_enterprise(session))


def messages(database: Database) -> list[tuple[Audience, str, str | None]]:
    with database.read() as session:
        rows = session.execute(
            sa.select(Message.audience, Message.what, Message.to).order_by(Message.id)
        )
        return [(row.audience, row.what, row.to) for row in rows]


@pytest.mark.parametrize("status", [CaseStatus.RETURNED, CaseStatus.ACCEPTED, CaseStatus.REFUSED])
def test_an_outcome_is_owed_by_ids_alone_and_told_once(
    counter: Counter, status: CaseStatus
) -> None:
    case_id = counter.bring_to(status)
    with counter.database.read() as session:
        owed = session.scalars(
            sa.select(OutboxRow).where(OutboxRow.topic == CaseDecided.topic)
        ).one()
    assert owed.payload == {"case_id": case_id, "outcome": status.value}
    teller = Teller(counter.database, SetClock(NOW))
    for _ in range(2):
        handlers.tell_of_case(teller, CaseDecided(case_id, status, owed.key))
    [(phone, text)] = teller.channel.sent
    assert phone == CONTACT["phone"]
    assert teller.sender.sign_in_url in text
    assert CONTACT["name"] not in text
    what = f"case_{status.value}"
    assert messages(counter.database) == [
        (Audience.OPERATOR, what, None),
        (Audience.CONTACT, what, CONTACT["phone"]),
    ]
    with counter.database.read() as session:
        [notice], total = unread(session, enterprise_id=counter.enterprise_id)
    assert (total, notice.what, notice.case, notice.booking_id) == (
        1,
        what,
        CaseKind.ENTERPRISE,
        None,
    )


def test_withdrawn_or_taken_up_nothing_is_owed(counter: Counter) -> None:
    counter.bring_to(CaseStatus.WITHDRAWN)
    counter.bring_to(CaseStatus.UNDER_REVIEW)
    with counter.database.read() as session:
        assert session.scalars(sa.select(OutboxRow.topic)).all() == []


def warn(counter: Counter, licence_id: int, days: int, teller: Teller) -> None:
    handlers.tell_of_licence(teller, LicenceEnding(licence_id, days_before=days))


def test_a_licence_is_told_in_the_console_and_to_the_contact_of_the_latest_accepted_case(
    counter: Counter,
) -> None:
    teller, last = Teller(counter.database, SetClock(NOW)), TODAY + dt.timedelta(days=7)
    with counter.database.write() as session:
        licence_id = make_licence(session, enterprise_id=counter.enterprise_id, expires_on=last)
    warn(counter, licence_id, 30, teller)
    assert teller.channel.sent == [], "nobody was named to the office yet"
    counter.bring_to(CaseStatus.ACCEPTED)
    counter.now = NOW + dt.timedelta(hours=1)
    counter.bring_to(
        CaseStatus.ACCEPTED, note_zh="改过", contact={"name": "李梅", "phone": "13943300002"}
    )
    counter.now = NOW + dt.timedelta(hours=2)
    counter.bring_to(
        CaseStatus.REFUSED, note_zh="再改", contact={"name": "王强", "phone": "13943300003"}
    )
    for days in (7, 7, 0):
        warn(counter, licence_id, days, teller)
    assert [phone for phone, _ in teller.channel.sent] == ["13943300002"] * 2
    assert last.isoformat() in teller.channel.sent[0][1]
    assert "已停止" in teller.channel.sent[1][1]
    assert "（示例数据）" in teller.channel.sent[1][1]
    with counter.database.read() as session:
        notices, _ = unread(session, enterprise_id=counter.enterprise_id)
    assert [(one.what, one.licence, one.expires_on) for one in notices] == [
        ("licence_ended", LicenceKind.FIRE, last),
        ("licence_ending", LicenceKind.FIRE, last),
        ("licence_ending", LicenceKind.FIRE, last),
    ]


def test_nothing_is_said_of_a_licence_that_was_renewed_meanwhile(counter: Counter) -> None:
    with counter.database.write() as session:
        old = make_licence(session, enterprise_id=counter.enterprise_id, expires_on=TODAY)
        record(
            session,
            enterprise_id=counter.enterprise_id,
            licence=LicenceFacts(LicenceKind.FIRE, "2", "", TODAY.replace(year=2029), None),
            reviewer_id=None,
            actor=SYSTEM,
            now=NOW,
        )
    warn(counter, old, 7, Teller(counter.database, SetClock(NOW)))
    assert messages(counter.database) == []


def test_the_phone_is_erased_from_a_message_after_a_year(counter: Counter) -> None:
    case_id = counter.bring_to(CaseStatus.ACCEPTED)
    teller = Teller(counter.database, SetClock(NOW))
    handlers.tell_of_case(teller, CaseDecided(case_id, CaseStatus.ACCEPTED, "k"))
    with counter.database.write() as session:
        assert office_notices.forget_phones(session, now=NOW + dt.timedelta(days=365)) == 0
        assert office_notices.forget_phones(session, now=NOW + dt.timedelta(days=366)) == 1
    assert [to for _, _, to in messages(counter.database)] == [None, None]


def test_every_message_stands_in_both_languages(database: Database) -> None:
    words = Teller(database, SetClock(NOW)).sender
    for outcome in (CaseStatus.RETURNED, CaseStatus.ACCEPTED, CaseStatus.REFUSED):
        english = about_case(outcome, CaseKind.CLAIM, words, "en")
        assert "Claim" in english
        assert "认领" in about_case(outcome, CaseKind.CLAIM, words, "zh")
    for ended in (False, True):
        english = about_licence(LicenceKind.FIRE, "X", TODAY, words, "en", ended=ended)
        assert "Fire safety certificate" in english
