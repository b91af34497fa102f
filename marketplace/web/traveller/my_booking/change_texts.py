"""Changes of a stay in words: what was, what will be, and how the sum comes about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from markupsafe import Markup, escape

from marketplace.booking.changes.change_queries import ChangeView
from marketplace.booking.changes.change_quotes import ChangeQuote
from marketplace.booking.reads.guest_queries import GuestBooking
from marketplace.booking.states import ChangeKind
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.money import money, percentage
from marketplace.pricing.nights.quote import Reduction, ReductionKind
from marketplace.pricing.nights.selection import Party, StaySelection
from marketplace.pricing.nights.terms import Board
from marketplace.web.i18n import translate
from marketplace.web.rendering import labels
from marketplace.web.rendering.filters import (
    clock_time,
    date_long,
    date_short,
    month,
    percent,
)
from marketplace.web.rendering.price_lines import SumLine
from marketplace.web.rendering.price_words import named
from marketplace.web.traveller.search import query_sentences


def room_name(found: GuestBooking, room_type_id: int) -> Markup:
    """Return the name of a room type of the listing; of another one only that it is another."""
    for room in found.listing.room_types:
        if room.id == room_type_id:
            return query_sentences.own_name(room.name_zh, room.name_en)
    return escape(translate("别的房型"))


# ------------------------------------------------------------------ before and after


Told: TypeAlias = tuple[str, str | Markup]
"""A line of a stay: label and value."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a stay, before and after a change."""

    label: str
    before: str | Markup
    after: str | Markup | None
    """``None`` where nothing changes."""


