"""Those who use the product over HTTP while it is being killed.

An answer cut short, a refused connection, a 5xx: the outcome is unknown, and the same request with
the same key is sent again until it is known.
"""

from __future__ import annotations

import datetime as dt
import html
import http.client
import json
import random
import re
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.process.product import new_key

PATIENCE_SECONDS = 180.0
"""Long enough for a killed process to be back and answer on a busy machine."""
FAILED = (OSError, http.client.HTTPException)


class Unresolved(AssertionError):
    """An outcome stayed unknown for three minutes."""


@dataclass
class Http:
    """One caller; keeps cookies the way a browser does."""

    port: int
    address: str = "10.0.0.1"
    cookies: dict[str, str] = field(default_factory=dict)

    def once(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes, str]:
        """Send one request; raises when the answer is not whole."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            connection.request(
                method,
                path,
                body,
                ({"X-Forwarded-For": self.address} if self.address else {})
                | {"Cookie": cookie}
                | headers,
            )
            answer = connection.getresponse()
            text = answer.read()
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie":
                    key, _, rest = value.partition("=")
                    self.cookies[key] = rest.partition(";")[0]
            return answer.status, text, answer.getheader("Location") or ""
        finally:
            connection.close()

    def until_known(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, bytes, str]:
        """Send a request until its outcome is known."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        last = ""
        while time.monotonic() < deadline:
            try:
                status, text, location = self.once(method, path, body, headers or {})
            except FAILED as error:
                last = repr(error)
                time.sleep(0.3)
                continue
            last = f"{status} {text[:300]!r}"
            in_progress = status == 409 and b"idempotency_in_progress" in text
            if status < 500 and status != 429 and not in_progress:
                return status, text, location
            time.sleep(0.5)
        raise Unresolved(f"{method} {path}: {last}")

    def submit(
        self, path: str, fields: dict[str, str], *, action: str = ""
    ) -> tuple[int, bytes, str]:
        """Open a page, fill in the form that posts to ``action`` (else the first), send it."""
        page = self.until_known("GET", path)[1].decode()
        return self.send(path, page, fields, action=action)

    def send(
        self, path: str, page: str, fields: dict[str, str], *, action: str = ""
    ) -> tuple[int, bytes, str]:
        """Send a form of the page at ``path`` with what it hides and ``fields``."""
        form = next(
            (
                found
                for found in re.findall(r"<form.*?</form>", page, re.S)
                if 'method="post"' in found and (not action or f'action="{action}"' in found)
            ),
            "",
        )
        hidden = {
            html.unescape(name): html.unescape(value)
            for name, value in re.findall(
                r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form
            )
        }
        to = re.search(r'<form[^>]*action="([^"]*)"', form)
        target = urlsplit(html.unescape(to.group(1)) if to and to.group(1) else path)
        return self.until_known(
            "POST",
            target.path + (f"?{target.query}" if target.query else ""),
            urlencode(hidden | fields).encode(),
            {"Content-Type": "application/x-www-form-urlencoded"},
        )


