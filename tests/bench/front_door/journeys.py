"""P5 and P6: a traveller's forms from the price to the payment, and reports of the gateway."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from urllib.parse import urlencode, urlsplit

import orjson

from marketplace.payments.gateways import signing
from tests.bench.front_door.asking import Ask, in_turns, rate
from tests.bench.front_door.stage import Stage
from tests.bench.report import Figure, insist
from tests.process.personas import Http

NIGHTS, CLIENTS = 30, 4
LOOKS = 40
PAID = "订好了，钱已付清"
HOOK = "/hooks/simulated"


@dataclass
class Browser(Http):
    """A traveller's browser whose forms are timed."""

    ask: Ask | None = None
    posts: list[tuple[str, float]] = field(default_factory=list)
    """Where each form was sent, and the seconds until the answer."""

    def once(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes, str]:
        """Send one request."""
        insist(self.ask, "no connection")
        begin = time.perf_counter()
        answer = self.ask(method, path, body or b"", headers | self.carried())
        if method == "POST":
            self.posts.append((path, time.perf_counter() - begin))
        for name, value in answer.headers:
            if name == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return answer.status, answer.body, dict(answer.headers).get("location", "")

    def carried(self) -> dict[str, str]:
        """Return the headers that tell who this is."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"X-Forwarded-For": self.address, "Cookie": cookies}

    def page(self, path: str) -> str:
        """Return a page."""
        return self.until_known("GET", path)[1].decode()

    def fill(self, path: str, fields: dict[str, str]) -> str:
        """Fill in the form of a page and send it; returns where it leads."""
        status, page, location = self.submit(path, fields)
        insist(status in (302, 303), f"{path}: {status} {page.decode()[:300]}")
        return urlsplit(location).path


def travelled(stage: Stage, number: int) -> tuple[Browser, str]:
    """Book and pay as a traveller does; returns the browser and the page of the booking."""
    room = stage.rooms[number % len(stage.rooms)]
    browser = Browser(0, address=f"10.200.{number >> 8 & 255}.{number & 255}", ask=stage.ours())
    asked = {
        "room_type": room.room_type_id,
        "arrive": stage.arrive.isoformat(),
        "nights": NIGHTS,
        "rooms": 1,
        "adults": 2,
        "children": 0,
    }
    browser.fill(f"/listings/{room.listing_id}/quote?{urlencode(asked)}", {})
    browser.fill("/book/who", {"lead_name": "王秀英", "for_whom": "self"})
    browser.fill("/book/phone", {"phone": f"139{number:08d}", "consent": "1"})
    booking = browser.fill("/book/check", {}).removesuffix("/pay")
    browser.fill(browser.fill(f"{booking}/pay", {}), {"action": "alipay_ok"})
    for _ in range(LOOKS):
        if PAID in browser.page(booking):
            return browser, booking
        browser.page(f"{booking}/return")
        time.sleep(0.25)
    insist(False, "a booking that was paid is not shown so")
    raise AssertionError


def journey_figure(stage: Stage, *, rounds: int) -> tuple[Figure, tuple[str, dict[str, str]]]:
    """Measure P5: the forms of one journey, against as many of the floor's hello.

    Also returns the page of a voucher, with the headers of its guest.
    """
    floor = stage.floor()
    ours, ratios, each = [], [], []
    for number in range(rounds + 1):
        browser, booking = travelled(stage, number)
        spent = sum(seconds for _, seconds in browser.posts)
        begin = time.perf_counter()
        for _ in browser.posts:
            insist(floor("GET", "/hello").status == 200, "the floor says nothing")
        hellos = time.perf_counter() - begin
        if number:  # the first journey finds nothing warm
            ours.append(spent)
            ratios.append(spent / hellos)
            each.append(len(browser.posts))
    note = f"{median(ours) * 1000:.0f} ms for {median(each):.0f} forms, one traveller at a time"
    what = "forms of a web journey / as many hellos"
    return Figure("P5", what, median(ratios), None, "below", note), (booking, browser.carried())


def webhook_figure(stage: Stage, *, rounds: int, seconds: float) -> Figure:
    """Measure P6: signed reports of a gateway, each a new one, taken in by four clients."""
    services = stage.services
    secrets = [key.decode() for _, key in services.keyring.webhook]

    def report(ask: Ask) -> None:
        body = orjson.dumps({"id": uuid.uuid4().hex, "payment": "bench-unknown"})
        signature = signing.sign(body, secrets=secrets, at=services.clock.now())
        answer = ask("POST", HOOK, body, {signing.HEADER: signature})
        insist(answer.status == 200, f"{HOOK}: {answer.status} {answer.body[:200]!r}")

    ours = [partial(report, stage.ours()) for _ in range(CLIENTS)]
    hello = [partial(stage.floor(), "GET", "/hello") for _ in range(CLIENTS)]
    ratio, fast, floor = in_turns(
        partial(rate, ours, seconds), partial(rate, hello, seconds), rounds
    )
    note = f"{fast:.0f} against {floor:.0f} answers/s"
    return Figure("P6", "webhooks taken in / hellos", ratio, None, "above", note)
