"""One visitor's bookings in every state, prepared through the pages, and where each is seen."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from catalog.service import suspend
from marketplace.booking.lifecycle import scheduled_jobs
from marketplace.booking.rehousing import rehousing_service
from marketplace.booking.rehousing.rehousing_places import candidates, offered_to
from marketplace.booking.rehousing.rehousing_queries import queue_page
from marketplace.inventory.models import StockDay, StockPool
from marketplace.kernel import changes
from marketplace.kernel.audit import SYSTEM
from marketplace.staff.roles import Role
from tests.browser import stays
from tests.browser.listings import dress, staff_id
from tests.browser.site import Site
from tests.factories import Room
from tests.support.staff import make_staff
from tests.web.traveller.visitor import Visitor

NAME = "王秀兰"
ARRIVE = "2027-07-01"
ROOM = "SMP01A1"
FAMILY_ROOM = "SMP01B1"
ROOMY = "SMP01A2"
"""Takes extra beds, and has meals to choose."""
MONTHS_ROOM = "SMP03A1"
STRICT_ROOM = "SMP17A1"
"""A short stay in summer breaks its rules."""
CLOSED_ROOM = "SMP02A1"
STOPPED_ROOM = "SMP13A1"
CLOSED_DAY = dt.date(2027, 7, 10)


@dataclass(frozen=True)
class States:
    """Addresses by the name of what they show, and the cookie of the visitor who may see them."""

    site_address: str
    urls: dict[str, str]
    cookie: str
    code: str
    """The code of the confirmed booking."""


def stay(room: Room, *, arrive: str = ARRIVE, nights: int = 30, more: str = "") -> str:
    """Return the address of a quote."""
    return (
        f"/listings/{room.listing_id}/quote?room_type={room.room_type_id}"
        f"&arrive={arrive}&nights={nights}{more}"
    )


class _Guest:
    """A visitor without a browser, quick to prepare things with."""

    def __init__(self, site: Site) -> None:
        self.client = site.app.test_client()
        self.client.environ_base["HTTP_X_FORWARDED_FOR"] = site.new_address()
        self.visitor = Visitor(self.client)
        self.room = site.room(ROOM)
        self._phones = (f"1390000{number:04d}" for number in itertools.count(1))

    def answer(self, room: Room | None = None, **wish: Any) -> str:
        """Answer the questions of a booking; returns the phone number given."""
        phone = next(self._phones)
        self.visitor.open(stay(room or self.room, **wish))
        self.visitor.send("seen_total_fen")
        self.visitor.send("lead_name", lead_name=NAME, for_whom="self")
        self.visitor.send("phone", phone=phone, consent="1")
        return phone

    def hold(self, room: Room | None = None, **wish: Any) -> str:
        self.answer(room, **wish)
        page = self.visitor.send("/book/check")
        assert page.path.endswith("/pay"), page.text
        return page.path.split("/")[-2]

    def checkout(self, room: Room | None = None, **wish: Any) -> tuple[str, str]:
        """Hold and go on to the gateway's page; returns the booking's id and that page's path."""
        booking_id = self.hold(room, **wish)
        return booking_id, self.visitor.send("/pay").path

    def press(self, action: str, room: Room | None = None, **wish: Any) -> str:
        booking_id, path = self.checkout(room, **wish)
        self.visitor.send(path, action=action)
        return booking_id


