"""Changes of a stay in words: what was, what will be, and how the sum comes about."""

from __future__ import annotations

import datetime as dt
from typing import Any

from markupsafe import Markup, escape

from marketplace.booking.change_queries import ChangeView
from marketplace.booking.change_quotes import ChangeQuote
from marketplace.booking.guest_queries import GuestBooking
from marketplace.booking.states import ChangeKind
from marketplace.booking.wishes import StayWish
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.money import share_of
from marketplace.web import labels
from marketplace.web.filters import clock_time, date_long, date_short, money, percent
from marketplace.web.i18n import translate
from marketplace.web.traveller import saying
from marketplace.web.traveller.presenters import SumLine


def room_name(found: GuestBooking, room_type_id: int) -> Markup:
    """Return the name of a room type of the listing; of another one only that it is another."""
    for room in found.listing.room_types:
        if room.id == room_type_id:
            return saying.own_name(room.name_zh, room.name_en)
    return escape(translate("别的房型"))


# ------------------------------------------------------------------ before and after


def compared(found: GuestBooking, was: StayWish, wish: StayWish) -> list[dict[str, Any]]:
    """Return the stay line by line, before and after; ``after`` is none where nothing changes."""
    rows = [
        (translate("到店"), date_long(was.check_in), date_long(wish.check_in)),
        (translate("离开"), date_long(was.check_out), date_long(wish.check_out)),
        (translate("一共"), _nights(was), _nights(wish)),
        (
            translate("房型"),
            room_name(found, was.room_type_id),
            room_name(found, wish.room_type_id),
        ),
        (translate("人数"), people(was), people(wish)),
    ]
    meals = (extras(was), extras(wish))
    if meals[0] != meals[1]:
        rows.append((translate("餐食和加床"), *meals))
    return [
        {"label": label, "before": before, "after": after if after != before else None}
        for label, before, after in rows
    ]


def _nights(wish: StayWish) -> str:
    return translate("%(n)s晚", n=wish.stay.nights)


def people(wish: StayWish) -> str:
    """Return who stays, the children with their ages."""
    if not wish.children_ages:
        return translate("大人%(n)s位", n=wish.adults)
    ages = translate("、").join(str(age) for age in wish.children_ages)
    return translate(
        "大人%(a)s位，小孩%(c)s位（%(ages)s岁）",
        a=wish.adults,
        c=len(wish.children_ages),
        ages=ages,
    )


def extras(wish: StayWish) -> str:
    """Return the meals and extra beds of a stay."""
    board = labels.board_label(wish.board)
    if not wish.extra_beds:
        return board
    return translate("%(board)s，加床%(n)s张", board=board, n=wish.extra_beds)


# ------------------------------------------------------------------ the sum


def balance(pay_fen: int, refund_fen: int) -> tuple[str, int]:
    """Return the words and the sum of what is to be paid or comes back; zero for neither."""
    if pay_fen:
        return translate("要补"), pay_fen
    return (translate("退回给您"), refund_fen) if refund_fen else (translate("不用补钱"), 0)


BY_POLICY = {
    (True, True): "离不住的第一晚还有%(days)s天，按订的时候说好的取消办法扣%(share)s。",
    (True, False): "离不住的第一晚还有%(days)s天，按取消办法，不住的部分不扣钱。",
    (False, True): "离到店还有%(days)s天，按订的时候说好的取消办法，减少的钱扣%(share)s。",
    (False, False): "离到店还有%(days)s天，按取消办法，减少的钱全部退回。",
}
"""What the cancellation policy does: by whether nights are given up, and whether it keeps money."""


def _kept(quote: ChangeQuote) -> tuple[int, int]:
    """Return what is kept in two parts: by the policy, and for used nights at their list price."""
    given_up = max(0, -quote.reckoned.difference_fen)
    by_policy = min(share_of(given_up, quote.fee_bp), quote.fee_fen)
    return by_policy, quote.fee_fen - by_policy


