"""Keys: shown once, kept hashed, rotated with an overlap, revoked at once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.kernel.audit import SYSTEM, AuditEntry
from marketplace.kernel.db import Database
from marketplace.kernel.errors import Invalid
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.partners import keys
from marketplace.partners.commands.caller import Caller, Surface
from marketplace.partners.models import Partner, PartnerKey
from tests.factories import NOW

DAY = dt.timedelta(days=1)


def issue(database: Database, now: dt.datetime = NOW, **wish: Any) -> str:
    with database.write() as session:
        asked = keys.NewKey(**{"name": "北方旅行"} | wish)
        return keys.issue(UnitOfWork(session, now, SYSTEM), asked)


def opens(database: Database, key: str, now: dt.datetime = NOW) -> Caller | None:
    with database.read() as session:
        return keys.authenticate(session, key=key, now=now, surface=Surface.STAYS)


def test_a_key_opens_the_door_and_is_nowhere_in_the_database(database: Database) -> None:
    key = issue(database, per_minute=7)
    assert key.startswith("sbj_live_")
    assert len(key) - len("sbj_live_") == 43, "256 bits in URL-safe base 64"
    caller = opens(database, key)
    assert caller is not None
    assert (caller.name, caller.test, caller.per_minute) == ("北方旅行", False, 7)
    assert caller.credit_limit_fen == 20_000_000
    with database.read() as session:
        stored = session.execute(sa.select(PartnerKey.hash, PartnerKey.prefix)).one()
        noted = session.execute(sa.select(AuditEntry.action, AuditEntry.detail)).one()
    assert key not in {stored.hash, stored.prefix}
    assert stored.prefix == key[:16]
    assert noted.action == "partner_key.issued"
    assert key not in str(noted.detail)


@pytest.mark.parametrize("wrong", ["", "sbj_live_", "sbj_live_" + "A" * 43])
def test_what_is_no_key_opens_nothing(database: Database, wrong: str) -> None:
    issue(database)
    assert opens(database, wrong) is None


def test_a_second_key_of_a_kind_is_refused_unless_it_rotates(database: Database) -> None:
    issue(database)
    with pytest.raises(Invalid) as refusal:
        issue(database)
    assert "--rotate" in refusal.value.fields["name"]
    assert issue(database, test=True).startswith("sbj_test_")


def test_after_a_rotation_both_keys_work_for_seven_days(database: Database) -> None:
    old = issue(database)
    new = issue(database, rotate=True)
    late = NOW + 7 * DAY
    assert opens(database, old, late - DAY / 24) is not None
    assert opens(database, old, late) is None
    assert opens(database, new, late) is not None


def test_a_further_rotation_does_not_lengthen_the_oldest_keys_life(database: Database) -> None:
    first = issue(database)
    issue(database, rotate=True)
    issue(database, NOW + 3 * DAY, rotate=True)
    assert opens(database, first, NOW + 7 * DAY) is None


def test_revoking_ends_every_key_of_the_kind_at_once_and_no_other(database: Database) -> None:
    live, trial = issue(database), issue(database, test=True)
    newer = issue(database, rotate=True)
    with database.write() as session:
        assert keys.revoke(session, name="北方旅行", test=False, now=NOW) == 2
        assert keys.revoke(session, name="北方旅行", test=False, now=NOW) == 0
    assert opens(database, live) is None
    assert opens(database, newer) is None
    assert opens(database, trial) is not None
    with database.read() as session:
        actions = session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions.count("partner_key.revoked") == 1


def test_a_key_can_be_issued_anew_after_revoking(database: Database) -> None:
    issue(database)
    with database.write() as session:
        keys.revoke(session, name="北方旅行", test=False, now=NOW)
    assert opens(database, issue(database)) is not None


def test_an_unknown_partner_has_nothing_to_revoke(database: Database) -> None:
    with database.write() as session, pytest.raises(Invalid):
        keys.revoke(session, name="没有", test=False, now=NOW)


def test_the_credit_limit_changes_only_when_one_is_given(database: Database) -> None:
    issue(database, credit_limit_fen=5_000)
    issue(database, rotate=True)
    with database.read() as session:
        assert session.scalar(sa.select(Partner.credit_limit_fen)) == 5_000
    issue(database, rotate=True, credit_limit_fen=9_000)
    with database.read() as session:
        assert session.scalar(sa.select(Partner.credit_limit_fen)) == 9_000


@pytest.mark.parametrize(
    "wish", [{"name": " "}, {"name": "x" * 81}, {"credit_limit_fen": -1}, {"per_minute": 0}]
)
def test_senseless_wishes_are_refused(database: Database, wish: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        issue(database, **wish)


def test_use_is_noted_once_a_day(database: Database) -> None:
    key, known = issue(database), keys.KnownKeys(database)

    def use(at: dt.datetime) -> dt.datetime | None:
        caller = known.caller(key, now=at, surface=Surface.STAYS)
        assert caller is not None
        known.note_use(caller, now=at)
        with database.read() as session:
            return session.scalar(sa.select(PartnerKey.last_used_at))

    assert use(NOW) == NOW
    assert use(NOW + DAY / 2) == NOW
    assert use(NOW + DAY) == NOW + DAY


class Minute:
    """A process's own clock, which goes when it is told to."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def minute(monkeypatch: pytest.MonkeyPatch) -> Minute:
    made = Minute()
    monkeypatch.setattr(keys, "time", made)
    return made


def test_a_key_in_use_is_read_once_in_moments(database: Database, minute: Minute) -> None:
    key, known = issue(database), keys.KnownKeys(database)
    first = known.caller(key, now=NOW, surface=Surface.STAYS)
    assert first is not None
    read: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        read.append(statement)

    sa.event.listen(database.read_engine, "before_cursor_execute", note)
    for _ in range(100):
        assert known.caller(key, now=NOW, surface=Surface.STAYS) == first
    assert read == []
    minute.seconds += keys.KEPT_SECONDS
    assert known.caller(key, now=NOW, surface=Surface.STAYS) == first
    assert [each for each in read if "partner_key" in each]
    sa.event.remove(database.read_engine, "before_cursor_execute", note)


@pytest.mark.parametrize("keep_seconds", [keys.KEPT_SECONDS, 3_600.0])
def test_a_revoked_key_is_refused_within_a_second(
    database: Database, minute: Minute, keep_seconds: float
) -> None:
    """Who keeps it for longer is found out."""
    key = issue(database)
    processes = [keys.KnownKeys(database, keep_seconds=keep_seconds) for _ in range(2)]
    for known in processes:
        assert known.caller(key, now=NOW, surface=Surface.STAYS)
    with database.write() as session:
        keys.revoke(session, name="北方旅行", test=False, now=NOW)
    minute.seconds += 0.9
    still = [known.caller(key, now=NOW, surface=Surface.STAYS) is not None for known in processes]
    assert still == [keep_seconds > 1] * 2


def test_a_key_that_was_replaced_ends_to_the_second(database: Database, minute: Minute) -> None:
    key, known = issue(database), keys.KnownKeys(database)
    issue(database, rotate=True)
    ends = NOW + keys.OVERLAP
    assert known.caller(key, now=ends - DAY, surface=Surface.STAYS)
    assert known.caller(key, now=ends, surface=Surface.STAYS) is None


def test_a_key_that_opens_nothing_may_do_so_at_once(database: Database, minute: Minute) -> None:
    known = keys.KnownKeys(database)
    assert known.caller("sbj_live_x", now=NOW, surface=Surface.STAYS) is None
    key = issue(database)
    assert known.caller(key, now=NOW, surface=Surface.STAYS)
