"""Staff in front of a browser without JavaScript, and bookings for them to look at."""

from __future__ import annotations

import datetime as dt
import html
import re
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from catalog.models import Enterprise
from marketplace import tasks
from marketplace.bootstrap import Services
from marketplace.kernel import outbox
from marketplace.kernel.clock import SetClock
from marketplace.kernel.ids import RandomIds
from marketplace.payments.effects import PostSimulatedEvent
from marketplace.payments.gateways.simulated import SimulatedGateway
from marketplace.staff.models import User
from marketplace.staff.roles import Role
from marketplace.staff.second_factor import code_now
from marketplace.staff.service import NewUser, add_user
from tests.factories import NOW, TODAY, Room
from tests.support.booking import Desk

PASSWORD = "river-lantern-stone"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
"""The second factor of everybody of the office in tests."""
CODE_PAGE = 'action="/account/code"'
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Browser:
    """A browser that sends the form token of the last page it saw."""

    client: FlaskClient
    token: str = ""
    page: str = field(default="", repr=False)

    def open(self, url: str, *, expect: int = 200, follow: bool = False) -> str:
        """Open a page and return it, with its references as plain characters."""
        return self._saw(self.client.get(url, follow_redirects=follow), expect)

    def send(self, url: str, *, expect: int = 303, **fields: Any) -> str:
        """Send a form; where the answer leads elsewhere, go there and return that page."""
        answer = self.client.post(url, data={"csrf_token": self.token, **fields})
        if expect == 303 and answer.status_code == 303:
            answer.close()
            return self.open(answer.location, follow=True)
        return self._saw(answer, expect)

    def _saw(self, answer: TestResponse, expect: int) -> str:
        self.page = html.unescape(answer.get_data(as_text=True))
        answer.close()  # and with it the file that a large form was written to
        assert answer.status_code == expect, (answer.status_code, answer.location, self.page[:3000])
        if found := TOKEN.search(self.page):
            self.token = found[1]
        return self.page

    def sign_in(self, login: str, password: str = PASSWORD, *, expect: int = 303) -> str:
        """Sign in through the page, and through the second step where one is asked for."""
        self.open("/account/sign-in")
        page = self.send("/account/sign-in", expect=expect, login=login, password=password)
        if expect != 303 or CODE_PAGE not in page:
            return page
        return self.send("/account/code", code=self.code(login))

    def code(self, login: str) -> str:
        """The code on the telephone; taken again, because the clock of tests stands still."""
        services: Services = self.client.application.extensions["services"]
        with services.database.write() as session:
            session.execute(sa.update(User).where(User.login == login).values(totp_step=None))
        return code_now(SECRET, services.clock.now())


@dataclass
class House:
    """An operator's house in a running application."""

    services: Services
    clock: SetClock
    room: Room

    @property
    def desk(self) -> Desk:
        """Where bookings are made."""
        gateway = self.services.gateways.default
        assert isinstance(gateway, SimulatedGateway)
        return Desk(self.services.database, self.clock, RandomIds(), gateway, self.room)

    @property
    def directory_code(self) -> str:
        """The code of the enterprise in the directory."""
        with self.services.database.read() as session:
            return session.get_one(Enterprise, self.room.enterprise_id).code

    def booked(self, *, arrive: dt.date = TODAY, nights: int = 7, **wish: Any) -> str:
        """Return the id of a booking that is paid, with everybody told of it."""
        booking_id = self.desk.hold(arrive=arrive, nights=nights, **wish)
        self.desk.pay(booking_id)
        self.work()
        return booking_id

    def code(self, booking_id: str) -> str:
        """Return a booking's code."""
        return self.desk.booking(booking_id).code

    def work(self) -> None:
        """Do what the outbox owes inside the product; the gateway posts nothing here."""
        with self.services.database.read() as session:
            owed = session.scalars(
                sa.select(outbox.OutboxRow.id).where(
                    outbox.OutboxRow.done_at.is_(None),
                    outbox.OutboxRow.topic != PostSimulatedEvent.topic,
                )
            ).all()
        for row_id in owed:
            assert tasks.deliver(self.services, row_id=row_id)


def make_staff(services: Services, login: str, role: Role, enterprise_id: int | None) -> None:
    """Make an account with the tests' password, and their second factor for the office."""
    with services.database.write() as session:
        add_user(
            session,
            NewUser(login=login, password=PASSWORD, role=role, enterprise_id=enterprise_id),
            now=NOW,
        ).totp_secret = SECRET if role is Role.OFFICE else None
