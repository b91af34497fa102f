"""A tariff put together from the rows of its rules, always in one order. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from marketplace.pricing.files.columns import Kind
from marketplace.pricing.nights.quote import DAYS_A_MONTH
from marketplace.pricing.nights.terms import (
    EVERY_WEEKDAY,
    NOTHING_SET,
    Board,
    BoardPrice,
    ChildBand,
    FeeBand,
    MonthPrice,
    Occupancy,
    Promotion,
    Season,
    Terms,
    Tier,
)

Values = Mapping[str, Any]
"""The cells of a row by column, as values."""


def tariff_of(rows: Mapping[Kind, Sequence[Values]]) -> Terms:
    """Return the terms that the rows of one room type make, in order."""

    def all_of(kind: Kind) -> Sequence[Values]:
        return rows.get(kind, ())

    def one(kind: Kind, column: str, default: Any) -> Any:
        return next((values[column] for values in all_of(kind) if column in values), default)

    cancellation = all_of(Kind.CANCELLATION)
    return ordered(
        Terms(
            seasons=tuple(
                Season(
                    each["first"],
                    each["last"],
                    each["price"],
                    each.get("weekdays", EVERY_WEEKDAY),
                )
                for each in all_of(Kind.SEASON)
            ),
            tiers=tuple(Tier(each["nights"], each["percent"]) for each in all_of(Kind.TIER)),
            months=tuple(
                MonthPrice(each["month"], each["price"], each.get("nights", DAYS_A_MONTH))
                for each in all_of(Kind.MONTH)
            ),
            occupancy=Occupancy(
                included=one(Kind.INCLUDED, "count", 2),
                extra_adult_fen=one(Kind.EXTRA_ADULT, "price", 0),
                single_off_fen=one(Kind.SINGLE_USE, "price", 0),
                children=tuple(
                    ChildBand(each["age"], each["price"]) for each in all_of(Kind.CHILD)
                ),
            ),
            included_board=one(Kind.INCLUDED_BOARD, "board", Board.ROOM_ONLY),
            boards=tuple(
                BoardPrice(each["board"], each["price"], each.get("child_price", each["price"]))
                for each in all_of(Kind.BOARD)
            ),
            extra_bed_fen=one(Kind.EXTRA_BED, "price", None),
            most_extra_beds=one(Kind.EXTRA_BED, "count", 0),
            promotions=tuple(_promotion(each) for each in all_of(Kind.PROMOTION)),
            lead_days=one(Kind.BOOKING, "lead", 0),
            window_days=one(Kind.BOOKING, "most_lead", None),
            arrival_weekdays=one(Kind.BOOKING, "weekdays", EVERY_WEEKDAY),
            policy=one(Kind.CANCELLATION, "policy", NOTHING_SET.policy),
            fee_bands=tuple(
                FeeBand(each["days"], each["percent"]) for each in cancellation if "days" in each
            ),
        )
    )


def _promotion(values: Values) -> Promotion:
    return Promotion(
        code=values["code"],
        name_zh=values["name_zh"],
        off_bp=values["percent"],
        name_en=values.get("name_en", ""),
        booked_first=values.get("booked_first"),
        booked_last=values.get("booked_last"),
        arrive_first=values.get("first"),
        arrive_last=values.get("last"),
        min_nights=values.get("nights", 1),
        min_lead_days=values.get("lead", 0),
        max_lead_days=values.get("most_lead"),
    )


_BOARDS = list(Board)


def ordered(terms: Terms) -> Terms:
    """Return the same terms in the order that files have: it changes no price."""
    return replace(
        terms,
        seasons=tuple(
            sorted(
                terms.seasons,
                key=lambda each: (each.first, each.last, sorted(each.weekdays), each.list_fen),
            )
        ),
        tiers=tuple(sorted(terms.tiers, key=lambda each: each.min_nights)),
        months=tuple(sorted(terms.months, key=lambda each: each.month)),
        occupancy=replace(
            terms.occupancy,
            children=tuple(sorted(terms.occupancy.children, key=lambda each: each.to_age)),
        ),
        boards=tuple(sorted(terms.boards, key=lambda each: _BOARDS.index(each.board))),
        promotions=tuple(sorted(terms.promotions, key=lambda each: each.code)),
        fee_bands=tuple(sorted(terms.fee_bands, key=lambda each: -each.days)),
        # Without beds their price means nothing, and a file does not say it.
        extra_bed_fen=terms.extra_bed_fen if terms.most_extra_beds else None,
        # A preset beside bands of one's own counts for nothing either.
        policy=NOTHING_SET.policy if terms.fee_bands else terms.policy,
    )
