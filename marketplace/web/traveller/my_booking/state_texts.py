"""What a booking's own page says of it, for every state that it can be in, and nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from marketplace.booking.reads.guest_queries import GuestBooking
from marketplace.booking.reads.own_bookings import Stands
from marketplace.booking.states import BookingState
from marketplace.kernel.money import money
from marketplace.payments.states import BACK_WITHIN_WORKING_DAYS
from marketplace.web.i18n import translate
from marketplace.web.rendering.filters import clock_time

CALL = "有疑问请打电话，我们替您查。"
PRINTED = frozenset(
    {
        BookingState.CONFIRMED,
        BookingState.IN_STAY,
        BookingState.COMPLETED,
        BookingState.CURTAILED,
    }
)
"""States whose page is a voucher: something to show at a desk, or to keep."""
LINES: dict[BookingState, Callable[[], str]] = {
    BookingState.CONFIRMED: lambda: translate("到店时出示下面的二维码，或者读出订单号。"),
    BookingState.IN_STAY: lambda: translate("有事请先找前台，也可以打我们的电话。"),
    BookingState.COMPLETED: lambda: translate("谢谢您来吉林。"),
}
"""What follows where it has nothing to do with who was paid."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a booking stands: the heading, what follows from it, and how that looks."""

    heading: str
    tone: str
    """How the line looks: ``good``, ``info``, ``wait`` or ``bad``.

    Red is for what the guest did not choose and loses by. The heading may be bad news and the line
    below it none: a house that was stopped, and money that is safe.
    """
    line: str
    is_voucher: bool = False


def arrives() -> str:
    """Say within how many days money that goes back arrives."""
    return translate("原路退回付款账户，%(days)s个工作日以内到账。", days=BACK_WITHIN_WORKING_DAYS)


def money_back(found: GuestBooking) -> str:
    """Say where the money that goes back is by now."""
    if found.money_is_back:
        return translate("已经退回付款账户")
    return arrives()


def headed(found: Stands, now: dt.datetime) -> tuple[str, str]:
    """Return where a booking stands in a few words, and their tone: for lists and its own page."""
    if found.rehousing is not None:
        return translate("这家暂停接待了"), "bad"
    if found.state is BookingState.HELD:
        if found.wrong_amount:
            return translate("付款的金额不对"), "wait"
        if found.on_its_way():
            return translate("正在确认付款"), "wait"
        if not found.is_live_hold(now):
            return translate("保留已到时间"), "info"
        return translate("还没有付款"), "wait"
    return {
        BookingState.CONFIRMED: (_confirmed(found), "good"),
        BookingState.IN_STAY: (translate("正在入住"), "good"),
        BookingState.COMPLETED: (translate("这次住宿已结束"), "info"),
        BookingState.CURTAILED: (translate("已提前离开"), "info"),
        BookingState.CANCELLED: (translate("已取消"), "info"),
        BookingState.NO_SHOW: (translate("那天没有到店"), "bad"),
        BookingState.EXPIRED: (translate("保留已到时间"), "info"),
    }[found.state]


def standing(found: GuestBooking, now: dt.datetime) -> Standing:
    """Return where a booking stands, in the reader's words."""
    heading, tone = headed(found, now)
    if not found.channel.pays_us:
        return _sold_elsewhere(found, heading, tone)
    if found.rehousing is not None:
        line = translate("您付的钱在我们这里，很安全。请不要去原来的地方。")
        return Standing(heading, "info", line)
    if found.state is BookingState.NO_SHOW and found.given_back_fen:
        tone = "info"  # what comes back is no bad news, whatever the heading was
    if found.state is BookingState.CANCELLED:
        return _cancelled(found, heading)
    if found.state in LINES:
        return Standing(heading, tone, LINES[found.state](), True)
    line = {
        BookingState.HELD: lambda: held_line(found, now),
        BookingState.CURTAILED: lambda: _curtailed(found),
        BookingState.NO_SHOW: lambda: _no_show(found),
        BookingState.EXPIRED: lambda: _expired(found),
    }[found.state]()
    return Standing(heading, tone, line, found.state in PRINTED)


def _confirmed(found: Stands) -> str:
    return translate("订好了，钱已付清") if found.channel.pays_us else translate("订好了")


def _sold_elsewhere(found: GuestBooking, heading: str, tone: str) -> Standing:
    """Say where a booking stands that a partner sold: its guest's money is between those two."""
    if found.rehousing is not None:
        return Standing(heading, "info", translate("请不要去原来的地方。"))
    if found.state in LINES:
        return Standing(heading, tone, LINES[found.state](), True)
    line = translate("退不退款、退多少，请问卖给您的平台。")
    return Standing(heading, tone, line, found.state in PRINTED)


def held_line(found: Stands, now: dt.datetime) -> str:
    """Say what the guest of a hold can do."""
    if found.wrong_amount:
        return translate("请打电话，我们替您处理。")
    if found.on_its_way():
        return translate("付款确认了，房间就订好了。")
    if not found.is_live_hold(now):
        return translate("房间正在放开。可以重新预订。")
    return translate("房间为您留到%(time)s。请先付款。", time=clock_time(found.expires_at))


def _cancelled(found: GuestBooking, heading: str) -> Standing:
    if found.confirmed_at is None:
        line = translate("房间已放开，没有收您的钱。") if not found.paid_fen else ""
        return Standing(heading, "info", line or translate("房间已放开。"))
    back, fee = found.given_back_fen, found.fee_fen or 0
    if not back:
        return Standing(heading, "info", translate("按取消办法，没有退款。"))
    if not fee:
        line = translate("钱全部退给您：%(sum)s，一分不扣。", sum=money(back))
        return Standing(heading, "good", line)
    line = translate("按取消办法扣%(fee)s，退给您%(sum)s。", fee=money(fee), sum=money(back))
    return Standing(heading, "info", line)


def _curtailed(found: GuestBooking) -> str:
    if not found.cut_back_fen:
        return translate("没有住的天数，按取消办法没有退款。")
    return translate("没有住的天数，按取消办法退给您%(sum)s。", sum=money(found.cut_back_fen))


def _no_show(found: GuestBooking) -> str:
    fee, back = found.fee_fen or 0, found.given_back_fen
    said = (
        translate("按取消办法扣%(fee)s，退给您%(sum)s。", fee=money(fee), sum=money(back))
        if back
        else translate("按取消办法，没有退款。")
    )
    return translate("%(said)s%(call)s", said=said, call=translate(CALL))


def _expired(found: GuestBooking) -> str:
    if found.paid_fen:
        return translate("房间已放开。可以重新预订。")
    return translate("房间已放开，没有收您的钱。可以重新预订。")
