"""Houses of one invented valley, and everybody who can change them while the product runs.

Each change comes through the door it has in the product: the operator's console, the office's, the
partner API; what has none yet is done in the test's own process, the way a view would.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from catalog.search import refresh as search
from catalog.service import move_listing
from catalog.states import ListingStatus
from marketplace import bootstrap
from marketplace.bootstrap import Services
from marketplace.kernel.audit import SYSTEM
from marketplace.kernel.changes import Change
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.operations import schema
from marketplace.partners import keys
from marketplace.settings import Settings
from marketplace.staff.roles import Role
from marketplace.staff.second_factor import code_now
from marketplace.staff.service import NewUser, add_user
from tests.factories import Room, make_enterprise, make_listing, make_room
from tests.process.personas import Http
from tests.process.product import ROOT, environment_of, new_key

NAME = "鹿鸣谷"
"""What all its houses are called and nothing else is."""
EAST_CODE, WEST_CODE, FAIR_CODE = "VALLEY-E", "VALLEY-W", "VALLEY-F"
EAST_YUAN, WEST_YUAN, NEW_YUAN = 200, 300, 100
"""Prices of a night."""
DRAFTS = 2
NIGHTS = 7
FAIR_LATER = dt.timedelta(days=60)
"""When the fair's house opens, after the days that everybody else asks for."""
OPERATOR, OFFICE = "valley-operator", "valley-office"
PASSWORD = "river-lantern-stone"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
"""The second factor of the office."""
LINK = re.compile(r'href="/listings/(\d+)')
_references = itertools.count(1)
HEADING = re.compile(r'<h2 id="found"[^>]*>\D*(\d+)')

_visitors = itertools.count(1)


@dataclass
class Valley:
    """Two houses of two enterprises, each with one room, and drafts of more; nothing else is there.

    Its people come in through the web process on ``door``.
    """

    services: Services
    """Of the test's own process."""
    environment: dict[str, str]
    east: Room
    west: Room
    """Never touched: it is in every answer, so that none is empty."""
    drafts: list[Room]
    fair: Room
    """A large house of a third enterprise that is on sale much later, so in none of the answers."""
    arrive: dt.date
    key: str
    """The partner's."""
    door: int = field(default=0, init=False)
    hold_id: str = field(default="", init=False)
    signed_in: dict[str, Http] = field(default_factory=dict, init=False)

    @property
    def last_night(self) -> dt.date:
        """The day before departure."""
        return self.arrive + dt.timedelta(days=NIGHTS - 1)

    # ------------------------------------------------------------ asking

    def shown(self, port: int, *, words: str = "") -> list[int]:
        """Return the listings on the results page of one web process, the cheapest first.

        Cards are read anew from the database, so that what is hidden leaves the page at once; the
        page must also count what it shows, and the count is what search itself knows.
        """
        number = next(_visitors)
        visitor = Http(port, address=f"10.77.{number // 250}.{number % 250}")
        asked = {"q": words, "arrive": self.arrive.isoformat(), "nights": NIGHTS, "sort": "price"}
        status, page, _ = visitor.until_known("GET", f"/search?{urlencode(asked)}")
        heading = HEADING.search(page.decode())
        assert status == 200, page.decode()
        assert heading, page.decode()
        found = list(dict.fromkeys(int(key) for key in LINK.findall(page.decode())))
        return found if len(found) == int(heading[1]) else []

    # ------------------------------------------------------------ changing

    def edit(self, **wanted: str) -> None:
        """Change the east house's days in the operator's console: see the difference, then save."""
        form, save = "/operator/calendar/edit", "/operator/calendar/save"
        asked = {
            "room": str(self.east.room_type_id),
            "first": self.arrive.isoformat(),
            "last": self.last_night.isoformat(),
            "weekdays": "0123456",
        }
        operator = self._staff(OPERATOR)
        status, page, _ = operator.submit(form, asked | wanted, action=form)
        assert status == 200, page.decode()
        status, answer, _ = operator.send(form, page.decode(), {}, action=save)
        assert status == 303, answer.decode()

    def decide(self, verb: str, *, code: str = EAST_CODE, **fields: str) -> None:
        """Suspend or reinstate an enterprise in the office's console."""
        path = f"/office/enterprises/{code}/{verb}"
        status, answer, _ = self._staff(OFFICE).submit(path, fields, action=path)
        assert status == 303, answer.decode()

    def _staff(self, login: str) -> Http:
        """Return the browser of a member of staff, signed in once for all web processes."""
        if login not in self.signed_in:
            browser, path = Http(self.door), "/account/sign-in"
            fields = {"login": login, "password": PASSWORD}
            status, page, _ = browser.submit(path, fields, action=path)
            assert status == 303, page.decode()
            if login == OFFICE:
                self._prove(browser)
            self.signed_in[login] = browser
        self.signed_in[login].port = self.door
        return self.signed_in[login]

    def _prove(self, browser: Http) -> None:
        """Take the second step of the office, by its telephone."""
        fields = {"code": code_now(SECRET, self.services.clock.now())}
        status, page, _ = browser.submit("/account/code", fields, action="/account/code")
        assert status == 303, page.decode()

    def hold(self) -> None:
        """Book the east house's only room, as a partner platform does."""
        party = {"rooms": 1, "adults": 2, "children_ages": [], "external_ref": "valley"}
        stay = {"arrive": self.arrive.isoformat(), "nights": NIGHTS}
        answer = self._partner("", {"room_type": self.east.room_type_id} | stay | party)
        self.hold_id = answer["id"]

    def try_fair(self, port: int) -> int:
        """Try to book a room of the fair's through one web process; returns the HTTP status."""
        asked = {
            "room_type": self.fair.room_type_id,
            "arrive": (self.arrive + FAIR_LATER).isoformat(),
            "nights": 1,
            "rooms": 1,
            "adults": 2,
            "children_ages": [],
            "external_ref": f"fair-{next(_references)}",
        }
        status, _, _ = Http(port).once(
            "POST", "/partner/v1/stays/holds", json.dumps(asked).encode(), self._headers()
        )
        return status

    def issue(self, name: str) -> str:
        """Issue a key for another partner."""
        own = self.services
        with own.database.write() as session:
            work = UnitOfWork(session, own.clock.now(), SYSTEM, own.ids)
            return keys.issue(work, keys.NewKey(name))

    def revoke(self, name: str) -> None:
        """End a partner's keys in the test's own process."""
        with self.services.database.write() as session:
            keys.revoke(session, name=name, test=False, now=self.services.clock.now())

    def asks(self, port: int, key: str) -> int:
        """Ask a web process with a key; returns the HTTP status."""
        headers = {"Authorization": f"Bearer {key}"}
        return Http(port).once("GET", "/partner/v1/events", None, headers)[0]

    def cancel(self) -> None:
        """Give the room back."""
        self._partner(f"/{self.hold_id}/cancel", {})

    def _partner(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        path = f"/partner/v1/stays/holds{path}"
        status, text, _ = Http(self.door).until_known(
            "POST", path, json.dumps(body).encode(), self._headers()
        )
        assert status in (200, 201), text.decode()
        answer: dict[str, Any] = json.loads(text)
        return answer

    def _headers(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.key}",
            "Content-Type": "application/json",
            "Idempotency-Key": new_key(),
        }

    def move(self, listing_id: int, *steps: ListingStatus) -> None:
        """Move a listing in the test's own process."""
        with self.services.database.write() as session:
            for step in steps:
                move_listing(
                    session,
                    listing_id=listing_id,
                    to=step,
                    actor=SYSTEM,
                    now=self.services.clock.now(),
                )

    def close_and_die(self) -> int:
        """Close the east house in a process that is killed right after; returns its exit code."""
        program = [sys.executable, "-m", "tests.process.dying", str(self.east.pool_id)]
        days = [self.arrive.isoformat(), self.last_night.isoformat()]
        return subprocess.run(
            [*program, *days], cwd=ROOT, env=self.environment, check=False, timeout=60
        ).returncode

    def all_numbered(self) -> bool:
        """Say whether every change has its number, so that who follows the log can see it."""
        with self.services.database.read() as session:
            return not session.scalar(sa.select(sa.exists().where(Change.number.is_(None))))


