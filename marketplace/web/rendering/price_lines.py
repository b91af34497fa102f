"""A price line by line, each sum with its reason, and discounts right below what they lower."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from marketplace.kernel.money import percentage, yuan
from marketplace.pricing.nights.quote import Extra, ExtraKind, Line, Quote, Reduction, ReductionKind
from marketplace.pricing.nights.terms import MonthPrice
from marketplace.web.i18n import translate
from marketplace.web.rendering import labels
from marketplace.web.rendering.filters import day_and_year, month, months_between
from marketplace.web.rendering.price_words import named

DAYS_A_WEEK = 7
FROM_SUNDAY = (7, 1, 2, 3, 4, 5, 6)
"""As weeks are counted in nights: from Sunday to Thursday, then the weekend."""
UNDISCOUNTED = frozenset({ExtraKind.BED, ExtraKind.BOARD_ADULT, ExtraKind.BOARD_CHILD})


@dataclass(frozen=True, slots=True)
class SumLine:
    """One line of a price."""

    label: str
    note: str
    amount_fen: int
    label_lang: str = ""
    """The language of the label where it is a name that somebody gave."""


def quote_lines(quote: Quote) -> list[SumLine]:
    """Return a price line by line.

    A named month's price stands below the nights of that month, the long-stay discount and the
    promotion below the last of the nights and people that they lower; then come meals and beds,
    which they leave, and last what was agreed of the whole.
    """
    by_month = {cut.month: cut for cut in quote.reductions if cut.kind is ReductionKind.MONTH}
    months = sorted({_month_of(line) for line in quote.lines})
    others = [each for each in months if each not in by_month]
    people = [_extra_line(one) for one in quote.extras if one.kind not in UNDISCOUNTED]
    lowered = [
        _reduction(cut, others if by_month else [])
        for kind in (ReductionKind.TIER, ReductionKind.PROMOTION)
        for cut in quote.reductions
        if cut.kind is kind
    ]
    found: list[SumLine] = []
    for each in months:
        mine = [line for line in quote.lines if _month_of(line) == each]
        found += [_nights(line, mine, rooms=quote.rooms) for line in mine]
        if each in by_month:
            found.append(_of_month(by_month[each], each))
        if not people and each == max(others, default=None):
            found += lowered
            lowered = []
    found += people + lowered
    found += [_extra_line(one) for one in quote.extras if one.kind in UNDISCOUNTED]
    agreed = [cut for cut in quote.reductions if cut.kind is ReductionKind.AGREED]
    return found + [_reduction(cut, []) for cut in agreed]


def _month_of(line: Line) -> dt.date:
    return line.first_day.replace(day=1)


# ------------------------------------------------------------------ nights


def _nights(line: Line, of_month: Sequence[Line], *, rooms: int) -> SumLine:
    label = translate("%(month)s，%(n)s晚", month=month(line.first_day), n=line.nights)
    which = _which(line) if len(of_month) > 1 else ""
    if which:
        label = translate("%(nights)s（%(which)s）", nights=label, which=which)
    note = translate("每间每晚%(yuan)s元 × %(rooms)s间", yuan=yuan(line.list_fen), rooms=rooms)
    return SumLine(label, note, line.amount_fen)


def _which(line: Line) -> str:
    """Say which nights of its month a line is about: from when to when, or which weekdays."""
    if line.last_day is None:
        return ""
    days = weekdays(line.weekdays)
    whole_week = len(line.weekdays) == DAYS_A_WEEK
    if (line.last_day - line.first_day).days + 1 == line.nights:
        if line.nights == 1:
            said = day_and_year(line.first_day)[0]
        else:
            said = translate(
                "%(first)s到%(last)s",
                first=day_and_year(line.first_day)[0],
                last=day_and_year(line.last_day)[0],
            )
        return said if whole_week else translate("，").join((said, days))
    return translate("其余的晚上") if whole_week else days


def weekdays(days: Iterable[int]) -> str:
    """Return days of the week, Monday 1 to Sunday 7; four or more in a row by first and last."""
    ordered = [day for day in FROM_SUNDAY if day in set(days)]
    at = [FROM_SUNDAY.index(day) for day in ordered]
    names = [labels.weekday_label(day - 1) for day in ordered]
    if len(at) > 3 and at[-1] - at[0] == len(at) - 1:  # noqa: PLR2004 - too many to name
        return translate("%(first)s到%(last)s", first=names[0], last=names[-1])
    return translate("、").join(names)


# ------------------------------------------------------------------ people, meals and beds

EXTRA_LABELS = {
    ExtraKind.ADULT: "加大人：%(n)s位",
    ExtraKind.CHILD: "%(age)s周岁的孩子",
    ExtraKind.SINGLE: "一人住一间",
    ExtraKind.BED: "加床：%(n)s张",
    ExtraKind.BOARD_ADULT: "大人用餐，%(board)s",
    ExtraKind.BOARD_CHILD: "孩子用餐，%(board)s",
}
EXTRA_NOTES = {
    ExtraKind.SINGLE: "每间每晚少%(yuan)s元 × %(n)s间 × %(nights)s晚",
    ExtraKind.BED: "每张每晚%(yuan)s元 × %(n)s张 × %(nights)s晚",
}
A_PERSON = "每人每晚%(yuan)s元 × %(n)s人 × %(nights)s晚"


def _extra_line(extra: Extra) -> SumLine:
    said = {
        "n": extra.count,
        "nights": extra.nights,
        "yuan": yuan(abs(extra.unit_fen)),
        "age": extra.age or 0,
        "board": labels.board_label(extra.board) if extra.board is not None else "",
    }
    label = translate(EXTRA_LABELS[extra.kind], **said)
    note = translate(EXTRA_NOTES.get(extra.kind, A_PERSON), **said)
    return SumLine(label, note, extra.amount_fen)


# ------------------------------------------------------------------ discounts


def _of_month(cut: Reduction, first: dt.date) -> SumLine:
    label = translate("%(month)s整月价", month=month(first))
    note = translate("整月每间%(yuan)s元", yuan=yuan(cut.month_fen))
    if cut.min_nights != MonthPrice(first, cut.month_fen).days:
        note = translate(
            "整月每间%(yuan)s元，住其中%(n)s晚，按晚数折算",
            yuan=yuan(cut.month_fen),
            n=cut.min_nights,
        )
    return SumLine(label, note, -cut.off_fen)


def _reduction(cut: Reduction, months: Sequence[dt.date]) -> SumLine:
    """Return a discount; ``months`` are those it lowers where others have a price of their own."""
    if cut.kind is ReductionKind.TIER:
        note = translate("住满%(n)s晚，便宜%(p)s%%", n=cut.min_nights, p=percentage(cut.off_bp))
        if months:
            of = translate("、").join(months_between(each, each) for each in months)
            note = translate("%(months)s的晚上：%(note)s", months=of, note=note)
        return SumLine(translate("长住优惠"), note, -cut.off_fen)
    if cut.kind is ReductionKind.PROMOTION:
        name, note = (
            named(cut.name_zh, cut.name_en),
            translate("便宜%(p)s%%", p=percentage(cut.off_bp)),
        )
        return SumLine(name.name, note, -cut.off_fen, name.name_lang)
    label = translate("优惠") if cut.off_fen >= 0 else translate("约定的差价")
    return SumLine(label, "", -cut.off_fen)
