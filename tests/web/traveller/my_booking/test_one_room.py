"""The family room is changed or given up alone; the twin room stays as it is."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from marketplace.booking.states import BookingState
from marketplace.bootstrap import Services
from marketplace.kernel.clock import SetClock
from marketplace.notify.queries import latest
from tests.factories import Room
from tests.web.traveller.english import ChineseVisitor
from tests.web.traveller.my_booking.test_several_rooms import Family, family_of


@pytest.fixture
def family(client: FlaskClient, services: Services, clock: SetClock, loaded: Room) -> Family:
    return family_of(ChineseVisitor(client), services, clock, loaded)


def test_its_people_change_and_the_page_says_whose(family: Family) -> None:
    family.hold().pay()
    page = family.open("/rooms/2/change")
    assert "家庭房 × 2" in page.text
    assert "双床房" not in page.html.split("<main")[1]
    page = family.open("/rooms/2/change/people?adults=4&children=0")
    assert "大人4位" in page.text
    page = family.visitor.send("balance_fen")
    assert page.path == f"/booking/{family.id}"
    assert "家庭房：人数改成大人4位" in page.text
    assert "大人2位" in page.text
    family.assert_clean()


def test_more_nights_of_it_are_paid_first(family: Family) -> None:
    family.hold().pay()
    page = family.open("/rooms/2/change/longer?more=2")
    assert "¥1,200" in page.text
    page = family.visitor.send("balance_fen")
    assert page.path == f"/booking/{family.id}/change-payment"
    family.house.desk.pay_change(family.id)
    page = family.open()
    assert "家庭房：多住2晚" in page.text
    printed = page.html.split('<article class="voucher"')[1].split("</article>")[0]
    assert printed.count("3晚") >= 1
    assert printed.count("5晚") >= 1
    family.assert_clean()


def test_it_is_given_up_and_the_other_one_stays(family: Family) -> None:
    family.hold().pay()
    page = family.open("/rooms/2/cancel")
    for words in ("只退这2间吗？", "扣¥540", "¥1,260", "扣它价钱的30%", "别的房间照旧"):
        assert words in page.text, words
    assert "家庭房 × 2 · 如果取消，退多少钱" in page.text
    page = family.visitor.send("refund_fen", reason="health")
    assert page.path == f"/booking/{family.id}"
    assert "退好了，¥1,260退回原来的付款账户" in page.text
    assert "退了家庭房 × 2" in page.text
    assert "扣了¥540，退回¥1,260" in page.text
    printed = page.html.split('<article class="voucher"')[1].split("</article>")[0]
    assert "家庭房" not in printed
    assert "¥600" in printed
    assert family.state is BookingState.CONFIRMED
    family.assert_clean()
    # It is gone, and the other one is the whole booking.
    assert family.open("/rooms/2/cancel").path == f"/booking/{family.id}"
    assert family.open("/rooms/2/change").path == f"/booking/{family.id}"
    assert family.open("/rooms/1/cancel").path == f"/booking/{family.id}/cancel"
    assert family.open("/change").path == f"/booking/{family.id}/change"
    assert "想改什么？" in family.visitor.page.text


def test_a_second_press_gives_nothing_more_up(family: Family) -> None:
    family.hold().pay()
    family.open("/rooms/2/cancel")
    again = family.visitor.page
    family.visitor.send("refund_fen")
    family.visitor.page = again
    page = family.visitor.send("refund_fen")
    assert page.path == f"/booking/{family.id}"
    assert len(family.house.desk.booking(family.id).items) == 1
    family.assert_clean()


def test_two_tabs_that_change_it_are_told_of_each_other(family: Family) -> None:
    family.hold().pay()
    family.open("/rooms/2/cancel")
    other = family.visitor.page
    family.open("/rooms/1/change/people?adults=1&children=0")
    family.visitor.send("balance_fen")
    family.visitor.page = other
    page = family.visitor.send("refund_fen")
    assert "大人1位" in page.text
    assert len(family.house.desk.booking(family.id).items) == 2
    family.assert_clean()


def test_a_form_about_the_other_room_gives_nothing_up(family: Family) -> None:
    family.hold().pay()
    family.open("/rooms/2/cancel")
    form = family.visitor.page.form(holding="refund_fen")
    form.action = f"/booking/{family.id}/rooms/1/cancel"
    assert family.visitor.send("refund_fen").status == 422
    assert len(family.house.desk.booking(family.id).items) == 2


def test_who_sleeps_in_it_leaves_it_early(family: Family) -> None:
    family.hold().pay().arrive()
    page = family.open("/rooms/2/cancel")
    assert page.path == f"/booking/{family.id}/rooms/2/change/shorter"


def test_the_house_reads_what_was_given_up(family: Family) -> None:
    family.hold().pay()
    family.open("/rooms/2/cancel")
    family.visitor.send("refund_fen")
    family.house.work()
    with family.house.services.database.read() as session:
        texts = [message.text for message in latest(session)]
    assert any("退掉的是家庭房" in text and "留下的费用 ¥540.00" in text for text in texts)
    assert any("退掉了一种房，其余的照旧" in text for text in texts)
