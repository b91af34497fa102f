"""A walk over every page and every answer that there is, once the story is told.

The addresses come from the routes of the application: a new route is walked too, and one with an
argument that nothing is known of has to be told here where it leads.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.golden import houses
from tests.golden.diary import STAFF, TRAVELLERS
from tests.golden.guests import Crowd, day
from tests.golden.platforms import Trade
from tests.golden.reading import seen, told
from tests.golden.world import REQUEST_ID, Platform, World
from tests.web.audiences import (
    ANYBODY,
    APPLICANT,
    AUDIENCES,
    OFFICE,
    OPERATOR,
    OWNER,
    PARTNER,
)
from tests.web.audiences import (
    STAFF as MEMBERS,
)

LONGEST = 60_000
"""Texts longer than this are kept as their hash: files of the directory, descriptions."""
UNWALKED = {
    "static": "files, and none of this record's concern",
    "media.photo": "nobody gave a photograph",
    "traveller.sim_pay": "the gateway's page, seen while the story went on",
    "traveller.pay_return": "it may write; seen while the story went on",
    "account.set_up": "for who has no second factor, which asks for a new secret",
    "account.code": "for who has given the password alone",
    "operator.save_again": "leads to the page before it",
    "operator.save_tariff_again": "leads to the page before it",
    "health.metrics": "figures of the process",
}
"""Routes that are left out, and why."""
QUERIES = {
    "traveller.search": (
        *("", f"?arrive={day(60)}&nights=15&adults=2", "?q=温泉&nights=30"),
        f"?q=二道白河&arrive={day(220)}&nights=30&adults=2&sort=price",
    ),
    "traveller.search_dates": ("", f"?arrive={day(60)}&nights=15"),
    "traveller.filters": ("", f"?arrive={day(60)}&nights=15&adults=2"),
    "traveller.search_words": ("?q=wenq",),
    "traveller.quote": (
        f"?room_type={{room}}&arrive={day(60)}&nights=15&adults=2",
        f"?room_type={{room}}&arrive={day(220)}&nights=30&adults=1",
    ),
    "traveller.more_rooms": (
        f"?also=room_type%3D{{room}}%26adults%3D2&arrive={day(60)}&nights=15",
        f"?also=room_type%3D{{room}}%26adults%3D2&arrive={day(60)}&nights=15&adults=2",
    ),
    "traveller.listing": ("", f"?arrive={day(60)}&nights=15&adults=2"),
    "traveller.change_stay": ("",),
    "operator.bookings": ("", "?state=cancelled", "?state=held", "?sort=newest&page=2"),
    "operator.calendar": ("", "?month=2027-03", "?month=2026-11"),
    "operator.arrivals": ("", f"?day={day(0)}"),
    "operator.ask_leave": ("", f"?day={day(37)}"),
    "office.rehousings": ("", "?state=ended"),
    "office.tasks": ("", "?state=done"),
    "office.trail": ("", "?page=2"),
    "office.enterprises": ("", "?q=温泉"),
    "partner_api.availability": (f"?arrive={day(60)}&nights=15&rooms=1&adults=2",),
    "partner_api.ari": (f"?from={day(34)}&to={day(134)}",),
    "partner_api.listings": ("", "?limit=9&afterChangeNumber=30"),
    "partner_api.events": ("", "?limit=7", "?afterChangeNumber=20"),
    "partner_api.bookings": ("", "?state=cancelled", "?external_ref=NT-arrives", "?limit=3"),
}
"""What each route is asked with; without a line, with nothing."""
LISTINGS = ("SMP01A1", "SMP02A1", "SMP04A1", "SMP14A1", "SMP17A1")
PARTS = (
    *("holds", "pays", "moves", "waits", "silent", "thinks", "second try", "stays on", "short"),
    "longer",
)
"""Whose booking is opened on every page that it has; everybody else's on its first alone."""