@dataclass(frozen=True, slots=True)
class Made:
    """A change that was made, as the voucher lists it: when, what, and the money."""

    day: str
    what: Markup
    money: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A change that waits for its payment."""

    id: str
    what: Markup
    pay_fen: int
    until: str
    rows: Sequence[Row]


def compared(found: GuestBooking, was: StaySelection, wish: StaySelection) -> list[Row]:
    """Return the stay line by line, before and after."""
    before = [*_days(was), *_in_room(found, was)]
    after = [*_days(wish), *_in_room(found, wish)]
    if extras(was) == extras(wish):
        before, after = before[:-1], after[:-1]
    return [
        Row(label, then, now if now != then else None)
        for (label, then), (_, now) in zip(before, after, strict=True)
    ]


def as_booked(found: GuestBooking, rooms: Sequence[StaySelection]) -> list[Told]:
    """Return a booking line by line: its days, and the stay in each kind of its rooms."""
    if len({room.stay for room in rooms}) == 1:
        return [*_days(rooms[0]), *(line for room in rooms for line in _in_room(found, room))]
    return [line for room in rooms for line in (*_days(room), *_in_room(found, room))]


def _days(stay: StaySelection) -> list[Told]:
    return [
        (translate("到店"), date_long(stay.stay.check_in)),
        (translate("离开"), date_long(stay.stay.check_out)),
        (translate("一共"), translate("%(n)s晚", n=stay.stay.nights)),
    ]


def _in_room(found: GuestBooking, stay: StaySelection) -> list[Told]:
    return [
        (translate("房型"), room_name(found, stay.room_type_id)),
        (translate("人数"), people(stay.party)),
        (translate("餐食和加床"), extras(stay)),
    ]


def people(party: Party) -> str:
    """Return who stays, the children with their ages."""
    if not party.children_ages:
        return translate("大人%(n)s位", n=party.adults)
    ages = translate("、").join(str(age) for age in party.children_ages)
    return translate(
        "大人%(a)s位，小孩%(c)s位（%(ages)s周岁）",
        a=party.adults,
        c=len(party.children_ages),
        ages=ages,
    )


def extras(wish: StaySelection) -> str:
    """Return the meals and extra beds of a stay."""
    board = labels.board_label(wish.board or Board.ROOM_ONLY)
    if not wish.extra_beds:
        return board
    return translate("%(board)s，加床%(n)s张", board=board, n=wish.extra_beds)


# ------------------------------------------------------------------ the sum


def balance(pay_fen: int, refund_fen: int) -> tuple[str, int]:
    """Return the words and the sum of what is to be paid or comes back; zero for neither."""
    if pay_fen:
        return translate("要补"), pay_fen
    return (translate("退回给您"), refund_fen) if refund_fen else (translate("不用补钱"), 0)


NIGHTS_GIVEN_UP = (
    "离不住的第一晚还有%(days)s天，按取消办法，不住的部分不扣钱。",
    "离不住的第一晚还有%(days)s天，按订的时候说好的取消办法扣%(share)s。",
)
FROM_TONIGHT = (
    "今晚起就不住了，按取消办法，不住的部分不扣钱。",
    "今晚起就不住了，按订的时候说好的取消办法扣%(share)s。",
)
LESS = (
    "离到店还有%(days)s天，按取消办法，减少的钱全部退回。",
    "离到店还有%(days)s天，按订的时候说好的取消办法，减少的钱扣%(share)s。",
)
LESS_IN_STAY = (
    "到店的日子已经到了，按取消办法，减少的钱全部退回。",
    "到店的日子已经到了，按订的时候说好的取消办法，减少的钱扣%(share)s。",
)
"""What the cancellation policy does: when it keeps nothing, and when it keeps a share."""


def reckoning(quote: ChangeQuote) -> list[SumLine]:
    """Return how the sum comes about, so that anybody can follow it by hand."""
    before, after = translate("原来的总价"), translate("改后的总价")
    if quote.reckoned.difference_fen > 0:
        return [
            SumLine(after, "", quote.total_after_fen),
            SumLine(before, translate("已经付了"), -quote.total_before_fen),
        ]
    kept = quote.reckoned.kept
    shorter = quote.kind is ChangeKind.SHORTEN
    at_share = translate("按取消办法扣%(share)s", share=percent(quote.fee_bp))
    kept_lines = (
        (
            translate("不住的部分要扣") if shorter else translate("减少的部分要扣"),
            at_share,
            kept.by_policy_fen,
        ),
        (translate("今天早先减少的部分补扣"), at_share, kept.of_today_fen),
        (translate("已住各晚的差价"), translate("已住各晚按原价计算"), kept.for_used_fen),
    )
    return [
        SumLine(before, translate("已经付了"), quote.total_before_fen),
        SumLine(after, "", -quote.total_after_fen),
        *(SumLine(label, note, -fen) for label, note, fen in kept_lines if fen),
    ]


def reasons(quote: ChangeQuote, *, today: dt.date) -> list[str]:
    """Say why the sum is what it is: what is kept of the money, and what becomes of discounts."""
    if quote.taken_back:
        back = quote.reckoned.difference_fen < 0
        return [translate("今天刚改的，改回来不收钱。")] if back else []
    found = discounts(quote)
    if quote.kind is ChangeKind.SHORTEN and quote.pay_fen:
        found.append(translate("所以虽然少住，反而要补钱。"))
    if quote.reckoned.difference_fen >= 0:
        return found
    kept = quote.reckoned.kept
    if kept.by_policy_fen or not quote.fee_bp:
        found.append(_by_policy(quote, today))
    if kept.of_today_fen:
        found.append(
            translate(
                "今天早先已经减过一次，同一天减少的合在一起算，都扣%(share)s，早先少扣的现在补上。",
                share=percent(quote.fee_bp),
            )
        )
    if kept.for_used_fen:
        found.append(
            translate("自己提前离开，长住优惠就没有了：已住各晚按原价计算，差价从退款里扣。")
        )
    return found


def _by_policy(quote: ChangeQuote, today: dt.date) -> str:
    shorter = quote.kind is ChangeKind.SHORTEN
    days = ((quote.wish.stay.check_out if shorter else quote.was.stay.check_in) - today).days
    if shorter:
        messages = NIGHTS_GIVEN_UP if days > 0 else FROM_TONIGHT
    else:
        messages = LESS if days > 0 else LESS_IN_STAY
    message = messages[quote.reckoned.kept.by_policy_fen > 0]
    return translate(message, days=days, share=percent(quote.fee_bp))


def discounts(quote: ChangeQuote) -> list[str]:
    """Say which reductions a change loses and which it earns."""
    left = quote.reckoned.rest.tier if quote.reckoned.rest is not None else None
    said = []
    for cut in quote.reckoned.lost:
        if cut.kind is ReductionKind.TIER and left is not None:
            message = "住不满%(n)s晚，长住优惠从便宜%(before)s%%变成便宜%(after)s%%。"
            shares = {"before": percentage(cut.off_bp), "after": percentage(left.off_bp)}
            said.append(translate(message, n=cut.min_nights, **shares))
        else:
            said.append(_said(LOST, cut))
    return said + [_said(GAINED, cut) for cut in quote.reckoned.gained]


LOST = {
    ReductionKind.TIER: "住不满%(n)s晚，长住优惠（便宜%(p)s%%）就没有了。",
    ReductionKind.MONTH: "%(month)s的整月价就没有了。",
    ReductionKind.PROMOTION: "优惠“%(name)s”就没有了。",
}
GAINED = {
    ReductionKind.TIER: "住满%(n)s晚，有长住优惠，便宜%(p)s%%。",
    ReductionKind.MONTH: "%(month)s按整月价算。",
    ReductionKind.PROMOTION: "用上了优惠“%(name)s”。",
}


def _said(words: dict[ReductionKind, str], cut: Reduction) -> str:
    return translate(
        words.get(cut.kind, "约定的差价"),
        n=cut.min_nights,
        p=percentage(cut.off_bp),
        month=month(cut.month) if cut.month is not None else "",
        name=named(cut.name_zh, cut.name_en).name,
    )


# ------------------------------------------------------------------ what was changed


def told(found: GuestBooking, change: ChangeView) -> Made:
    """Return a change that was made."""
    applied = change.applied_at
    day = date_short(shanghai_date(applied)) if applied is not None else ""
    return Made(day, what(found, change), _money(change))


def what(found: GuestBooking, change: ChangeView) -> Markup:
    """Say in one sentence what a change is, and of which room where there are, or were, several."""
    was, wish = change.was, change.wish or change.was
    said: dict[str, object] = {
        "arrive": date_short(wish.stay.check_in),
        "depart": date_short(wish.stay.check_out),
        "n": abs((wish.stay.check_out - was.stay.check_out).days),
        "room": room_name(found, wish.room_type_id),
        "people": people(wish.party),
        "extras": extras(wish),
        "rooms": wish.rooms,
    }
    sentence = query_sentences.marked(_sentence(change), **said)
    if change.wish is None or not found.had_several:
        return sentence
    which = room_name(found, was.room_type_id)
    return query_sentences.marked("%(room)s：%(what)s", room=which, what=sentence)


def _sentence(change: ChangeView) -> str:
    was, wish = change.was, change.wish
    if wish is not None and change.kind is ChangeKind.PARTY:
        return "人数改成%(people)s" if was.party != wish.party else "改成%(extras)s"
    return {
        ChangeKind.EXTEND: "多住%(n)s晚，到%(depart)s离开",
        ChangeKind.SHORTEN: "少住%(n)s晚，%(depart)s离开",
        ChangeKind.MOVE: "改到%(arrive)s到店，%(depart)s离开",
        ChangeKind.ROOM: "换到%(room)s",
        ChangeKind.SWAP: "企业给您换了房间：%(room)s",
        ChangeKind.CANCEL: "退了%(room)s × %(rooms)s",
    }[change.kind]


def _money(change: ChangeView) -> str:
    if change.wish is None and change.fee_fen and change.refund_fen:
        return translate(
            "扣了%(fee)s，退回%(sum)s", fee=money(change.fee_fen), sum=money(change.refund_fen)
        )
    if change.pay_fen:
        return translate("补了%(sum)s", sum=money(change.pay_fen))
    if change.refund_fen:
        return translate("退回%(sum)s", sum=money(change.refund_fen))
    return translate("没有收钱，也没有退钱") if change.fee_fen else translate("没有收钱")


def waiting(found: GuestBooking, change: ChangeView) -> Waiting:
    """Return a change that waits for its payment, for the voucher and the page it is paid on."""
    return Waiting(
        id=change.id,
        what=what(found, change),
        pay_fen=found.due_fen(change),
        until=clock_time(change.expires_at) if change.expires_at is not None else "",
        rows=compared(found, change.was, change.wish or change.was),
    )
