"""The words of each message, in the reader's language. Plain, short, and with a phone to call."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.kernel.ids import group_code


@dataclass(frozen=True, slots=True)
class Facts:
    """What a message may mention."""

    code: str
    place_zh: str
    place_en: str
    check_in: str
    check_out: str
    nights: int
    refund: str
    brand: str
    help_phone: str


GUEST = {
    "confirmed": (
        (
            "【{brand}】订好了：{place_zh}，{check_in}入住，{check_out}离开，住{nights}晚。"
            "订单号 {code}。有事请打 {help_phone}"
        ),
        (
            "{brand}: booked. {place_en}, {check_in} to {check_out}, {nights} nights. "
            "Booking code {code}. Questions: {help_phone}"
        ),
    ),
    "cancelled": (
        "【{brand}】订单 {code} 已取消。退款 {refund}，原路退回。有事请打 {help_phone}",
        (
            "{brand}: booking {code} is cancelled. Refund {refund}, back the way you paid. "
            "Questions: {help_phone}"
        ),
    ),
    "expired": (
        "【{brand}】{place_zh}的保留时间已过，房间已放回，没有扣款。想再订请打 {help_phone}",
        (
            "{brand}: your hold at {place_en} has ended and nothing was charged. "
            "To book again: {help_phone}"
        ),
    ),
    "late_refunded": (
        (
            "【{brand}】您的付款到得晚了，房间已经没有，钱会全部原路退回。订单号 {code}。"
            "请打 {help_phone}，我们帮您另找"
        ),
        (
            "{brand}: your payment came after the rooms were gone. All of it goes back the way you "
            "paid. Code {code}. Call {help_phone} and we will find another place"
        ),
    ),
    "paid_twice": (
        (
            "【{brand}】订单 {code} 多付了一次，多付的钱会全部原路退回，订单照旧有效。"
            "有事请打 {help_phone}"
        ),
        (
            "{brand}: booking {code} was paid twice. The second payment goes back to you in full "
            "and your booking stands. Questions: {help_phone}"
        ),
    ),
    "wrong_amount": (
        "【{brand}】收到的金额和订单 {code} 不一致，房间仍为您保留到约定时间。请打 {help_phone}",
        (
            "{brand}: the amount received does not match booking {code}. The rooms are kept until "
            "the time shown. Call {help_phone}"
        ),
    ),
    "suspense_refunded": (
        "【{brand}】订单 {code} 金额不一致的那笔付款，已全部原路退回。有事请打 {help_phone}",
        (
            "{brand}: the payment of another amount for {code} goes back to you in full. "
            "Questions: {help_phone}"
        ),
    ),
    "no_show": (
        (
            "【{brand}】订单 {code} 没有入住，按约定的取消规则办理，退款 {refund}。"
            "有事请打 {help_phone}"
        ),
        (
            "{brand}: nobody arrived for booking {code}. By the agreed terms the refund is "
            "{refund}. Questions: {help_phone}"
        ),
    ),
}
OPERATOR = {
    "confirmed": "新订单 {code}：{check_in} 到 {check_out}，{nights} 晚",
    "cancelled": "订单 {code} 已取消：{check_in} 到 {check_out}",
    "no_show": "订单 {code} 到期未入住：{check_in}",
}
"""Operators read their notices in the console."""


def for_guest(what: str, facts: Facts, language: str) -> str | None:
    """Return the text for the guest, or ``None`` when nothing is said about this."""
    return _fill(GUEST[what][1 if language == "en" else 0], facts) if what in GUEST else None


def for_operator(what: str, facts: Facts) -> str | None:
    """Return the notice for the operator, or ``None``."""
    return _fill(OPERATOR[what], facts) if what in OPERATOR else None


def _fill(text: str, facts: Facts) -> str:
    return text.format(
        code=group_code(facts.code),
        place_zh=facts.place_zh,
        place_en=facts.place_en or facts.place_zh,
        check_in=facts.check_in,
        check_out=facts.check_out,
        nights=facts.nights,
        refund=facts.refund,
        brand=facts.brand,
        help_phone=facts.help_phone,
    )