@contextmanager
def settled(state: Path, url: str | None) -> Iterator[Valley]:
    """Build the valley in a new installation of which no process runs yet."""
    services = bootstrap.build(Settings(state_dir=state, database_url=url or ""))
    schema.upgrade(services.database.url)
    try:
        yield _build(services, environment_of(state, url))
    finally:
        services.database.dispose()


def _build(services: Services, environment: dict[str, str]) -> Valley:
    now, ids = services.clock.now(), services.ids
    today = shanghai_date(now)
    with services.database.write() as session:
        east_owner, west_owner, fair_owner = (
            make_enterprise(session, code=code, updated_at=now)
            for code in (EAST_CODE, WEST_CODE, FAIR_CODE)
        )

        def house(owner: int, name: str, yuan: int, **facts: Any) -> Room:
            listing_id = make_listing(
                session, enterprise_id=owner, name_zh=f"{NAME}{name}", updated_at=now, **facts
            )
            price = {"capacity": 1, "list_fen": yuan * 100}
            return make_room(session, listing_id=listing_id, first_day=today, **price)

        east = house(east_owner, "东院", EAST_YUAN)
        west = house(west_owner, "西院", WEST_YUAN)
        drafts = [
            house(west_owner, f"新院{number}号", NEW_YUAN, status=ListingStatus.DRAFT)
            for number in range(DRAFTS)
        ]
        inn = make_listing(session, enterprise_id=fair_owner, name_zh="集市大院", updated_at=now)
        opening = today + dt.timedelta(days=40) + FAIR_LATER
        fair = make_room(session, listing_id=inn, first_day=opening, days=3, capacity=5000)
        for login, role, enterprise_id in (
            (OPERATOR, Role.OPERATOR, east_owner),
            (OFFICE, Role.OFFICE, None),
        ):
            user = add_user(session, NewUser(login, PASSWORD, role, enterprise_id), now=now)
            user.totp_secret = SECRET if role is Role.OFFICE else None
        # A rush of buyers asks more often than a partner may; it is not the limit that is tried.
        plenty = 1_000_000
        work = UnitOfWork(session, now, SYSTEM, ids)
        key = keys.issue(work, keys.NewKey("河谷旅行", per_minute=plenty))
    search.build(services.index, services.database)
    arrive = today + dt.timedelta(days=40)
    return Valley(services, environment, east, west, drafts, fair, arrive, key)
