"""Pages about a booking that were left open while another tab changed it: nothing goes by guess."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from marketplace.booking.states import BookingState, ChangeState
from marketplace.bootstrap import Services
from marketplace.kernel.clock import SetClock
from marketplace.pricing.models import Tariff
from marketplace.pricing.nights.terms import FeeBand, read_terms, write_terms
from tests.factories import Room, make_enterprise, make_listing, make_room
from tests.web.traveller.journey import Journey
from tests.web.traveller.my_booking.test_return_pages import Returner
from tests.web.traveller.staying_guest import ARRIVE, OFF, Guest, days
from tests.web.traveller.visitor import Page, Visitor


@pytest.fixture
def guest(visitor: Visitor, loaded: Room, services: Services, clock: SetClock) -> Guest:
    return Guest(visitor, loaded, services, clock).book()


def press(guest: Guest, page: Page, holding: str, **filled: str) -> Page:
    """Press the button of a page that was left open."""
    guest.visitor.page = page
    return guest.visitor.send(holding, **filled)


def way(page: Page, part: str) -> str:
    """Return where a page leads in its own language."""
    return next(link for link in page.links if part in link and link.startswith("/booking/"))


def longer(guest: Guest, more: int) -> None:
    """Make the stay longer in another tab, and pay for it."""
    guest.ask("longer", more=str(more))
    guest.agree()
    guest.pay()


@pytest.mark.parametrize(
    ("what", "answer"),
    [
        ("longer", {"more": "5"}),
        ("shorter", {"depart": (ARRIVE + days(30)).isoformat()}),
        ("dates", {"arrive": "2027-08-01", "nights": "30"}),
        ("people", {"adults": "1", "children": "0"}),
    ],
)
def test_a_difference_worked_out_for_another_stay_is_not_agreed_to(
    guest: Guest, what: str, answer: dict[str, str]
) -> None:
    """The same words (five nights more) would now mean another stay."""
    if what == "shorter":
        longer(guest, 5)
    old = guest.ask(what, **answer)
    before = guest.booking.ends_on
    longer(guest, 10)
    made = len(guest.changes)
    page = press(guest, old, "balance_fen")
    assert page.status == 409
    for words in ("这一页已经旧了", "那一页上写的", "现在的", "不一样", "要改成"):
        assert words in page.text
    assert (guest.booking.ends_on, len(guest.changes)) == (before + days(10), made)
    again = way(page, f"/change/{what}?")
    assert guest.visitor.open(again).status == 200
    guest.assert_clean()


def test_a_change_that_waits_to_be_paid_does_not_make_way_unseen(guest: Guest) -> None:
    old = guest.ask("longer", more="5")
    guest.ask("longer", more="10")
    guest.agree()
    page = press(guest, old, "balance_fen")
    assert page.status == 409
    assert "要改的，还没有付款多住10晚" in page.text
    assert [(one.state, one.difference_fen) for one in guest.changes] == [
        (ChangeState.HELD, 10 * OFF)
    ]
    # Looked at again, it says what it does, and may be done.
    again = way(page, "/change/longer?")
    guest.visitor.open(again)
    assert guest.agree().path.endswith("/change-payment")
    assert [one.state for one in guest.changes] == [ChangeState.LAPSED, ChangeState.HELD]


def test_a_second_press_leads_to_paying_what_the_first_one_kept(guest: Guest) -> None:
    page = guest.ask("longer", more="10")
    guest.agree()
    assert press(guest, page, "balance_fen").path == f"/booking/{guest.id}/change-payment"
    assert len(guest.changes) == 1


@pytest.mark.parametrize("button", ["/change-payment", "/withdraw"])
def test_one_change_is_not_paid_or_given_up_in_place_of_another(guest: Guest, button: str) -> None:
    guest.ask("longer", more="5")
    old = guest.agree()
    if button == "/withdraw":
        old = guest.open("/change-payment/withdraw")
    guest.ask("longer", more="10")
    guest.agree()
    page = press(guest, old, button)
    assert page.status == 409
    assert "要补¥850" in page.text
    assert "要补¥1,700" in page.text
    assert [one.state for one in guest.changes] == [ChangeState.LAPSED, ChangeState.HELD]
    guest.open("/change-payment")
    assert guest.pay().path == f"/booking/{guest.id}"
    assert guest.booking.ends_on == ARRIVE + days(40)


@pytest.mark.parametrize("named", ["", "x", "f" * 32])
def test_a_payment_that_names_no_change_leads_to_the_page_of_the_one_there_is(
    guest: Guest, named: str
) -> None:
    guest.ask("longer", more="5")
    guest.agree()
    page = guest.visitor.send("/change-payment", change=named)
    assert page.status == 409
    assert "要补¥850" in page.text


def test_cancelling_is_about_the_stay_that_was_shown(guest: Guest) -> None:
    """Both stays give everything back, so the sum alone would not tell."""
    old = guest.open("/cancel")
    guest.ask("dates", arrive="2027-08-01", nights="30")
    guest.agree()
    page = press(guest, old, "refund_fen")
    assert page.status == 409
    assert "到店2027年7月11日" in page.text
    assert "到店2027年8月1日" in page.text
    assert "现在取消，退给您¥5,100" in page.text
    assert guest.booking.state is BookingState.CONFIRMED
    guest.open("/cancel")
    guest.visitor.send("refund_fen")
    assert guest.booking.state is BookingState.CANCELLED


@pytest.mark.parametrize("sealed", ["", "nonsense"])
def test_without_what_was_shown_nothing_is_cancelled_or_changed(guest: Guest, sealed: str) -> None:
    guest.open("/cancel")
    assert guest.visitor.send("refund_fen", shown=sealed).status == 422
    guest.ask("longer", more="5")
    assert guest.visitor.send("balance_fen", shown=sealed).status == 422
    assert (guest.booking.state, guest.changes) == (BookingState.CONFIRMED, [])


def test_what_one_booking_showed_is_no_word_for_another(guest: Guest, journey: Journey) -> None:
    sealed = guest.open("/cancel").form(holding="refund_fen").fields["shown"]
    other = journey.hold(arrive="2027-08-20", nights=3)
    guest.visitor.open(f"/booking/{other}/cancel")
    assert guest.visitor.send("refund_fen", shown=sealed).status == 422


def test_half_an_hour_more_is_added_once_for_a_page(journey: Journey, clock: SetClock) -> None:
    journey.hold()
    page = journey.visitor.page
    first = journey.visitor.send("/extend")
    assert "留到13:00" in first.text
    journey.visitor.page = page
    again = journey.visitor.send("/extend")
    assert (again.path, "留到13:00" in again.text) == (first.path, True)


def test_next_summer_is_not_taken_under_other_terms_than_shown(
    visitor: Visitor, services: Services, clock: SetClock
) -> None:
    with services.database.write() as session:
        listing = make_listing(session, enterprise_id=make_enterprise(session))
        room = make_room(session, listing_id=listing, capacity=1, days=500)
    guest = Returner(visitor, room, services, clock)
    guest.open("/next-summer")
    with services.database.write() as session:
        tariff = session.scalars(sa.select(Tariff)).one()
        bands = (FeeBand(300, 0), FeeBand(0, 10_000))
        tariff.terms = write_terms(replace(read_terms(tariff.terms), fee_bands=bands))
    page = visitor.send("consent", consent="1")
    assert page.status == 409
    assert "取消办法刚刚有变化，总价没有变" in page.text
    assert guest.made is None
    assert visitor.send("consent", consent="1").path.endswith("/pay")
