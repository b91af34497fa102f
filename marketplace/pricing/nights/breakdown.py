"""A price told line by line for a terminal, each line with its reason. Pure.

Families and travellers read the same lines on our pages; this is for operators and for the worked
examples of ``docs/prices.md``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping

from marketplace.kernel.messages import filled
from marketplace.kernel.money import exact_yuan, percentage
from marketplace.kernel.stay import Stay
from marketplace.pricing.nights.quote import (
    Ask,
    Extra,
    ExtraKind,
    Line,
    Quote,
    Reduction,
    ReductionKind,
    quote,
)
from marketplace.pricing.nights.restrictions import DayRule, refusals
from marketplace.pricing.nights.splitting import cheaper_split
from marketplace.pricing.nights.terms import Terms

UNDISCOUNTED = frozenset({ExtraKind.BED, ExtraKind.BOARD_ADULT, ExtraKind.BOARD_CHILD})
WIDTH = 58
AMOUNT = 12


def explain(
    *,
    ask: Ask,
    rates: Mapping[dt.date, int],
    terms: Terms,
    rules: Mapping[dt.date, DayRule],
    allowed: Callable[[Stay], bool] = lambda stay: True,
    by_night: bool = False,
) -> list[str]:
    """Return the price of what is asked in lines, or the rules that refuse it.

    ``allowed`` tells which parts the listing itself lets be booked; they are looked at where a
    stay would cost less in parts. ``by_night`` adds what each night is sold for.

    Raises:
        NoPrice: a night has no rate. Invalid: meals or beds that cannot be had.
    """
    broken = refusals(stay=ask.stay, booked_on=ask.booked_on, terms=terms, days=rules)
    if broken:
        return [f"refused by {refusal.rule}: {filled(refusal.message)}" for refusal in broken]

    def can_be_booked(part: Stay) -> bool:
        return allowed(part) and not refusals(
            stay=part, booked_on=ask.booked_on, terms=terms, days=rules
        )

    lines = list(lines_of(quote(ask=ask, rates=rates, terms=terms), by_night=by_night))
    split = cheaper_split(ask=ask, rates=rates, terms=terms, allowed=can_be_booked)
    if split is not None:
        parts = ", then ".join(f"{part.nights} nights from {part.check_in}" for part in split.parts)
        lines.append(f"booked in parts it costs {exact_yuan(split.saved_fen)} less: {parts}")
    return lines


def lines_of(made: Quote, *, by_night: bool = False) -> Iterator[str]:
    """Yield a quote line by line; the amounts above the total sum to it."""
    rooms = f" x {made.rooms} rooms" if made.rooms > 1 else ""
    people = [extra for extra in made.extras if extra.kind not in UNDISCOUNTED]
    besides = [extra for extra in made.extras if extra.kind in UNDISCOUNTED]
    for line in made.lines:
        yield _line(_night_label(line) + rooms, line.amount_fen)
    yield from (_line(_extra_label(extra), extra.amount_fen) for extra in people)
    yield from (_line(_reason(cut), -cut.off_fen) for cut in made.reductions)
    yield from (_line(_extra_label(extra), extra.amount_fen) for extra in besides)
    yield _line(f"total, {made.board.replace('_', ' ')}", made.total_fen)
    if by_night:
        for night in made.nights:
            yield _line(f"  {night.day}: {exact_yuan(night.list_fen)} is sold for", night.sold_fen)


def _line(label: str, fen: int) -> str:
    return f"{label:<{WIDTH}}{exact_yuan(fen):>{AMOUNT}}"


def _night_label(line: Line) -> str:
    nights = "1 night" if line.nights == 1 else f"{line.nights} nights"
    return f"{line.first_day:%Y-%m}: {nights} at {exact_yuan(line.list_fen)}"


_EXTRAS = {
    ExtraKind.ADULT: "extra adult",
    ExtraKind.CHILD: "child of {age}",
    ExtraKind.SINGLE: "room used by one person",
    ExtraKind.BED: "extra bed",
    ExtraKind.BOARD_ADULT: "{board}, adult",
    ExtraKind.BOARD_CHILD: "{board}, child",
}


def _extra_label(extra: Extra) -> str:
    board = extra.board.replace("_", " ") if extra.board else ""
    what = _EXTRAS[extra.kind].format(age=extra.age, board=board)
    return f"{what}: {extra.count} x {extra.nights} nights at {exact_yuan(extra.unit_fen)}"


def _reason(cut: Reduction) -> str:
    if cut.kind is ReductionKind.MONTH and cut.month is not None:
        price = exact_yuan(cut.month_fen)
        return f"month {cut.month:%Y-%m} at {price}, {cut.min_nights} of its nights"
    share = f"{percentage(cut.off_bp)}%"
    if cut.kind is ReductionKind.TIER:
        return f"long stay, from {cut.min_nights} nights: {share} off"
    if cut.kind is ReductionKind.PROMOTION:
        return f"promotion {cut.code}: {share} off what is left"
    return "agreed"