@dataclass
class Platform(threading.Thread):
    """A partner that holds, confirms and cancels by API."""

    port: int
    key: str
    room_types: list[int]
    stop: threading.Event
    seed: int
    known: dict[str, str] = field(default_factory=dict)
    """Booking id to the last state we were told."""
    failure: BaseException | None = None

    def __post_init__(self) -> None:
        """Be a thread."""
        super().__init__(daemon=True)
        self._http = Http(self.port)
        self._chance = random.Random(self.seed)

    def __hash__(self) -> int:
        """Threads are told apart by identity."""
        return id(self)

    def post(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """POST with one key until the outcome is known."""
        headers = {
            "Authorization": f"Bearer {self.key}",
            "Content-Type": "application/json",
            "Idempotency-Key": new_key(),
        }
        status, text, _ = self._http.until_known("POST", path, json.dumps(body).encode(), headers)
        return status, json.loads(text)

    def get(self, path: str) -> dict[str, Any]:
        """GET until it is answered."""
        headers = {"Authorization": f"Bearer {self.key}"}
        _, text, _ = self._http.until_known("GET", path, None, headers)
        found: dict[str, Any] = json.loads(text)
        return found

    def run(self) -> None:
        """Work until told to stop, and keep what went wrong."""
        try:
            number = 0
            while not self.stop.is_set():
                number += 1
                self._one(number)
        except BaseException as error:  # a dead client must not pass for a quiet one
            self.failure = error

    def _one(self, number: int) -> None:
        arrive = dt.date.today() + dt.timedelta(days=20 + self._chance.randrange(30))  # noqa: DTZ011
        status, answer = self.post(
            "/partner/v1/stays/holds",
            {
                "room_type": self._chance.choice(self.room_types),
                "arrive": arrive.isoformat(),
                "nights": self._chance.choice([30, 30, 7, 3]),
                "rooms": 1,
                "adults": 2,
                "children_ages": [],
                "external_ref": f"r{self.seed}-{number}",
            },
        )
        if status != 201:
            assert answer["code"] in ("sold_out", "not_bookable", "invalid"), answer
            return
        hold = f"/partner/v1/stays/holds/{answer['id']}"
        self.known[answer["id"]] = "held"
        status, _ = self.post(
            f"{hold}/confirm", {"lead_guest": {"name": "李建国", "phone": "13912345678"}}
        )
        if status == 200:
            self.known[answer["id"]] = "confirmed"
            if self._chance.random() < 0.4:
                status, _ = self.post(f"{hold}/cancel", {})
                if status == 200:
                    self.known[answer["id"]] = "cancelled"


@dataclass
class Traveller(threading.Thread):
    """Somebody who books and pays on our pages, trying again when a page does not come."""

    port: int
    listing: int
    room_type: int
    stop: threading.Event
    seed: int
    paid: list[str] = field(default_factory=list)
    """Ids of bookings whose voucher was seen."""
    failure: BaseException | None = None

    def __post_init__(self) -> None:
        """Be a thread."""
        super().__init__(daemon=True)
        self._chance = random.Random(1000 + self.seed)

    def __hash__(self) -> int:
        """Threads are told apart by identity."""
        return id(self)

    def run(self) -> None:
        """Book one stay after another until told to stop."""
        number = 0
        try:
            while not self.stop.is_set():
                number += 1
                self._journey(number)
        except BaseException as error:  # a dead client must not pass for a quiet one
            self.failure = error

    def _journey(self, number: int) -> None:
        browser = Http(self.port, address=f"10.{self.seed}.0.{number % 250}")
        arrive = dt.date.today() + dt.timedelta(days=60 + self._chance.randrange(60))  # noqa: DTZ011
        query = {
            "room_type": self.room_type,
            "arrive": arrive.isoformat(),
            "nights": 30,
            "rooms": 1,
            "adults": 2,
            "children": 0,
        }
        quote = f"/listings/{self.listing}/quote?{urlencode(query)}"
        if "<form" not in self._page(browser, quote):
            return
        where = self._submit(browser, quote, {})
        if "/book/who" not in where:
            return
        phone = f"13{self.seed % 10}{number:04d}{self._chance.randrange(10_000):04d}"
        self._submit(browser, "/book/who", {"lead_name": "王秀英", "for_whom": "self"})
        self._submit(browser, "/book/phone", {"phone": phone, "consent": "1"})
        where = self._submit(browser, "/book/check", {})
        if "/pay" not in where:
            return
        booking_id = where.split("/booking/")[1].split("/")[0]
        where = self._submit(browser, f"/booking/{booking_id}/pay", {})
        if "/pay/sim/" in where:
            self._submit(browser, where, {"action": "alipay_ok"})
        for _ in range(40):
            if "订好了，钱已付清" in self._page(browser, f"/booking/{booking_id}"):
                self.paid.append(booking_id)
                return
            time.sleep(0.5)
            browser.until_known("GET", f"/booking/{booking_id}/return")

    def _page(self, browser: Http, path: str) -> str:
        return browser.until_known("GET", path)[1].decode()

    def _submit(self, browser: Http, path: str, fields: dict[str, str]) -> str:
        """Fill in the page's main form and send it; returns where it leads."""
        return urlsplit(browser.submit(path, fields)[2]).path
