"""Parts of a price in words: names in the reader's language, meals and beds."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.vocabulary import local
from marketplace.pricing.nights.terms import Board
from marketplace.web.context import lang
from marketplace.web.i18n import translate
from marketplace.web.rendering import labels


@dataclass(frozen=True, slots=True)
class Named:
    """A text with the language it is really in."""

    name: str
    name_lang: str


def named(zh: str, en: str) -> Named:
    """Return the text for this reader."""
    return Named(*local(zh, en, lang()))


def meals(board: Board) -> str:
    """Return the meals alone, for a list of what a price includes."""
    return {
        Board.ROOM_ONLY: "",
        Board.BREAKFAST: translate("早餐"),
        Board.HALF_BOARD: translate("早餐和晚餐"),
        Board.FULL_BOARD: translate("三餐"),
    }[board]


def extras(
    board: Board, *, extra_beds: int, rooms: int, adjoining: bool, beds_too: bool = False
) -> list[tuple[str, str]]:
    """Return meals, extra beds and rooms side by side as facts (label, value).

    Beds are told of where there are any, or with ``beds_too``; the rooms where there are several,
    or where one is wanted near rooms of another kind.
    """
    rows = [(translate("餐食"), labels.board_label(board))]
    if extra_beds or beds_too:
        beds = translate("%(n)s张", n=extra_beds) if extra_beds else translate("不加")
        rows.append((translate("加床"), beds))
    if rooms > 1 or adjoining:
        rows.append(near_each_other(wanted=adjoining))
    return rows


def near_each_other(*, wanted: bool) -> tuple[str, str]:
    """Return as a fact (label, value) whether rooms are wanted side by side: a wish, no promise."""
    words = translate("希望挨着，企业尽量安排") if wanted else translate("不挨着也可以")
    return translate("几间房的位置"), words
