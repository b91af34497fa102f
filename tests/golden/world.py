"""The installation that the story is played in: its clock, its gateway, and who stands before it.

Everybody comes in by the front door, a page, the partner API or a command, so that what lies
behind may be built anew under the story.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from marketplace import tasks
from marketplace.bootstrap import Services
from marketplace.kernel import outbox
from marketplace.kernel.clock import SetClock
from marketplace.payments.effects import PostSimulatedEvent
from marketplace.payments.gateways.simulated import SimulatedGateway
from tests.golden.diary import DESK, PARTNERS, STAFF, TRAVELLERS, Diary
from tests.golden.reading import seen, told
from tests.web.traveller.visitor import Page

CLERK = "clerk"
"""The office account in whose name commands are given."""
KEY = re.compile(r"(sbj_(?:live|test)_)\S+")
"""A partner's key: it opens nothing, and is not kept all the same."""
REQUEST_ID = {"X-Request-ID": "golden-record"}
"""Given with each request, so that none is drawn for it."""


class World:
    """A filled installation, and the diary of what was seen of it."""

    def __init__(self, app: Flask, services: Services, clock: SetClock) -> None:
        self.app, self.services, self.clock = app, services, clock
        self.diary = Diary()
        self._posted: set[str] = set()
        with services.database.read() as session:
            rows = session.execute(sa.text("SELECT code, id, listing_id FROM room_type"))
            self.rooms = {row.code: (row.id, row.listing_id) for row in rows}

    def code_of(self, booking_id: str) -> str:
        """Return the code that a booking is asked for by."""
        with self.services.database.read() as session:
            found = session.scalar(
                sa.text("SELECT code FROM booking WHERE id = :id"), {"id": booking_id}
            )
        return str(found)

    def command(self, *words: object, typed: str | None = None, signed: bool = True) -> str:
        """Give a command in the name of the office; returns what it said."""
        args = [str(word) for word in words] + (["--as", CLERK] if signed else [])
        with self.app.app_context():
            result = self.app.test_cli_runner().invoke(args=args, input=typed)
        shown = KEY.sub(r"\1…", result.output)
        said = [f"exit {result.exit_code}", *shown.splitlines()]
        self.diary.note(DESK, " ".join(str(word) for word in words), said)
        return str(result.output)

    def work(self) -> None:
        """Do what the worker and its sweeps do, until nothing is owed that is due."""
        for _ in range(6):
            self._hear()
            tasks.expire_holds(self.services)
            tasks.poll_payments(self.services)
            if not self._deliver():
                break
        tasks.advance_stays(self.services)
        tasks.find_homeless(self.services)
        while self._deliver():
            self._hear()
        tasks.sequence_changes(self.services)

    def days_pass(self, count: int) -> None:
        """Let days pass, each with its night's work."""
        for _ in range(count):
            self.clock.advance(days=1)
            tasks.nightly(self.services)
            self.work()

    def settle(self) -> None:
        """Seal the trail and bring the index up to date, as the machine does within a minute."""
        self.work()
        while tasks.seal_audit(self.services):
            pass
        tasks.refresh_search(self.services)

    def _deliver(self) -> int:
        with self.services.database.read() as session:
            due = outbox.due_ids(session, now=self.services.clock.now())
            hooks = set(
                session.scalars(
                    sa.select(outbox.OutboxRow.id).where(
                        outbox.OutboxRow.topic == PostSimulatedEvent.topic
                    )
                )
            )
        return sum(
            tasks.deliver(self.services, row_id=row_id) for row_id in due if row_id not in hooks
        )

    def _hear(self) -> None:
        """Let the gateway post what it has to say, in all its copies."""
        gateway = self.services.gateways.default
        assert isinstance(gateway, SimulatedGateway)
        with self.services.database.write() as session:
            due = outbox.due_ids(session, now=self.services.clock.now())
            rows = session.scalars(
                sa.select(outbox.OutboxRow).where(
                    outbox.OutboxRow.id.in_(due), outbox.OutboxRow.topic == PostSimulatedEvent.topic
                )
            ).all()
            events = [row.payload["event_id"] for row in rows]
            for row in rows:
                outbox.settle(session, row.id, now=self.services.clock.now())
        for event_id in events:
            with self.services.database.read() as session:
                request = gateway.event_request(session, event_id)
            for _ in range(request.copies):
                answer = self.app.test_client().post(
                    "/hooks/simulated", data=request.body, headers=request.headers | REQUEST_ID
                )
                assert answer.status_code == 200


