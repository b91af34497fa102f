"""Each state of a booking on each of its pages: its own truth, and nothing that is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from marketplace import tasks
from marketplace.booking.lifecycle import scheduled_jobs
from marketplace.booking.models import Booking
from marketplace.bootstrap import Services
from marketplace.kernel.clock import SetClock
from marketplace.notify.models import Audience, Message
from marketplace.payments.models import Refund
from marketplace.payments.states import RefundState
from tests.factories import Room
from tests.web.traveller.journey import Journey
from tests.web.traveller.staying_guest import ARRIVE, Guest, days
from tests.web.traveller.visitor import Page, Visitor


@dataclass
class Scene:
    """A visitor, a clock, and the services, to bring a booking into a state."""

    journey: Journey
    services: Services
    clock: SetClock

    def cancel(self, booking_id: str) -> None:
        self.journey.visitor.open(f"/booking/{booking_id}/cancel")
        self.journey.visitor.send("refund_fen")

    def held(self) -> str:
        return self.journey.hold()

    def failed(self) -> str:
        return self.journey.press("card_fail")

    def on_its_way(self) -> str:
        return self.journey.press("late")

    def wrong_amount(self) -> str:
        return self.journey.press("wrong_amount")

    def held_over(self) -> str:
        booking_id = self.journey.hold()
        self.clock.advance(minutes=31)
        return booking_id

    def expired(self) -> str:
        booking_id = self.held_over()
        self.clock.advance(minutes=10)
        tasks.expire_holds(self.services)
        return booking_id

    def confirmed(self) -> str:
        return self.journey.press("alipay_ok")

    def given_up(self) -> str:
        booking_id = self.journey.hold()
        self.cancel(booking_id)
        return booking_id

    def given_up_on_its_way(self) -> str:
        booking_id = self.journey.press("late")
        self.cancel(booking_id)
        return booking_id

    def given_up_and_paid(self) -> str:
        booking_id = self.given_up_on_its_way()
        self.clock.advance(minutes=3)
        scheduled_jobs.look_up_payments(self.services.money, booking_id)
        return booking_id

    def undone(self) -> str:
        booking_id = self.confirmed()
        self.cancel(booking_id)
        return booking_id

    def cancelled_with_a_fee(self) -> str:
        booking_id = self.confirmed()
        self.clock.advance(days=20)
        self.cancel(booking_id)
        return booking_id

    def no_show(self) -> str:
        booking_id = self.confirmed()
        self.clock.advance(days=33)
        scheduled_jobs.advance_stays(self.services.money)
        return booking_id


@pytest.fixture
def scene(journey: Journey, services: Services, clock: SetClock) -> Scene:
    return Scene(journey, services, clock)


ARRIVES = "7个工作日以内到账"
TABLE: dict[str, tuple[str, str, tuple[str, ...], tuple[str, ...]]] = {
    # state: heading, tone, what the page says, what it does not say
    "held": ("还没有付款", "wait", ("请先付款", "去付款"), ("打印凭证", "退款")),
    "failed": ("还没有付款", "wait", ("上一次没有付成，没有扣款", "去付款"), ("打印凭证",)),
    "on_its_way": ("正在确认付款", "wait", ("请不要再付一次",), ("请先付款", "打印凭证")),
    "wrong_amount": ("付款的金额不对", "wait", ("请打电话",), ("请先付款", "打印凭证")),
    "held_over": (
        "保留已到时间", "info", ("没有扣款", "再看看这里"), ("请先付款", "去付款", "打印凭证"),
    ),
    "expired": ("保留已到时间", "info", ("没有收您的钱",), ("请先付款", "去付款", "打印凭证")),
    "confirmed": ("订好了，钱已付清", "good", ("打印凭证", "反悔，全部退款"), ("请先付款",)),
    "given_up": ("已取消", "info", ("没有收您的钱",), ("打印凭证", "退款", "请先付款")),
    "given_up_on_its_way": (
        "已取消", "info", ("钱要是到了，会全部退回",), ("打印凭证", "请先付款"),
    ),
    "given_up_and_paid": (
        "已取消", "info", ("这个保留先取消了，付款是后来才到的", ARRIVES, "退款¥5,100"),
        ("打印凭证", "房间已经没有", "没有收您的钱", "到得晚了"),
    ),
    "undone": (
        "已取消", "good", ("钱全部退给您：¥5,100", "一分不扣", ARRIVES), ("打印凭证", "二维码"),
    ),
    "cancelled_with_a_fee": (
        "已取消", "info", ("扣¥2,040，退给您¥3,060", ARRIVES), ("打印凭证", "二维码"),
    ),
    "no_show": ("那天没有到店", "info", ("扣¥4,080，退给您¥1,020", ARRIVES), ("打印凭证",)),
}  # fmt: skip


def heading(page: Page) -> str:
    return page.html.split("<h1>")[1].split("</h1>")[0]


@pytest.mark.parametrize("state", TABLE)
def test_each_page_says_the_truth_of_its_state(scene: Scene, state: str) -> None:
    title, tone, said, unsaid = TABLE[state]
    booking_id = getattr(scene, state)()
    visitor = scene.journey.visitor
    page = visitor.open(f"/booking/{booking_id}")
    assert heading(page) == title
    assert f'<div class="note note--{tone} screen-only">' in page.html
    for words in said:
        assert words in page.text, words
    for words in unsaid:
        assert words not in page.text, words
    own = visitor.open("/my-booking")
    listed_tone = {"undone": "info", "no_show": "bad"}.get(state, tone)
    assert f'<span class="badge badge--{listed_tone}">{title}</span>' in own.html
    english = visitor.open(f"/en/booking/{booking_id}?lang=en")
    assert english.status == 200
    visitor.open(f"/booking/{booking_id}?lang=zh")
    payable = state in ("held", "failed", "wrong_amount")
    lead = {"pay": "pay", "return": "pay" if payable else ""}
    if state == "on_its_way":
        lead = {"pay": "pay", "return": "return"}
    elif not payable:
        lead = {"pay": "", "return": ""}
    for name, to in lead.items():
        shown = visitor.open(f"/booking/{booking_id}/{name}")
        assert shown.path == f"/booking/{booking_id}" + (f"/{to}" if to else ""), name
    asked = visitor.open(f"/booking/{booking_id}/cancel").path.endswith("/cancel")
    assert asked is (payable or state in ("on_its_way", "confirmed"))


def told(services: Services, booking_id: str) -> list[str]:
    with services.database.read() as session:
        return list(
            session.scalars(
                sa.select(Message.text)
                .where(Message.booking_id == booking_id, Message.audience == Audience.GUEST)
                .order_by(Message.id)
            )
        )


@pytest.mark.parametrize(
    ("state", "words", "not_words"),
    [
        ("given_up_and_paid", ("先取消了，付款是后来才到的", ARRIVES), ("到得晚了", "照旧有效")),
        ("undone", ("退款 ¥5,100.00，原路退回", ARRIVES), ()),
        ("cancelled_with_a_fee", ("退款 ¥3,060.00，原路退回", ARRIVES), ()),
        ("no_show", ("退款 ¥1,020.00，原路退回", ARRIVES), ()),
    ],
)
def test_messages_say_the_same(
    scene: Scene,
    gateway_reports: Callable[[], int],
    state: str,
    words: tuple[str, ...],
    not_words: tuple[str, ...],
) -> None:
    booking_id = getattr(scene, state)()
    gateway_reports()
    texts = told(scene.services, booking_id)
    for each in words:
        assert each in texts[-1], texts
    for each in not_words:
        assert each not in texts[-1]


class TestChangesPaidTooLate:
    @pytest.fixture
    def guest(self, visitor: Visitor, loaded: Room, services: Services, clock: SetClock) -> Guest:
        return Guest(visitor, loaded, services, clock).book()

    def test_one_that_made_way_for_another(self, guest: Guest) -> None:
        guest.ask("longer", more="5")
        guest.agree()
        sim = guest.visitor.send("/change-payment")
        guest.ask("longer", more="10")
        guest.agree()
        guest.pay()
        guest.visitor.page = sim
        guest.visitor.send(sim.path, action="alipay_ok")
        page = guest.open()
        assert "先前要改的那一个已经不算了" in page.text
        assert "到得晚了" not in page.text
        assert guest.booking.ends_on == ARRIVE + days(40)

    def test_a_booking_that_was_cancelled_meanwhile_is_not_called_standing(
        self, guest: Guest
    ) -> None:
        guest.ask("longer", more="5")
        guest.agree()
        sim = guest.visitor.send("/change-payment")
        guest.open("/cancel")
        guest.visitor.send("refund_fen")
        guest.visitor.page = sim
        guest.visitor.send(sim.path, action="alipay_ok")
        page = guest.open()
        assert "订单已经不能改了，没有改成" in page.text
        assert "照旧" not in page.text


def test_what_went_back_is_said_to_be_back(scene: Scene) -> None:
    booking_id = scene.undone()
    with scene.services.database.write() as session:
        session.execute(sa.update(Refund).values(state=RefundState.SUCCEEDED))
        assert session.get_one(Booking, booking_id).fee_fen == 0
    page = scene.journey.visitor.open(f"/booking/{booking_id}")
    assert "退款到账已经退回付款账户" in page.text
    assert ARRIVES not in page.text
