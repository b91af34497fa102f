"""The words of each message, in the reader's language. Plain, short, and with a phone to call."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from catalog.labels import label
from catalog.states import CaseStatus
from catalog.vocabulary import CaseKind, LicenceKind
from marketplace.kernel.ids import group_code
from marketplace.kernel.money import money
from marketplace.notify.change_texts import ToldChange
from marketplace.payments.states import BACK_WITHIN_WORKING_DAYS
from marketplace.pricing.nights.selection import StaySelection


@dataclass(frozen=True, slots=True)
class Facts:
    """What a message may mention."""

    code: str
    place_zh: str
    place_en: str
    check_in: str
    check_out: str
    nights: int
    refund_fen: int
    brand: str
    help_phone: str
    change: str = ""
    """What was changed, for the operator, in Chinese."""


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
        "【{brand}】订单 {code} 已取消。{back_zh}。有事请打 {help_phone}",
        ("{brand}: booking {code} is cancelled. {back_en}. Questions: {help_phone}"),
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
            "【{brand}】您的付款到得晚了，房间已经没有，钱会全部原路退回，{days}个工作日以内到账。"
            "订单号 {code}。"
            "请打 {help_phone}，我们帮您另找"
        ),
        (
            "{brand}: your payment came after the rooms were gone. All of it goes back the way you "
            "paid, within {days} working days. Code {code}. Call {help_phone} and we will find "
            "another place"
        ),
    ),
    "cancelled_refunded": (
        (
            "【{brand}】订单 {code} 先取消了，付款是后来才到的。钱会全部原路退回，"
            "{days}个工作日以内到账。有事请打 {help_phone}"
        ),
        (
            "{brand}: your payment for {code} came after it was cancelled. All of it goes back the "
            "way you paid, within {days} working days. Questions: {help_phone}"
        ),
    ),
    "ended_refunded": (
        (
            "【{brand}】订单 {code} 已经结束，后来又到的付款会全部原路退回，"
            "{days}个工作日以内到账。有事请打 {help_phone}"
        ),
        (
            "{brand}: booking {code} is over. The payment that came afterwards goes back to you "
            "in full, within {days} working days. Questions: {help_phone}"
        ),
    ),
    "paid_twice": (
        (
            "【{brand}】订单 {code} 多付了一次，多付的钱会全部原路退回，{days}个工作日以内到账，"
            "订单照旧有效。"
            "有事请打 {help_phone}"
        ),
        (
            "{brand}: booking {code} was paid twice. The second payment goes back to you in full "
            "within {days} working days and your booking stands. Questions: {help_phone}"
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
    "suspended": (
        (
            "【{brand}】很抱歉，{place_zh}因故暂停接待。您的钱很安全：我们正在为您找附近的住处，"
            "您也可以全额退款。订单号 {code}，请等我们联系，或打 {help_phone}"
        ),
        (
            "{brand}: we are sorry, {place_en} has stopped receiving guests. Your money is safe: "
            "we are looking for a place nearby, or you can have all of it back. Booking {code}. "
            "We will write again, or call {help_phone}"
        ),
    ),
    "rehousing_offered": (
        (
            "【{brand}】订单 {code}：附近的住处找好了，不多收钱。请打开“我的订单”选一处，"
            "或者选全额退款。要帮忙请打 {help_phone}"
        ),
        (
            '{brand}: booking {code}: we found places nearby, at no extra cost. Open "My booking" '
            "and choose one, or take all your money back. Help: {help_phone}"
        ),
    ),
    "rehoused": (
        (
            "【{brand}】换好了：订单 {code} 改住{place_zh}，{check_in}入住，{check_out}离开，"
            "住{nights}晚，不多收钱。有事请打 {help_phone}"
        ),
        (
            "{brand}: done. Booking {code} is now for {place_en}, {check_in} to {check_out}, "
            "{nights} nights, at no extra cost. Questions: {help_phone}"
        ),
    ),
    "resumed": (
        (
            "【{brand}】{place_zh}已恢复接待，您的订单 {code} 照旧有效，什么都不用做。"
            "有事请打 {help_phone}"
        ),
        (
            "{brand}: {place_en} receives guests again. Your booking {code} stands as it was. "
            "Questions: {help_phone}"
        ),
    ),
    "changed": (
        (
            "【{brand}】改好了：订单 {code}，{place_zh}，{check_in}入住，{check_out}离开，"
            "住{nights}晚。有事请打 {help_phone}"
        ),
        (
            "{brand}: changed. Booking {code}, {place_en}, {check_in} to {check_out}, "
            "{nights} nights. Questions: {help_phone}"
        ),
    ),
    "room_given_up": (
        (
            "【{brand}】订单 {code} 退掉了一种房，其余的照旧：{place_zh}，{check_in}入住，"
            "{check_out}离开。退多少钱，订单里写着。有事请打 {help_phone}"
        ),
        (
            "{brand}: one kind of room of booking {code} was given up; the rest stands: "
            "{place_en}, {check_in} to {check_out}. Your booking says what goes back. "
            "Questions: {help_phone}"
        ),
    ),
    "change_lapsed": (
        (
            "【{brand}】订单 {code} 的修改没有付款，已经取消修改，没有扣款，原来的订单照旧有效。"
            "有事请打 {help_phone}"
        ),
        (
            "{brand}: the change of booking {code} was not paid and is off. Nothing was charged "
            "and your booking stands as it was. Questions: {help_phone}"
        ),
    ),
    "change_refunded": (
        (
            "【{brand}】订单 {code} 的修改付款到得晚了，改不成了，这笔钱会全部原路退回，"
            "原来的订单照旧有效。有事请打 {help_phone}"
        ),
        (
            "{brand}: your payment for changing booking {code} came too late. All of it goes back "
            "to you and your booking stands as it was. Questions: {help_phone}"
        ),
    ),
    "change_over_refunded": (
        (
            "【{brand}】订单 {code} 的那个修改已经不算了，为它付的钱会全部原路退回，"
            "{days}个工作日以内到账。有事请打 {help_phone}"
        ),
        (
            "{brand}: the change of booking {code} that you paid for was no longer wanted or "
            "possible. All of that payment goes back within {days} working days. "
            "Questions: {help_phone}"
        ),
    ),
    "return_offered": (
        (
            "【{brand}】谢谢您住{place_zh}。明年同样的日子，同样的房间先为您留着。"
            "请打开“我的订单”看留到哪天，要帮忙请打 {help_phone}"
        ),
        (
            "{brand}: thank you for staying at {place_en}. The same room is kept for you on the "
            'same dates next year. Open "My booking" to see until when. Help: {help_phone}'
        ),
    ),
    "no_show": (
        ("【{brand}】订单 {code} 没有入住，按约定的取消规则办理。{back_zh}。有事请打 {help_phone}"),
        (
            "{brand}: nobody arrived for booking {code}. By the agreed terms: {back_en}. "
            "Questions: {help_phone}"
        ),
    ),
}
OPERATOR = {
    "confirmed": "新订单 {code}：{check_in} 到 {check_out}，{nights} 晚",
    "cancelled": "订单 {code} 已取消：{check_in} 到 {check_out}",
    "rehoused": "转来的订单 {code}：{check_in} 到 {check_out}，{nights} 晚，请准备接待",
    "changed": "订单 {code} 已修改，现在是 {check_in} 到 {check_out}，{nights} 晚。{change}",
    "room_given_up": ("订单 {code} 退掉了一种房，其余的照旧，{check_in} 到 {check_out}。{change}"),
    "no_show": "订单 {code} 到期未入住：{check_in}",
}
"""Operators read their notices in the console."""
CASE = {
    CaseStatus.RETURNED: (
        (
            "【{brand}】您提交的“{what}”已退回，请登录 {url} 看退回的原因，修改后再提交。"
            "有事请打 {help_phone}"
        ),
        (
            "{brand}: your case ({what}) was returned. Sign in at {url} to read the reasons, mend "
            "it and submit it again. Questions: {help_phone}"
        ),
    ),
    CaseStatus.ACCEPTED: (
        "【{brand}】您提交的“{what}”已通过审核，请登录 {url} 查看。有事请打 {help_phone}",
        (
            "{brand}: your case ({what}) was accepted. Sign in at {url} to see it. "
            "Questions: {help_phone}"
        ),
    ),
    CaseStatus.REFUSED: (
        "【{brand}】您提交的“{what}”没有通过审核，请登录 {url} 看原因。有事请打 {help_phone}",
        (
            "{brand}: your case ({what}) was refused. Sign in at {url} to read the reasons. "
            "Questions: {help_phone}"
        ),
    ),
}
LICENCE = (
    (
        "【{brand}】{name}的{licence}有效期到 {day} 为止。请在这之前换发新证，登录 {url} 提交；"
        "过期后新预订会自动停止。有事请打 {help_phone}"
    ),
    (
        "{brand}: the licence of {name} ({licence}) is valid until {day}. Please renew it before "
        "and submit the new one at {url}; after that day new bookings stop by themselves. "
        "Questions: {help_phone}"
    ),
)
LICENCE_ENDED = (
    (
        "【{brand}】{name}的{licence}已于 {day} 到期，新预订已停止。请换发新证，登录 {url} 提交。"
        "有事请打 {help_phone}"
    ),
    (
        "{brand}: the licence of {name} ({licence}) ended on {day} and new bookings have stopped. "
        "Please renew it and submit the new one at {url}. Questions: {help_phone}"
    ),
)


@dataclass(frozen=True, slots=True)
class Sender:
    """In whose name messages go out, and by which channel."""

    brand: str
    help_phone: str
    sign_in_url: str
    """Where those who work with the office sign in."""
    channel: str
    """Its name, kept with each message."""


def for_guest(what: str, facts: Facts, language: str) -> str | None:
    """Return the text for the guest, or ``None`` when nothing is said about this."""
    return _fill(GUEST[what][1 if language == "en" else 0], facts) if what in GUEST else None


def for_operator(what: str, facts: Facts) -> str | None:
    """Return the notice for the operator, or ``None``."""
    return _fill(OPERATOR[what], facts) if what in OPERATOR else None


def about_case(outcome: CaseStatus, kind: CaseKind, sender: Sender, language: str) -> str:
    """Return what the author of a case is told of its outcome."""
    return CASE[outcome][1 if language == "en" else 0].format(
        brand=sender.brand,
        help_phone=sender.help_phone,
        url=sender.sign_in_url,
        what=label(kind, language),
    )


def about_licence(
    kind: LicenceKind, name: str, day: dt.date, sender: Sender, language: str, *, ended: bool
) -> str:
    """Return what an enterprise is told of a licence whose last valid day is ``day``."""
    texts = LICENCE_ENDED if ended else LICENCE
    return texts[1 if language == "en" else 0].format(
        brand=sender.brand,
        help_phone=sender.help_phone,
        url=sender.sign_in_url,
        name=name,
        licence=label(kind, language),
        day=day.isoformat(),
    )


def change_in_words(change: ToldChange) -> str:
    """Return a change as the operator's notice has it: dates, room, people and price, old → new."""
    was, now = change.was, change.now
    room = f"{was.room_zh}：" if change.one_of_several else ""
    if was.wish is None or now.wish is None:
        kept = f"，留下的费用 {money(change.fee_fen, exact=True)}" if change.fee_fen else ""
        stay = f"{_dates(was.wish)}，{_people(was.wish)}" if was.wish else ""
        sums = f"{money(was.total_fen, exact=True)} → {money(now.total_fen, exact=True)}"
        return f"退掉的是{was.room_zh}，{stay}；总价 {sums}{kept}"
    pairs = (
        ("日期", _dates(was.wish), _dates(now.wish)),
        ("房型", was.room_zh, now.room_zh),
        ("人数", _people(was.wish), _people(now.wish)),
        ("总价", money(was.total_fen, exact=True), money(now.total_fen, exact=True)),
    )
    return room + "；".join(f"{name} {old} → {new}" for name, old, new in pairs if old != new)