def prepare(site: Site) -> States:
    """Bring one visitor into every state that a page can show."""
    guest = _Guest(site)
    expired = guest.hold()
    site.clock.advance(minutes=41)
    scheduled_jobs.expire_due(site.services.money)
    site.work()
    cancelled = guest.press("alipay_ok")
    guest.visitor.open(f"/booking/{cancelled}/cancel")
    guest.visitor.send("reason", reason="traveller_other")
    site.work()
    confirmed = guest.press("wechat_ok")
    site.work()
    changed = stays.change(site, guest) | stays.several(site, guest)
    several = stays.kinds(site, guest)
    homeless, offer_id = _homeless(site, guest)
    waiting = guest.press("late")
    _, sim_pay = guest.checkout()
    held = guest.hold()
    guest.answer()
    _close(site, site.room(CLOSED_ROOM))
    family = site.room(FAMILY_ROOM)
    make_staff(site.services, "painter", Role.OFFICE, None)
    dressed = dress(site, author_id=staff_id(site, "painter"))
    cookie = guest.client.get_cookie("session")
    assert cookie is not None
    return States(
        site_address=site.address,
        urls={
            "expired": f"/booking/{expired}",
            "cancelled": f"/booking/{cancelled}",
            "confirmed": f"/booking/{confirmed}",
            "held": f"/booking/{held}",
            "cancel": f"/booking/{confirmed}/cancel",
            "give_up": f"/booking/{held}/cancel",
            "homeless": f"/booking/{homeless}",
            "rehousing": f"/booking/{homeless}/rehousing",
            "rehouse": f"/booking/{homeless}/rehousing/{offer_id}",
            "pay": f"/booking/{held}/pay",
            "sim_pay": sim_pay,
            "pay_wait": f"/booking/{waiting}/return",
            "listing": f"/listings/{guest.room.listing_id}?arrive={ARRIVE}&nights=60",
            "listing_errors": stay(guest.room, arrive="2020-01-01", more="&adults=99"),
            "quote": stay(guest.room),
            "quote_ages": stay(family, more="&adults=2&children=2"),
            "quote_family": stay(family, more="&adults=2&children=2&age_1=4&age_2=9"),
            "quote_child": stay(family, more="&adults=1&children=1"),
            "quote_choice": stay(site.room(ROOMY), more="&rooms=2&adults=4&choose=1"),
            "quote_months": stay(
                site.room(MONTHS_ROOM),
                nights=75,
                more="&rooms=2&adults=4&board=half_board&adjoining=1",
            ),
            "quote_refused": stay(site.room(STRICT_ROOM), arrive="2027-07-15", nights=5),
            "closed": f"/listings/{site.room(STOPPED_ROOM).listing_id}?arrive={ARRIVE}&nights=30",
            "quote_sold_out": stay(site.room(CLOSED_ROOM)),
            **changed,
            **several,
            **dressed,
        },
        cookie=cookie.value,
        code=_code(guest, confirmed),
    )


def _homeless(site: Site, guest: _Guest) -> tuple[str, int]:
    """Book where sales are stopped afterwards; returns the booking and the first place offered."""
    room = site.room(STOPPED_ROOM)
    booking_id = guest.press("alipay_ok", room)
    site.work()
    services, now = site.services, site.clock.now()
    with services.database.write() as session:
        suspend(session, enterprise_id=room.enterprise_id, reason="消防检查", actor=SYSTEM, now=now)
    site.work()
    matrix = services.follower.current()
    with services.database.write() as session:
        rows = queue_page(session, ended=False, page=1).items
        free = candidates(session, booking_id=booking_id, matrix=matrix)
        rooms = [[room.room_type_id for room in place.rooms.each] for place in free[:3]]
        rehousing_service.offer(
            session, rehousing_id=rows[0].id, places=rooms, actor=SYSTEM, now=now
        )
        offers = offered_to(session, booking_id=booking_id)
    site.work()
    return booking_id, offers[0].id


def _code(guest: _Guest, booking_id: str) -> str:
    words = guest.visitor.open(f"/booking/{booking_id}").text
    return words.split("订单号")[1][:12].replace(" ", "")


def _close(site: Site, room: Room) -> None:
    """Take every room of a type off sale on one day, as an operator would."""
    with site.services.database.write() as session:
        pool_id = session.scalar(
            sa.select(StockPool.id).where(StockPool.room_type_id == room.room_type_id)
        )
        session.execute(
            sa.update(StockDay)
            .where(StockDay.pool_id == pool_id, StockDay.day == CLOSED_DAY)
            .values(capacity=0)
        )
        span = {
            "first": CLOSED_DAY.isoformat(),
            "last": (CLOSED_DAY + dt.timedelta(days=1)).isoformat(),
        }
        changes.record(session, changes.STOCK, pool_id, now=site.clock.now(), detail=span)
