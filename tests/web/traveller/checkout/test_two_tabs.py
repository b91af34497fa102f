"""Two tabs on the way to a booking: each form acts on what it shows, and on nothing else."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import selectinload

from marketplace.booking.models import Booking, Draft
from marketplace.bootstrap import Services
from marketplace.kernel.clock import SetClock
from marketplace.pricing import service as pricing
from marketplace.settings import ROOT
from tests.factories import Room, make_room
from tests.web.traveller.journey import NAME, PHONE, Journey
from tests.web.traveller.staying_guest import STAFF, days
from tests.web.traveller.visitor import Page, Visitor


@pytest.fixture
def suite(services: Services, loaded: Room) -> Room:
    """A dearer room of the same house."""
    with services.database.write() as session:
        return make_room(session, listing_id=loaded.listing_id, list_fen=24_000, name_zh="湖景套房")


def bookings(services: Services) -> list[Booking]:
    with services.database.read() as session:
        of_all = sa.select(Booking).options(selectinload(Booking.items))
        return list(session.scalars(of_all.order_by(Booking.placed_at, Booking.id)))


def begin(journey: Journey, room: Room, nights: int, *, name: str = NAME) -> Page:
    """Go to the last step with a room; returns that page."""
    wanted, journey.room = journey.room, room
    journey.quote(nights=nights)
    journey.room = wanted
    return journey.answer(name=name)


def send(visitor: Visitor, page: Page, holding: str, **filled: str) -> Page:
    """Press the button of a tab that was left open."""
    visitor.page = page
    return visitor.send(holding, **filled)


def test_an_old_tab_books_what_it_shows_and_the_new_one_as_well(
    journey: Journey, services: Services, loaded: Room, suite: Room
) -> None:
    cabin = begin(journey, loaded, 7)
    dear = begin(journey, suite, 60)
    assert ("住7晚" in cabin.text, "住60晚" in dear.text) == (True, True)
    assert send(journey.visitor, cabin, "/book/check").path.endswith("/pay")
    assert [(one.room.room_type_id, one.total_fen) for one in bookings(services)] == [
        (loaded.room_type_id, 140_000)
    ]
    assert send(journey.visitor, dear, "/book/check").path.endswith("/pay")
    rooms = [one.room for one in bookings(services)]
    held = {(room.room_type_id, room.days.nights) for room in rooms}
    assert held == {(loaded.room_type_id, 7), (suite.room_type_id, 60)}


@pytest.mark.parametrize(
    ("holding", "filled", "leads_to"),
    [
        ("lead_name", {"lead_name": NAME, "for_whom": "self"}, "/book/phone"),
        ("phone", {"phone": PHONE, "consent": "1"}, "/book/check"),
    ],
)
def test_earlier_steps_too_answer_for_their_own_stay(
    journey: Journey,
    suite: Room,
    holding: str,
    filled: dict[str, str],
    leads_to: str,
) -> None:
    journey.quote(nights=7)
    old = journey.visitor.send("seen_total_fen")
    if holding == "phone":
        old = journey.visitor.send("lead_name", lead_name=NAME, for_whom="self")
    begin(journey, suite, 60)
    page = send(journey.visitor, old, holding, **filled)
    assert page.path == leads_to
    assert "住7晚" in page.text
    assert "住60晚" not in page.text


def test_a_mistake_is_mended_in_the_tab_that_it_was_made_in(journey: Journey, suite: Room) -> None:
    journey.quote(nights=7)
    old = journey.visitor.send("seen_total_fen")
    begin(journey, suite, 60)
    page = send(journey.visitor, old, "lead_name", lead_name="", for_whom="self")
    assert (page.status, "住7晚" in page.text) == (422, True)
    english = next(link for link in page.links if link.startswith("/en/book/who"))
    assert "7-night stay" in journey.visitor.open(english).text


def test_answers_changed_on_another_tab_are_shown_beside_the_old_ones(
    journey: Journey, services: Services, loaded: Room
) -> None:
    old = begin(journey, loaded, 7)
    who = next(link for link in old.links if "/book/who" in link)
    journey.visitor.open(who)
    journey.visitor.send("lead_name", lead_name="李桂芳", for_whom="self")
    page = send(journey.visitor, old, "/book/check")
    assert page.status == 409
    assert "这一页已经旧了" in page.text
    assert f"入住人{NAME}" in page.text
    assert "入住人李桂芳不一样" in page.text
    assert page.text.count("不一样") == 2, "the heading's sentence, and the one line that differs"
    assert bookings(services) == []
    onwards = next(link for link in page.links if "/book/check" in link)
    assert "李桂芳" in journey.visitor.open(onwards).text
    assert journey.visitor.send("/book/check").path.endswith("/pay")
    assert [one.lead_name for one in bookings(services)] == ["李桂芳"]


def test_a_price_that_another_tab_was_told_is_not_agreed_to_on_this_one(
    journey: Journey, services: Services, loaded: Room, clock: SetClock
) -> None:
    old = begin(journey, loaded, 7)
    clock.advance(minutes=40)
    with services.database.write() as session:
        pricing.set_rate(
            session,
            room_type_id=loaded.room_type_id,
            pool_id=loaded.pool_id,
            days=[clock.now().date() + days(n) for n in range(60)],
            list_fen=21_000,
            actor=STAFF,
            now=clock.now(),
        )
    told = send(journey.visitor, old, "/book/check")
    assert (told.status, "原来¥1,400，现在¥1,470" in told.text) == (409, True)
    page = send(journey.visitor, old, "/book/check")
    assert page.status == 409
    assert "总价¥1,400" in page.text
    assert "总价¥1,470" in page.text
    assert bookings(services) == []
    assert send(journey.visitor, told, "/book/check").path.endswith("/pay")


def test_the_back_button_and_a_second_press_lead_to_the_booking_that_was_made(
    journey: Journey, services: Services, loaded: Room, suite: Room
) -> None:
    cabin = begin(journey, loaded, 7)
    first = send(journey.visitor, cabin, "/book/check")
    begin(journey, suite, 60)
    again = send(journey.visitor, cabin, "/book/check")
    assert again.path == first.path
    for link in cabin.links:
        if link.startswith("/book/"):
            assert journey.visitor.open(link).path == first.path
    assert len(bookings(services)) == 1


@pytest.mark.parametrize("step", ["who", "phone", "check"])
def test_answers_of_somebody_else_are_not_found(
    app: Flask, journey: Journey, services: Services, step: str
) -> None:
    journey.quote(nights=7)
    theirs = journey.answer().form(holding="/book/check").fields
    stranger = Visitor(app.test_client())
    assert stranger.open(f"/book/{step}?draft={theirs['draft']}").status == 404
    mine = Journey(stranger, journey.room)
    mine.quote(nights=9)
    mine.answer(name="陈玉珍")
    page = stranger.send("/book/check", draft=theirs["draft"], shown=theirs["shown"])
    assert page.status == 404
    assert stranger.open("/book/check?draft=nobody").status == 404
    assert bookings(services) == []


@pytest.mark.parametrize("sealed", ["", "x", "eyJhIjoxfQ.AAAA", "9" * 5000])
def test_a_form_that_does_not_say_what_it_showed_books_nothing(
    journey: Journey, services: Services, sealed: str
) -> None:
    journey.quote(nights=7)
    journey.answer()
    page = journey.visitor.send("/book/check", shown=sealed)
    assert page.status == 409
    assert "现在的" in page.text
    assert "那一页上写的" not in page.text
    assert bookings(services) == []


def test_what_one_step_showed_is_no_word_for_another(journey: Journey, services: Services) -> None:
    journey.quote(nights=7)
    who = journey.visitor.send("seen_total_fen").form(holding="lead_name").fields["shown"]
    journey.visitor.send("lead_name", lead_name=NAME, for_whom="self")
    journey.visitor.send("phone", phone=PHONE, consent="1")
    assert journey.visitor.send("/book/check", shown=who).status == 409
    assert bookings(services) == []


def test_many_tabs_are_remembered(journey: Journey, services: Services) -> None:
    journey.quote(nights=7)
    first = journey.visitor.send("seen_total_fen")
    for nights in range(8, 20):
        journey.quote(nights=nights)
        journey.visitor.send("seen_total_fen")
    page = send(journey.visitor, first, "lead_name", lead_name=NAME, for_whom="self")
    assert (page.path, "住7晚" in page.text) == ("/book/phone", True)
    with services.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Draft)) == 13


def test_no_form_on_the_way_to_a_booking_is_without_its_draft() -> None:
    for name in ("book_who", "book_phone", "book_check"):
        text = (ROOT / "templates" / "traveller" / "checkout" / f"{name}.html").read_text("utf-8")
        for form in re.findall(r"<form.*?</form>", text, re.DOTALL):
            assert "f.keep(shown)" in form