def reckoning(quote: ChangeQuote) -> list[SumLine]:
    """Return how the sum comes about, so that anybody can follow it by hand."""
    before, after = translate("原来的总价"), translate("改后的总价")
    if quote.reckoned.difference_fen > 0:
        return [
            SumLine(after, "", quote.total_after_fen),
            SumLine(before, translate("已经付了"), -quote.total_before_fen),
        ]
    by_policy, for_used = _kept(quote)
    lines = [
        SumLine(before, translate("已经付了"), quote.total_before_fen),
        SumLine(after, "", -quote.total_after_fen),
    ]
    if by_policy:
        note = translate("按取消办法扣%(share)s", share=percent(quote.fee_bp))
        shorter = quote.kind is ChangeKind.SHORTEN
        label = translate("不住的部分要扣") if shorter else translate("减少的部分要扣")
        lines.append(SumLine(label, note, -by_policy))
    if for_used:
        note = translate("已住各晚按原价计算")
        lines.append(SumLine(translate("已住各晚的差价"), note, -for_used))
    return lines


def reasons(quote: ChangeQuote, *, today: dt.date) -> list[str]:
    """Say why something is kept of the money, or why nothing is."""
    if quote.reckoned.difference_fen >= 0:
        return []
    if quote.taken_back:
        return [translate("今天刚改的，改回来不收钱。")]
    by_policy, for_used = _kept(quote)
    shorter = quote.kind is ChangeKind.SHORTEN
    begin = quote.wish.check_out if shorter else quote.was.check_in
    found = []
    if by_policy or not quote.fee_bp:
        days = max(0, (begin - today).days)
        message = BY_POLICY[shorter, by_policy > 0]
        found.append(translate(message, days=days, share=percent(quote.fee_bp)))
    if for_used:
        found.append(
            translate("自己提前离开，长住优惠就没有了：已住各晚按原价计算，差价从退款里扣。")
        )
    return found


# ------------------------------------------------------------------ what was changed


def told(found: GuestBooking, change: ChangeView) -> dict[str, Any]:
    """Return a change as the voucher lists it: when, what, and the money."""
    applied = change.applied_at
    return {
        "day": date_short(shanghai_date(applied)) if applied is not None else "",
        "what": what(found, change),
        "money": _money(change),
    }


def what(found: GuestBooking, change: ChangeView) -> Markup:
    """Say in one sentence what a change is."""
    was, wish = change.was, change.wish
    said: dict[str, object] = {
        "arrive": date_short(wish.check_in),
        "depart": date_short(wish.check_out),
        "n": abs((wish.check_out - was.check_out).days),
        "room": room_name(found, wish.room_type_id),
        "people": people(wish),
        "extras": extras(wish),
    }
    return saying.marked(_sentence(change), **said)


def _sentence(change: ChangeView) -> str:
    was, wish = change.was, change.wish
    if change.kind is ChangeKind.PARTY:
        people = (was.adults, was.children_ages) != (wish.adults, wish.children_ages)
        return "人数改成%(people)s" if people else "改成%(extras)s"
    return {
        ChangeKind.EXTEND: "多住%(n)s晚，到%(depart)s离开",
        ChangeKind.SHORTEN: "少住%(n)s晚，%(depart)s离开",
        ChangeKind.MOVE: "改到%(arrive)s到店，%(depart)s离开",
        ChangeKind.ROOM: "换到%(room)s",
        ChangeKind.SWAP: "企业给您换了房间：%(room)s",
    }[change.kind]


def _money(change: ChangeView) -> str:
    if change.pay_fen:
        return translate("补了%(sum)s", sum=money(change.pay_fen))
    if change.refund_fen:
        return translate("退回%(sum)s", sum=money(change.refund_fen))
    return translate("没有收钱，也没有退钱") if change.fee_fen else translate("没有收钱")


def waiting(found: GuestBooking, change: ChangeView) -> dict[str, Any]:
    """Return a change that waits for its payment, for the voucher and the page it is paid on."""
    return {
        "id": change.id,
        "what": what(found, change),
        "pay_fen": change.pay_fen,
        "until": clock_time(change.expires_at) if change.expires_at is not None else "",
        "rows": compared(found, change.was, change.wish),
    }