def _dates(wish: StaySelection) -> str:
    return f"{wish.stay.check_in} 到 {wish.stay.check_out}"


def _people(wish: StaySelection) -> str:
    ages = "、".join(str(age) for age in wish.party.children_ages)
    return f"大人{wish.party.adults}位" + (f"，小孩{ages}岁" if ages else "")


BACK_ZH = ("按约定的取消办法没有退款", "退款 {sum}，原路退回，{days}个工作日以内到账")
BACK_EN = ("no refund", "{sum} goes back the way you paid, within {days} working days")
"""Without a refund, and with one."""


def _back(facts: Facts, words: tuple[str, str]) -> str:
    return words[facts.refund_fen > 0].format(
        sum=money(facts.refund_fen, exact=True), days=BACK_WITHIN_WORKING_DAYS
    )


def _fill(text: str, facts: Facts) -> str:
    return text.format(
        code=group_code(facts.code),
        place_zh=facts.place_zh,
        place_en=facts.place_en or facts.place_zh,
        check_in=facts.check_in,
        check_out=facts.check_out,
        nights=facts.nights,
        days=BACK_WITHIN_WORKING_DAYS,
        change=facts.change,
        back_zh=_back(facts, BACK_ZH),
        back_en=_back(facts, BACK_EN),
        brand=facts.brand,
        help_phone=facts.help_phone,
    )
