"""Hosts and the office in their consoles, and what the desk does by commands."""

from __future__ import annotations

import re

import sqlalchemy as sa

from marketplace.staff.second_factor import code_now
from tests.golden.guests import Crowd, day
from tests.golden.platforms import Trade
from tests.golden.world import Member, World, numbers_in
from tests.support.staff import PASSWORD, SECRET

STOPPED = "SMP04"
"""The house that has to stop."""
STOPPED_HOST = "herbs"
ROOM, SUITE = "SMP01A1", "SMP01A2"
WEEK = list("0123456")


def enterprise_ids(world: World) -> dict[str, int]:
    """Return the ids of enterprises by their codes."""
    with world.services.database.read() as session:
        rows = session.execute(sa.text("SELECT code, id FROM enterprise"))
        return {row.code: row.id for row in rows}


def sign_in(world: World, login: str, minutes: int = 1) -> Member:
    """Let somebody of the staff sign in, by both steps where there are two."""
    world.clock.advance(minutes=minutes)
    member = Member(world, login)
    member.open("/account/sign-in")
    member.send("login", login=login, password=PASSWORD)
    if member.page.path == "/account/code":
        member.send("code", code=code_now(SECRET, world.clock.now()))
    assert not member.page.path.startswith("/account/"), member.page.text
    return member


def receive(host: Member, booking_id: str, minutes: int = 1) -> None:
    """Check a guest in."""
    host.world.clock.advance(minutes=minutes)
    host.open(f"/operator/bookings/{booking_id}/check-in")
    host.send(f"/operator/bookings/{booking_id}/check-in")


def first_day(world: World, login: str, crowd: Crowd, trade: Trade) -> Member:
    """Receive the guests of the day, close days, lower rooms, change prices, block rooms."""
    host = sign_in(world, login)
    for part in ("returns", "declines", "thinks", "leaves", "cuts short", "stays on"):
        receive(host, crowd.people[part].id)
    receive(host, trade.ids["arrives"])
    host.open(f"/operator/bookings/{crowd.people['stays on'].id}")
    host.send("/undo-check-in")
    receive(host, crowd.people["stays on"].id)
    world.command(
        *("bookings", "walk-in", SUITE, "--nights", 7, "--name", "许文海"),
        *("--phone", "13900006001"),
    )
    _edit_days(host, ROOM, 120, 126, price="240")
    _edit_days(host, ROOM, 127, 130, state="close")
    _edit_days(host, SUITE, 120, 124, capacity="4")
    _block(host, SUITE, 110, "浴室维修")
    _block(host, ROOM, 111, "粉刷墙面")
    page = host.open("/operator/blocks")
    (released, *_) = numbers_in(r"/operator/blocks/(\w+)/release", page.html)
    host.send(f"/operator/blocks/{released}/release")
    _new_tariff(host)
    # Who is in a house that stops may stay in it: what waits about them lapses when they leave.
    receive(sign_in(world, STOPPED_HOST, minutes=0), trade.ids["stays in"], minutes=0)
    world.work()
    return host


def _edit_days(host: Member, room: str, first: int, last: int, **wanted: str) -> None:
    host.world.clock.advance(minutes=1)
    host.open("/operator/calendar/edit")
    fields = {"room": host.world.rooms[room][0], "first": day(first), "last": day(last)}
    blank = {"weekdays": WEEK, "capacity": "", "price": "", "state": ""}
    host.post("/operator/calendar/edit", **(fields | blank | wanted))
    host.send("fingerprint")


def _block(host: Member, room: str, first: int, reason: str) -> None:
    host.world.clock.advance(minutes=1)
    host.open("/operator/blocks")
    host.send(
        "reason",
        room=str(host.world.rooms[room][0]),
        first=day(first),
        last=day(first + 2),
        units="1",
        reason=reason,
    )


def _new_tariff(host: Member) -> None:
    """Give a discount from 45 nights."""
    host.world.clock.advance(minutes=1)
    address = f"/operator/prices/{host.world.rooms['SMP01B1'][0]}"
    host.open(address)
    host.send("do", do="add:tier")
    (row,) = set(re.findall(r'name="(tier-\d+)-nights" type="text" value=""', host.page.html))
    host.send("do", do="check", **{f"{row}-nights": "45", f"{row}-percent": "18"})
    host.send(f"{address}/save")


