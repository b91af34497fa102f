"""Travellers: what they book, pay, change and give up on the pages."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from tests.golden.world import Traveller, World

TODAY = dt.date(2026, 11, 28)
NAMES = (
    *("赵玉兰", "钱国安", "孙桂芝", "李长海", "周秀云", "吴明德"),
    *("郑淑琴", "王永年", "冯素珍", "陈守义", "褚惠敏", "卫文斌"),
)
"""Family names of a primer with given names of the age: nobody's."""


def day(offset: int) -> str:
    """A day counted from the first of the story."""
    return (TODAY + dt.timedelta(days=offset)).isoformat()


@dataclass
class Crowd:
    """Everybody by the part they play."""

    world: World
    people: dict[str, Traveller] = field(default_factory=dict)

    def comes(self, part: str) -> Traveller:
        """Let somebody come in, at a minute of their own."""
        self.world.clock.advance(minutes=1)
        number = len(self.people)
        name = NAMES[number % len(NAMES)] + ("" if number < len(NAMES) else "琴")
        person = Traveller(self.world, name, f"1390000{5000 + number}")
        person.name = name
        self.people[part] = person
        return person

    def __getitem__(self, part: str) -> Traveller:
        self.world.clock.advance(minutes=1)
        return self.people[part]


def first_day(world: World) -> Crowd:
    crowd = Crowd(world)
    _payments(crowd)
    _endings(crowd)
    _to_be_changed(crowd)
    _arriving(crowd)
    _to_be_stopped(crowd)
    return crowd


def _payments(crowd: Crowd) -> None:
    """Each button of the gateway, holds given up and left, money that comes late."""
    crowd.comes("alipay").book("SMP01A1", day(40), 10)
    person = crowd.comes("second try")
    person.hold("SMP01A1", day(40), 8)
    person.pay("card_fail")
    person.pay("wechat_ok")
    person = crowd.comes("late")
    person.hold("SMP01A2", day(41), 9)
    person.pay("late")
    person.open(f"/booking/{person.id}")
    crowd.world.clock.advance(minutes=3)
    crowd.world.work()
    person.open(f"/booking/{person.id}")
    crowd.comes("family").book("SMP01B1", day(42), 5, adults=4)
    person = crowd.comes("duplicate")
    person.hold("SMP01B2", day(42), 5)
    person.pay("duplicate")
    crowd.world.work()
    person = crowd.comes("short")
    person.hold("SMP02A1", day(43), 5)
    person.pay("wrong_amount")
    crowd.world.work()
    person.open(f"/booking/{person.id}")
    person = crowd.comes("lapsed")
    person.hold("SMP02A1", day(43), 6)
    person.to_gateway()
    person = crowd.comes("extended")
    person.hold("SMP02A2", day(43), 6, adults=3, children=1, age_1=6)
    crowd.world.clock.advance(minutes=20)
    person.open(f"/booking/{person.id}/pay")
    person.send("/extend")
    person = crowd.comes("given up")
    person.hold("SMP03B1", day(43), 7)
    person.open(f"/booking/{person.id}/cancel")
    person.send(f"/booking/{person.id}/cancel")
    person = crowd.comes("paid and gave up")
    person.hold("SMP03B1", day(44), 7)
    person.to_gateway()
    person.press("action", action="alipay_ok")
    person.open(f"/booking/{person.id}/cancel")
    person.send(f"/booking/{person.id}/cancel")
    crowd.world.work()
    person = crowd.comes("too late")
    person.hold("SMP03B1", day(44), 7)
    person.to_gateway()
    crowd.world.clock.advance(minutes=29)
    person.press("action", action="late")
    crowd.world.clock.advance(minutes=20)
    crowd.world.work()
    person.open(f"/booking/{person.id}")


def _endings(crowd: Crowd) -> None:
    """Stays to be cancelled later, by each side and for each reason."""
    for number, part in enumerate(("plans", "health", "other", "proven", "house", "flood"), 1):
        crowd.comes(part).book("SMP03B1", day(7 * number), 7)
    person = crowd.comes("bank too")
    person.hold("SMP03B1", day(56), 7)
    person.pay()
    crowd.world.clock.advance(hours=1)
    person = crowd.comes("undo")
    person.book("SMP03A2", day(60), 30)
    person.cancel("other")
    crowd.world.work()


