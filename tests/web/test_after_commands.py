"""Every page of staff opens after every command of the desk, and says who gave it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from catalog.models import Enterprise, RoomType
from marketplace.bootstrap import Services
from marketplace.cli import DATA
from marketplace.kernel.audit import Actor, AuditEntry, note
from marketplace.staff.roles import Role
from tests.factories import NOW, Room
from tests.support.staff import Browser, House, make_staff
from tests.web.audiences import AUDIENCES, OFFICE, OPERATOR

Run = Callable[..., Result]
OLD = [("staff", "cli"), ("staff", ""), ("staff", "²"), ("staff", "9" * 40), ("robot", "7")]
"""Actors that stand in rows of older releases, or might; nothing can rewrite them."""
PRICES = "rule,room,first,last,price\nextra_adult,{room},,,60\n"


@pytest.fixture
def run(app: Flask) -> Run:
    """Run a command."""

    def invoke(*words: object, typed: str | None = None) -> Result:
        with app.app_context():
            return app.test_cli_runner().invoke(args=[str(word) for word in words], input=typed)

    return invoke


def code_of_room(services: Services, room: Room) -> str:
    with services.database.read() as session:
        return session.scalars(
            sa.select(RoomType.code).where(RoomType.id == room.room_type_id)
        ).one()


def code_of_house(services: Services, room: Room) -> str:
    with services.database.read() as session:
        return session.get_one(Enterprise, room.enterprise_id).code


def last_actor(services: Services) -> tuple[str, str]:
    with services.database.read() as session:
        entry = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert entry is not None
        return entry.actor_kind, entry.actor_id


@dataclass
class Seen:
    """Those who look at what commands leave behind."""

    office: Browser
    operator: Browser
    code: str

    def look(self, booking_id: str) -> None:
        """Open the pages that tell of a booking and of its house."""
        for page in ("trail", "trail.csv", f"trail?subject=booking&id={booking_id}", "tasks"):
            self.office.open(f"/office/{page}")
        self.office.open(f"/office/enterprises/{self.code}")
        self.operator.open(f"/operator/bookings/{booking_id}")
        self.operator.open("/operator/entry/decisions")


class TestAfterEveryCommand:
    @pytest.fixture
    def seen(self, house: House, office: Browser, operator: Browser) -> Seen:
        return Seen(office, operator, code_of_house(house.services, house.room))

    def test_pages_open_and_say_who(
        self,
        run: Run,
        house: House,
        seen: Seen,
        tmp_path: Path,
    ) -> None:
        office, operator, look = seen.office, seen.operator, seen.look
        first = house.booked(nights=7)
        second = house.booked(nights=7, phone="13900000002", address="10.0.0.2")
        room, mine = code_of_room(house.services, house.room), ("--as", "clerk")
        prices = tmp_path / "prices.csv"
        prices.write_text(PRICES.format(room=room))
        commands: list[tuple[object, ...]] = [
            ("bookings", "change", house.code(first), "--children", "9", "--apply", *mine),
            ("bookings", "cancel", house.code(second), "--cause", "other", "--apply", *mine),
            ("bookings", "walk-in", room, "--nights", 1, "--name", "王秀英", "--phone", "", *mine),
            ("prices", "import", prices, "--apply", *mine),
            ("user-add", "helper", "--role", "office"),
            ("partner-key", "示例旅行社", "--credit", "1,280元", *mine),
            ("import-directory", DATA / "directory-places.csv", *mine),
        ]
        for command in commands:
            done = run(*command)
            assert done.exit_code == 0, done.output
            look(first)
            look(second)
        for action in ("booking.cancelled", "partner_key.issued", "import.applied"):
            assert "clerk（用命令）" in office.open(f"/office/trail?action={action}"), action
        assert "clerk（用命令）" in office.open("/office/trail.csv?action=booking.cancelled")
        story = operator.open(f"/operator/bookings/{second}")
        assert "取消订单" in story
        # An operator learns that it was the office, not who of the office.
        assert "名录办" in story
        assert "clerk" not in story

    def test_two_who_swap(self, run: Run, house: House, seen: Seen) -> None:
        one, other = house.booked(), house.booked(phone="13900000002", address="10.0.0.2")
        run("bookings", "swap", house.code(one), house.code(other), "--apply", "--as", "clerk")
        seen.look(one)
        seen.look(other)

    @pytest.mark.parametrize("actor", OLD)
    def test_rows_that_older_releases_wrote(
        self, house: House, seen: Seen, actor: tuple[str, str]
    ) -> None:
        booking_id = house.booked()
        with house.services.database.write() as session:
            for subject in (("booking", booking_id), ("enterprise", house.room.enterprise_id)):
                note(
                    session,
                    actor=Actor(*actor),
                    action="booking.cancelled",
                    subject=subject,
                    now=NOW,
                    amount_fen=1,
                )
        seen.look(booking_id)

    def test_every_page_of_both_consoles(
        self, run: Run, app: Flask, house: House, office: Browser, operator: Browser
    ) -> None:
        booking_id = house.booked()
        command = ("bookings", "cancel", house.code(booking_id), "--cause", "other", "--apply")
        assert run(*command, "--as", "clerk").exit_code == 0
        opened = 0
        for rule in app.url_map.iter_rules():
            console = {OFFICE: office, OPERATOR: operator}.get(AUDIENCES.get(rule.endpoint, ""))
            if console is None or "GET" not in (rule.methods or ()) or rule.arguments:
                continue
            with console.client.get(rule.rule) as answer:
                assert answer.status_code in (200, 302, 303), rule.endpoint
            opened += 1
        assert opened > 20


class TestWhoGivesACommand:
    @pytest.fixture
    def command(self, house: House) -> tuple[str, ...]:
        """A command that would cancel a booking."""
        code = house.code(house.booked())
        return ("bookings", "cancel", code, "--cause", "other", "--apply")

    def test_nobody_acts_without_a_name(
        self, run: Run, house: House, command: tuple[str, ...]
    ) -> None:
        before = last_actor(house.services)
        room = code_of_room(house.services, house.room)
        for nameless in (
            command,
            (*command, "--as", ""),
            ("bookings", "change", command[2], "--adults", "1", "--apply"),
            ("bookings", "swap", command[2], command[2], "--apply"),
            ("bookings", "walk-in", room, "--nights", "1", "--name", "王秀英", "--phone", ""),
            ("refund-paid", "R1", "B1"),
        ):
            refused = run(*nameless)
            assert refused.exit_code == 2, nameless
            assert "--as LOGIN" in refused.output
        assert last_actor(house.services) == before
        assert run(*command[:-1]).exit_code == 0, "to look nobody is asked for a name"

    @pytest.mark.parametrize("name", ["nobody", "front", "ended", "cli", "0"])
    def test_only_the_office_acts_and_only_while_its_account_works(
        self, run: Run, house: House, services: Services, command: tuple[str, ...], name: str
    ) -> None:
        make_staff(services, "front", Role.OPERATOR, house.room.enterprise_id)
        make_staff(services, "ended", Role.OFFICE, None)
        with services.database.write() as session:
            session.execute(
                sa.text("UPDATE staff_user SET disabled_at = created_at WHERE login = 'ended'")
            )
        before = last_actor(services)
        refused = run(*command, "--as", name)
        assert refused.exit_code == 1
        assert name in refused.output
        assert last_actor(services) == before

    def test_the_name_may_be_written_as_people_write_names(
        self, run: Run, services: Services, command: tuple[str, ...]
    ) -> None:
        make_staff(services, "clerk", Role.OFFICE, None)
        assert run(*command, "--as", " Clerk ").exit_code == 0
        assert last_actor(services)[0] == "desk"