class Person:
    """Somebody in front of a browser without JavaScript; all that is seen is noted."""

    def __init__(self, world: World, name: str, audience: str) -> None:
        self.world, self.name, self.audience = world, name, audience
        self.client = world.app.test_client()
        self.page: Page
        self._token = ""

    def open(self, url: str, *, note: str | None = None, expect: int = 200) -> Page:
        """Open a page, and go where it leads."""
        return self._saw(self.client.get(url, **_followed()), note or f"GET {url}", expect)

    def send(self, holding: str, *, expect: int = 200, **filled: str) -> Page:
        """Fill in and send the form of this page that has a field or address ``holding``."""
        form = self.page.form(holding=holding)
        return self._post(form.action, {**form.fields, **filled}, expect)

    def post(self, url: str, *, expect: int = 200, **fields: object) -> Page:
        """Send fields of one's own with the token of the last form seen."""
        return self._post(url, {"csrf_token": self._token, **fields}, expect)

    def press(self, holding: str, **filled: str) -> None:
        """Send a form and close the browser before the answer comes."""
        form = self.page.form(holding=holding)
        self.client.post(form.action, data={**form.fields, **filled}, headers=REQUEST_ID).close()

    def _post(self, url: str, fields: Mapping[str, Any], expect: int) -> Page:
        data: MultiDict[str, Any] = MultiDict()
        for name, value in fields.items():
            data.setlist(name, value if isinstance(value, list) else [value])
        return self._saw(self.client.post(url, data=data, **_followed()), f"POST {url}", expect)

    def _saw(self, answer: TestResponse, what: str, expect: int) -> Page:
        self.page = Page(answer)
        for form in self.page.forms:
            self._token = form.fields.get("csrf_token") or self._token
        said = (self.name, what, answer.status_code, self.page.path, self.page.text[:600])
        assert answer.status_code == expect, said
        lines = [f"{answer.status_code} {self.page.path}", *seen(self.page.html)]
        self.world.diary.note(self.audience, f"{self.name}: {what}", lines)
        answer.close()
        return self.page


def _followed() -> dict[str, Any]:
    return {"follow_redirects": True, "headers": REQUEST_ID}


class Traveller(Person):
    """Somebody who looks for a room, books it and comes back to the booking."""

    def __init__(self, world: World, name: str, phone: str) -> None:
        super().__init__(world, name, TRAVELLERS)
        self.phone = phone
        self.id = self.gateway = ""

    def ask(
        self, room: str, arrive: object, nights: int, *, expect: int = 200, **more: object
    ) -> Page:
        """Open the quote of a stay."""
        room_type, listing = self.world.rooms[room]
        extra = "".join(f"&{name}={value}" for name, value in more.items())
        return self.open(
            f"/listings/{listing}/quote?room_type={room_type}&arrive={arrive}&nights={nights}"
            f"{extra or '&adults=2'}",
            expect=expect,
        )

    def hold(self, room: str, arrive: object, nights: int, **more: object) -> None:
        """Go from the quote through the two questions to the check, and hold."""
        self.ask(room, arrive, nights, **more)
        self.send("seen_total_fen")
        self.send("lead_name", lead_name=self.name, for_whom="self")
        self.send("phone", phone=self.phone, consent="1")
        page = self.send("/book/check")
        assert page.path.endswith("/pay"), page.text
        self.id = page.path.split("/")[-2]

    def to_gateway(self) -> str:
        """Go to the gateway's page; returns its address."""
        self.open(f"/booking/{self.id}/pay")
        self.gateway = self.send("/pay").path
        return self.gateway

    def pay(self, action: str = "alipay_ok") -> Page:
        """Press a button of the gateway's page, and come back."""
        return self.send(self.to_gateway(), action=action)

    def book(self, room: str, arrive: object, nights: int, **more: object) -> None:
        """Hold and pay."""
        self.hold(room, arrive, nights, **more)
        self.pay()
        self.world.work()

    def cancel(self, reason: str) -> Page:
        """Look at what goes back, and cancel."""
        self.open(f"/booking/{self.id}/cancel")
        return self.send(f"/booking/{self.id}/cancel", reason=reason)

    def wish(self, what: str, **answer: str) -> Page:
        """Answer the question about a change, and agree to the difference."""
        self.open(f"/booking/{self.id}/change/{what}")
        query = "&".join(f"{name}={value}" for name, value in answer.items())
        self.open(f"/booking/{self.id}/change/{what}?{query}")
        return self.send("balance_fen")

    def pay_change(self, action: str = "wechat_ok") -> Page:
        """Pay for the change that waits."""
        self.open(f"/booking/{self.id}/change-payment")
        page = self.send("/change-payment")
        return self.send(page.path, action=action)


class Member(Person):
    """Somebody of the staff."""

    def __init__(self, world: World, login: str) -> None:
        super().__init__(world, login, STAFF)


class Platform:
    """A partner's program; what it is answered is noted byte for byte."""

    def __init__(self, world: World, name: str, key: str) -> None:
        self.world, self.name, self.key = world, name, key
        self.client = world.app.test_client()
        self._number = 0

    def get(self, path: str, *, expect: int | None = 200, **headers: str) -> TestResponse:
        answer = self.client.get(path, headers=self._headers(headers))
        return self._heard("GET", path, "", answer, expect)

    def post(
        self, path: str, body: Any = None, *, expect: int = 200, once: str = "", **headers: str
    ) -> TestResponse:
        self._number += 1
        given = {"Idempotency-Key": once or f"{self.name}-{self._number}"} | headers
        answer = self.client.post(path, json=body or {}, headers=self._headers(given))
        return self._heard("POST", path, str(body or ""), answer, expect)

    def _heard(
        self, method: str, path: str, body: str, answer: TestResponse, expect: int | None
    ) -> TestResponse:
        heading = f"{self.name}: {method} {path} {body}".rstrip()
        known = expect or answer.status_code
        assert answer.status_code == known < 500, (heading, answer.get_data(as_text=True))
        self.world.diary.note(PARTNERS, heading, told(answer))
        return answer

    def _headers(self, more: Mapping[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"} | REQUEST_ID | dict(more)


def numbers_in(pattern: str, html: str) -> Sequence[str]:
    """Return what a pattern finds in a page, in order and once each."""
    return list(dict.fromkeys(re.findall(pattern, html)))