def _to_be_changed(crowd: Crowd) -> None:
    for part in ("longer", "lapses", "withdraws", "shorter", "dates", "room", "people", "extras"):
        crowd.comes(part).book("SMP01A2", day(70), 12)
        crowd.people[part].open(f"/booking/{crowd.people[part].id}/change")
        if part in ("lapses", "shorter", "room"):
            # Six rooms: the others of these people come later.
            crowd.world.clock.advance(minutes=5)
            crowd.people[part].wish("dates", arrive=day(85), nights="12")
            crowd.world.work()
    crowd.comes("swaps").book("SMP01B1", day(90), 5)
    crowd.comes("swaps too").book("SMP01B2", day(90), 5)


def _arriving(crowd: Crowd) -> None:
    """Guests of today: two long ones for next year, one who leaves, one who never comes."""
    for part, nights in (("returns", 30), ("declines", 30), ("thinks", 31)):
        crowd.comes(part).book("SMP01A1", day(0), nights)
    crowd.comes("leaves").book("SMP01A2", day(0), 14)
    crowd.comes("cuts short").book("SMP01A2", day(0), 12)
    crowd.comes("never comes").book("SMP01B1", day(0), 6)
    crowd.comes("stays on").book("SMP01B2", day(0), 4)


def _to_be_stopped(crowd: Crowd) -> None:
    for part in ("moves", "calls", "refuses", "keeps", "takes money", "waits", "silent"):
        crowd.comes(part).book("SMP04A1", day(60), 10)


def second_day(world: World, crowd: Crowd) -> None:
    for part, reason in (
        ("plans", "changed_plans"),
        ("health", "health"),
        ("other", "other"),
    ):
        crowd[part].cancel(reason)
    world.work()
    _refund_fails(world, crowd["bank too"])
    for part, cause in (
        ("proven", "health_proven"),
        ("house", "operator_fault"),
        ("flood", "force_majeure"),
    ):
        code = _code(world, crowd[part])
        world.command("bookings", "cancel", code, "--cause", cause)
        world.command("bookings", "cancel", code, "--cause", cause, "--apply")
    world.work()
    _changes(world, crowd)


def _refund_fails(world: World, person: Traveller) -> None:
    """Cancel what the gateway cannot give back, as often as it is tried."""
    for wait in (0, 2, 11):
        # Each press lets the next refund fail.
        person.post(person.gateway, action="refund_fail")
        if not wait:
            person.cancel("other")
        world.clock.advance(minutes=wait)
        world.work()


def _changes(world: World, crowd: Crowd) -> None:
    crowd["longer"].wish("longer", more="5")
    crowd.people["longer"].pay_change()
    crowd["lapses"].wish("longer", more="3")
    person = crowd["withdraws"]
    person.wish("longer", more="2")
    person.open(f"/booking/{person.id}/change-payment/withdraw")
    person.send("/withdraw")
    crowd["shorter"].wish("shorter", depart=day(93))
    crowd["dates"].wish("dates", arrive=day(76), nights="12")
    person = crowd["room"]
    person.open(f"/booking/{person.id}/change/room")
    person.wish("room", room=str(world.rooms["SMP01A1"][0]))
    crowd["people"].wish("people", adults="1", children="0")
    crowd["extras"].wish("extras", board="breakfast", extra_beds="1")
    crowd.people["extras"].pay_change("alipay_ok")
    world.work()
    world.clock.advance(minutes=50)
    world.work()
    for first, second in (("swaps", "swaps too"),):
        codes = _code(world, crowd[first]), _code(world, crowd[second])
        world.command("bookings", "swap", *codes)
        world.command("bookings", "swap", *codes, "--apply")
    code = _code(world, crowd["alipay"])
    world.command("bookings", "change", code, "--adults", 1, "--board", "half_board")
    world.command("bookings", "change", code, "--adults", 1, "--apply")
    world.work()


def last_day(world: World, crowd: Crowd) -> None:
    """What is open when the record is taken."""
    person = crowd["returns"]
    person.open(f"/booking/{person.id}")
    person.open(f"/booking/{person.id}/next-summer")
    page = person.send("consent", consent="1")
    first, person.id = person.id, page.path.split("/")[-2]
    person.pay()
    person.open(f"/booking/{first}")
    person = crowd["declines"]
    person.open(f"/booking/{person.id}/next-summer/no")
    person.send("/next-summer/no")
    crowd["second try"].wish("longer", more="4")
    crowd.comes("holds").hold("SMP06A1", day(50), 16, adults=3, rooms=2)
    person = crowd.comes("pays")
    person.hold("SMP06A2", day(50), 16, adults=3)
    person.to_gateway()
    person = crowd.comes("asks")
    person.ask("SMP07A1", day(60), 30, adults=1)
    person.ask("SMP17A1", day(230), 3, expect=422)


def _code(world: World, person: Traveller) -> str:
    return world.code_of(person.id)