def second_day(world: World, login: str, crowd: Crowd) -> Member:
    host = sign_in(world, login)
    host.open(f"/operator/bookings/{crowd.people['never comes'].id}/no-show", expect=409)
    person = crowd["stays on"]
    person.wish("longer", more="3")
    person.pay_change()
    world.work()
    return host


def third_day(world: World, login: str, crowd: Crowd) -> None:
    """One never came, one leaves by the desk of the house, one by the pages.

    The host is up before the sweep that marks who never came: another guest is left to that.
    """
    world.clock.advance(days=1)
    host = sign_in(world, login)
    page = host.open("/operator/")
    assert "no-show" in page.html
    host.open(f"/operator/bookings/{crowd.people['never comes'].id}/no-show")
    host.send("refund_fen")
    world.work()
    left = crowd.people["leaves"].id
    host.open(f"/operator/bookings/{left}/leave?day={day(5)}&cause=changed_plans")
    host.send("refund_fen")
    crowd["cuts short"].wish("shorter", depart=day(6))
    world.work()


def stop(world: World, crowd: Crowd, trade: Trade) -> None:
    """A house is stopped; its guests get another place, their money back, or stay as they are."""
    office = sign_in(world, "clerk")
    address = f"/office/enterprises/{STOPPED}"
    office.open(f"{address}/suspend")
    office.send("/suspend", reason="消防检查没有通过，限期整改")
    world.work()
    rows = _waiting(world)
    told = ("moves", "calls", "refuses", "keeps", "silent")
    of = {part: rows[crowd.people[part].id] for part in told}
    of |= {part: rows[trade.ids[part]] for part in ("accepts", "declines")}
    for number in of.values():
        world.clock.advance(minutes=1)
        page = office.open(f"/office/rehousing/{number}")
        found = numbers_in(r'name="room" value="(\d+)"', page.html)
        office.post(f"/office/rehousing/{number}/offer", room=list(found[:3]))
    world.work()
    _answers(world, crowd, trade)
    page = office.open(f"/office/rehousing/{of['calls']}")
    (offer, *_) = numbers_in(r'name="offer" value="(\d+)"', page.html)
    office.post(f"/office/rehousing/{of['calls']}/accept", offer=offer)
    office.open(f"/office/rehousing/{of['keeps']}")
    office.post(f"/office/rehousing/{of['keeps']}/keep")
    number = rows[crowd.people["refuses"].id]
    office.open(f"/office/rehousing/{number}/refund")
    office.send("refund_fen")
    world.work()


def _answers(world: World, crowd: Crowd, trade: Trade) -> None:
    person = crowd["moves"]
    page = person.open(f"/booking/{person.id}/rehousing")
    start = f"/booking/{person.id}/rehousing/"
    offer = next(link for link in page.links if link.startswith(start))
    person.open(offer)
    person.send(offer)
    crowd["takes money"].cancel("other")
    for part in ("accepts", "declines"):
        world.clock.advance(minutes=1)
        view = trade.live.get(f"/partner/v1/bookings/{trade.ids[part]}").json
        shown = trade.live.get(f"/partner/v1/stays/holds/{trade.ids[part]}").json
        place = f"/partner/v1/bookings/{trade.ids[part]}/rehousing"
        told = shown.get("rehousing") or view["rehousing"]
        if part == "accepts":
            trade.live.post(f"{place}/accept", {"offer": told["offers"][0]["offer"]})
        else:
            trade.live.post(f"{place}/decline")
    world.work()


def _waiting(world: World) -> dict[str, int]:
    """Return what waits for the office, by booking."""
    with world.services.database.read() as session:
        rows = session.execute(sa.text("SELECT booking_id, id FROM rehousing"))
        return {row.booking_id: row.id for row in rows}


def last_day(world: World, login: str, trade: Trade) -> None:
    """One task is done, a refund is paid by the bank, a guest is received who stays on."""
    office = sign_in(world, "chief")
    page = office.open("/office/tasks")
    for number in numbers_in(r"/office/tasks/(\d+)/done", page.html)[:1]:
        office.send(f"/office/tasks/{number}/done")
    with world.services.database.read() as session:
        stuck = session.scalars(
            sa.text("SELECT id FROM refund WHERE state = 'manual_required' ORDER BY created_at, id")
        ).all()
    for refund in stuck[:1]:
        world.command("refund-paid", refund, "ICBC-2027-0001")
    receive(sign_in(world, login, minutes=0), trade.ids["is here"], minutes=0)
    world.work()
