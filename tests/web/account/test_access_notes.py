"""Who signed in, failed, was refused, took a file away or looked at personal data."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask

from marketplace.bootstrap import Services
from marketplace.kernel.audit import AuditEntry
from marketplace.staff.models import User
from tests.support.staff import PASSWORD, Browser, House


def entries(services: Services, prefix: str) -> list[tuple[str, str, str]]:
    """(action, who by login or kind, subject) of every entry, the oldest first."""
    with services.database.read() as session:
        logins = {str(user.id): user.login for user in session.scalars(sa.select(User))}
        rows = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id))
        return [
            (row.action, logins.get(row.actor_id, row.actor_kind), row.subject_id)
            for row in rows
            if row.action.startswith(prefix)
        ]


def test_signing_in_failing_and_signing_out(
    operator: Browser, office: Browser, services: Services, app: Flask
) -> None:
    operator.send("/account/sign-out")
    stranger = Browser(app.test_client())
    stranger.sign_in("front", "wrong word", expect=401)
    stranger.sign_in("my secret password", "wrong word", expect=401)
    stranger.open("/account/sign-in")
    stranger.send("/account/sign-in", login="clerk", password=PASSWORD)
    stranger.send("/account/code", code="000000", expect=401)
    found = entries(services, "account.sign")
    assert [(action, who) for action, who, _ in found] == [
        ("account.signed_in", "front"),
        ("account.signed_in", "clerk"),
        ("account.signed_out", "front"),
        ("account.sign_in_failed", "visitor"),
        ("account.sign_in_failed", "visitor"),
        ("account.sign_in_failed", "visitor"),
    ]
    assert found[3][2] == found[0][2], "the account it was for"
    assert found[5][2] == found[1][2]
    page = office.open("/office/trail.csv")
    assert "登录失败" in office.open("/office/trail")
    for secret in ("my secret", "wrong word", PASSWORD):
        assert secret not in page


def test_a_page_that_is_not_ones_own(operator: Browser, services: Services) -> None:
    for _ in range(3):
        operator.open("/office/trail", expect=403)
    operator.open("/office/tasks", expect=403)
    assert entries(services, "access.") == [
        ("access.denied", "front", "office.trail"),
        ("access.denied", "front", "office.tasks"),
    ]


def test_a_stranger_at_the_door_is_no_entry(browser: Browser, services: Services) -> None:
    browser.open("/office/trail", expect=302)
    assert entries(services, "access.") == []


def test_taking_a_file_away(operator: Browser, office: Browser, services: Services) -> None:
    with operator.client.get("/operator/bookings.csv") as answer:
        assert answer.status_code == 200
    for ending in ("csv", "xlsx"):
        with office.client.get(f"/office/export/directory.{ending}") as answer:
            assert answer.status_code == 200
    office.open("/office/trail.csv")
    assert [(who, what) for _, who, what in entries(services, "data.")] == [
        ("front", "operator.export_bookings"),
        ("clerk", "office.export_directory"),
        ("clerk", "office.export_trail"),
    ]


def test_looking_at_guests(operator: Browser, house: House, services: Services) -> None:
    booking_id, enterprise = house.booked(), str(house.room.enterprise_id)
    for page in ("", "arrivals", "bookings", "bookings?page=2"):
        operator.open(f"/operator/{page}")
    for _ in range(2):
        operator.open(f"/operator/bookings/{booking_id}")
    assert entries(services, "personal_data.")[-2:] == [
        ("personal_data.listed", "front", enterprise),
        ("personal_data.read", "front", booking_id),
    ]
    assert len(entries(services, "personal_data.")) == 2
    house.clock.advance(minutes=16)
    operator.open(f"/operator/bookings/{booking_id}")
    assert len(entries(services, "personal_data.")) == 3
    assert "查看个人资料" not in operator.page, "it is for the office"


def test_what_is_not_shown_is_not_noted(operator: Browser, services: Services) -> None:
    operator.open("/operator/bookings/" + "0" * 32, expect=404)
    assert entries(services, "personal_data.read") == []