class Walk:
    """Everybody with their clients, and the things to look at."""

    def __init__(self, world: World, crowd: Crowd, trade: Trade) -> None:
        self.world, self.crowd, self.trade = world, crowd, trade
        self.walked: set[str] = set()
        ids = self._ids
        self.values: dict[str, list[str]] = {
            "listing_id": [str(world.rooms[room][1]) for room in LISTINGS],
            "room_type_id": [str(world.rooms[room][0]) for room in ("SMP01A1", "SMP01B1")],
            "rehousing_id": ids("SELECT id FROM rehousing ORDER BY id"),
            "offer_id": ids("SELECT min(id) FROM rehousing_offer"),
            "user_id": ids("SELECT min(id) FROM staff_user"),
            "slug": ["changbai", "hot_spring", "hot-spring", "forest"],
            "what": ["longer", "shorter", "dates", "room", "people", "extras"],
            "item": ["1"],
            "act": ["disable"],
            "ending": ["csv", "json"],
            "name": ["pages-1", "listings-1", "months", "occupancy"],
            "code": [houses.STOPPED, "SMP01", *ids("SELECT min(code) FROM enterprise")],
            "kind": ["business"],
            "scheme": ["hotel"],
            **{name: ["1"] for name in ("case_id", "document_id", "run_id", "photo_id")},
        }

    def _ids(self, statement: str) -> list[str]:
        with self.world.services.database.read() as session:
            return [str(found) for found in session.scalars(sa.text(statement))]

    def everywhere(self) -> None:
        """Open everything, each for whom it is."""
        self._partners()
        self._travellers()
        staff = {OPERATOR: "front", OFFICE: "clerk", APPLICANT: "asker", MEMBERS: "chief"}
        for audience, login in staff.items():
            member = houses.sign_in(self.world, login)
            bookings = [self.crowd.people[part].id for part in ("thinks", "leaves", "moves")]
            bookings += [self.trade.ids[part] for part in ("arrives", "misses")]
            self._open(audience, member.client, login, {"booking_id": bookings})

    def _partners(self) -> None:
        ids = self.trade.ids
        for caller, other in ((self.trade.live, "test "), (self.trade.trial, "live ")):
            own = [ids[part] for part in ids if not part.startswith(other)]
            self._call(caller, own)
        self._call(self.trade.rival, [])
        self._events_page_by_page(self.trade.live)

    def _call(self, caller: Platform, given: list[str]) -> None:
        for rule in self._rules(PARTNER):
            for address in self._addresses(rule, {"given": given}):
                caller.get(address, expect=None)
        self.walked |= {rule.endpoint for rule in self._rules(PARTNER)}

    def _events_page_by_page(self, caller: Platform) -> None:
        address = "/partner/v1/events?limit=20"
        while (page := caller.get(address).json)["items"]:
            address = page["next"].removeprefix(self.world.services.settings.base_url)

    def _travellers(self) -> None:
        stranger = self.world.app.test_client()
        for lang in ("", "/en"):
            self._open(ANYBODY, stranger, f"anybody {lang}".strip(), {}, lang)
            for part, person in self.crowd.people.items():
                if not person.id:
                    continue
                if part in PARTS:
                    self._open(
                        OWNER,
                        person.client,
                        f"{part} {lang}".strip(),
                        {"booking_id": [person.id]},
                        lang,
                    )
                else:
                    self._look(
                        person.client,
                        f"{lang}/booking/{person.id}",
                        TRAVELLERS,
                        f"{part} {lang}".strip(),
                    )

    def _rules(self, audience: str) -> list[Rule]:
        rules = [
            rule
            for rule in self.world.app.url_map.iter_rules()
            if AUDIENCES.get(rule.endpoint) == audience
            and "GET" in (rule.methods or ())
            and rule.endpoint not in UNWALKED
        ]
        return sorted(rules, key=lambda rule: (rule.rule, rule.endpoint))

    def _open(
        self,
        audience: str,
        client: FlaskClient,
        who: str,
        own: dict[str, list[str]],
        lang: str = "",
    ) -> None:
        for rule in self._rules(audience):
            self.walked.add(rule.endpoint)
            for address in self._addresses(rule, own):
                kept_under = TRAVELLERS if audience in (ANYBODY, OWNER) else STAFF
                self._look(client, lang + address, kept_under, who)

    def _addresses(self, rule: Rule, own: dict[str, list[str]]) -> Iterator[str]:
        paths = [re.sub(r"<(?:[^<>]+:)?(\w+)>", r"{\1}", rule.rule)]
        for name in sorted(rule.arguments):
            values = own.get(name, self.values.get(name))
            assert values is not None, f"{rule.rule}: say in tests/golden/walk.py what {name} is"
            paths = [path.replace("{" + name + "}", value) for path in paths for value in values]
        for path in paths:
            for query in QUERIES.get(rule.endpoint, ("",)):
                yield path + query.replace("{room}", str(self.world.rooms["SMP01A1"][0]))

    def _look(self, client: FlaskClient, address: str, kept_under: str, who: str) -> None:
        answer = client.get(address, headers=REQUEST_ID)
        self.world.diary.note(kept_under, f"{who}: {address}", shown(answer))
        assert answer.status_code < 500, (address, answer.status_code)
        answer.close()


def shown(answer: TestResponse) -> list[str]:
    """Return a page as it is read, and anything else as it came or, where long, its hash."""
    if answer.mimetype == "text/html":
        place = f" → {answer.location}" if answer.location else ""
        return [f"{answer.status_code}{place}", *seen(answer.get_data(as_text=True))]
    body = answer.get_data()
    if len(body) > LONGEST or answer.mimetype.startswith("image/"):
        digest = hashlib.sha256(body).hexdigest()
        return [f"{answer.status_code} {answer.mimetype}, {len(body)} bytes, sha256 {digest}"]
    return told(answer)
