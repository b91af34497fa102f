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
    key = issue(database)

    def use(at: dt.datetime) -> dt.datetime | None:
        caller = opens(database, key, at)
        assert caller is not None
        keys.note_use(database, caller=caller, now=at)
        with database.read() as session:
            return session.scalar(sa.select(PartnerKey.last_used_at))

    assert use(NOW) == NOW
    assert use(NOW + DAY / 2) == NOW
    assert use(NOW + DAY) == NOW + DAY
