"""Turns what the domain answers into what the traveller templates show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from markupsafe import Markup

from catalog.labels import cluster_label, label
from catalog.views import EnterpriseCard, ListingCard, ListingPage, RoomTypeView
from catalog.vocabulary import Cluster, Theme, local
from marketplace.booking import rules
from marketplace.pricing.quote import Extra, ExtraKind, Quote, Reduction, ReductionKind
from marketplace.pricing.terms import Board
from marketplace.web.context import lang
from marketplace.web.filters import date_short, month
from marketplace.web.i18n import translate
from marketplace.web.traveller import listing_told

SUMMER, AUTUMN = range(4, 9), range(9, 12)


def translated(errors: Mapping[str, str], **params: object) -> dict[str, str]:
    """Return field errors in the reader's language."""
    return {name: translate(message, **params) for name, message in errors.items()}


def season_of(day: dt.date | None) -> str:
    """Return the season whose drawing suits ``day``; without a date it is summer here."""
    if day is None or day.month in SUMMER:
        return "summer"
    return "autumn" if day.month in AUTUMN else "winter"


def clusters() -> list[tuple[str, str]]:
    """Return (code, name) of every cluster."""
    return [(cluster.value, label(cluster, lang())) for cluster in Cluster]


def themes() -> list[tuple[str, str]]:
    """Return (code, name) of every theme."""
    return [(theme.value, label(theme, lang())) for theme in Theme]


def cluster_name(found: Sequence[Cluster]) -> str:
    """Return the name of the first cluster, or of being in none."""
    return cluster_label(found[0] if found else None, lang())


@dataclass(frozen=True, slots=True)
class Named:
    """A text with the language it is really in."""

    name: str
    name_lang: str


def named(zh: str, en: str) -> Named:
    """Return the text for this reader."""
    return Named(*local(zh, en, lang()))


def access_words(item: ListingCard) -> list[str]:
    """Return the good news about getting about, in a few words each."""
    words = []
    if item.lift:
        words.append(translate("有电梯"))
    if item.no_steps:
        words.append(translate("进门没有台阶"))
    if item.grab_bars:
        words.append(translate("卫生间有扶手"))
    if item.hospital_minutes is not None:
        words.append(translate("到医院约%(m)s分钟", m=item.hospital_minutes))
    return words


def cautions(theme: Theme) -> list[Markup]:
    """Return who should ask a doctor before coming for the sake of a theme."""
    return listing_told.of_springs() if theme is Theme.HOT_SPRING else []


def cancellation_lines() -> list[str]:
    """Return the cancellation terms in three short sentences."""
    return [
        translate("付款后30分钟内反悔，全部退回。"),
        translate("到店30天以前取消，不扣钱。"),
        translate("越晚取消扣得越多，最多扣八成；具体日子在价钱明细里写明。"),
    ]


# ------------------------------------------------------------------ money


@dataclass(frozen=True, slots=True)
class SumLine:
    """One line of a price."""

    label: str
    note: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Term:
    """One line of the cancellation terms, with real dates."""

    period: str
    fee_fen: int
    refund_fen: int


def _yuan(fen: int) -> str:
    return f"{fen // 100:,}" if fen % 100 == 0 else f"{fen / 100:,.2f}"


def quote_lines(quote: Quote) -> list[SumLine]:
    """Return a price line by line, each with its reason."""
    nights = [
        SumLine(
            translate("%(month)s，%(n)s晚", month=month(line.first_day), n=line.nights),
            translate(
                "每间每晚%(yuan)s元 × %(rooms)s间", yuan=_yuan(line.list_fen), rooms=quote.rooms
            ),
            line.amount_fen,
        )
        for line in quote.lines
    ]
    return [*nights, *map(_extra_line, quote.extras), *map(_reduction_line, quote.reductions)]


def _extra_line(extra: Extra) -> SumLine:
    counts = {"n": extra.count, "nights": extra.nights, "yuan": _yuan(abs(extra.unit_fen))}
    label = {
        ExtraKind.ADULT: translate("加%(n)s位大人", n=extra.count),
        ExtraKind.CHILD: translate("%(age)s岁的孩子", age=extra.age or 0),
        ExtraKind.SINGLE: translate("一人住一间"),
        ExtraKind.BED: translate("加床%(n)s张", n=extra.count),
        ExtraKind.BOARD_ADULT: translate("大人用餐"),
        ExtraKind.BOARD_CHILD: translate("孩子用餐"),
    }[extra.kind]
    if extra.board is not None:
        label = f"{label} · {board_name(extra.board)}"
    if extra.unit_fen < 0:
        note = translate("每间每晚少%(yuan)s元 × %(n)s间 × %(nights)s晚", **counts)
    else:
        note = translate("每晚%(yuan)s元 × %(n)s × %(nights)s晚", **counts)
    return SumLine(label, note, extra.amount_fen)


def board_name(board: Board) -> str:
    """Return which meals come with a room, in the reader's language."""
    return {
        Board.ROOM_ONLY: translate("不含餐"),
        Board.BREAKFAST: translate("含早餐"),
        Board.HALF_BOARD: translate("含早餐和晚餐"),
        Board.FULL_BOARD: translate("含三餐"),
    }[board]


def _reduction_line(cut: Reduction) -> SumLine:
    if cut.kind is ReductionKind.MONTH and cut.month is not None:
        label = translate("%(month)s整月价", month=month(cut.month))
        note = translate(
            "整月每间%(yuan)s元，住其中%(n)s晚，按晚数折算",
            yuan=_yuan(cut.month_fen),
            n=cut.min_nights,
        )
    elif cut.kind is ReductionKind.TIER:
        label = translate("长住优惠")
        share = f"{cut.off_bp / 100:g}"
        note = translate("住满%(n)s晚，便宜%(p)s%%", n=cut.min_nights, p=share)
    elif cut.kind is ReductionKind.PROMOTION:
        label = named(cut.name_zh, cut.name_en).name
        note = translate("便宜%(p)s%%", p=f"{cut.off_bp / 100:g}")
    else:
        label, note = translate("优惠"), ""
    return SumLine(label, note, -cut.off_fen)


def terms(
    policy: Mapping[str, Any], *, total_fen: int, check_in: dt.date, today: dt.date
) -> list[Term]:
    """Return what cancelling costs from today on, each row with its dates."""
    rows = [
        band
        for band in rules.bands(policy, total_fen=total_fen, check_in=check_in)
        if band.until >= today
    ]
    return [
        Term(_period(band, today, last=band is rows[-1]), band.fee_fen, total_fen - band.fee_fen)
        for band in rows
    ]


def _period(band: rules.Band, today: dt.date, *, last: bool) -> str:
    if last:
        return translate("%(day)s当天取消，或者没有来", day=date_short(band.until))
    if band.since is None or band.since <= today:
        return translate("%(day)s（含）以前取消", day=date_short(band.until))
    return translate(
        "%(since)s到%(until)s取消", since=date_short(band.since), until=date_short(band.until)
    )


# ------------------------------------------------------------------ listing and directory


def listing(page: ListingPage, *, day: dt.date | None) -> dict[str, Any]:
    """Return a listing for its own page."""
    item = page.card
    name, town = named(item.name_zh, item.name_en), named(item.town_zh, item.town_en)
    summary = named(item.summary_zh, item.summary_en)
    host = named(item.enterprise_zh, item.enterprise_en)
    heading, warnings = listing_told.cautions(item)
    return {
        "id": item.id,
        "name": name.name,
        "name_lang": name.name_lang,
        "url": url_for("traveller.listing", listing_id=item.id),
        "theme": item.illustration,
        "theme_name": label(item.theme, lang()),
        "season": season_of(day),
        "cluster_name": cluster_name(item.clusters),
        "town": town.name,
        "town_lang": town.name_lang,
        "summary": summary.name,
        "summary_lang": summary.name_lang,
        "sample": item.is_sample,
        "kind": item.kind.value,
        "photos": [listing_told.photo(photo) for photo in page.photos],
        "facts": listing_told.facts(page),
        "cautions_heading": heading,
        "cautions": warnings,
        "opening": listing_told.season_words(item),
        "parts": listing_told.parts(page),
        "cancellation": cancellation_lines(),
        "enterprise_name": host.name,
        "enterprise": {
            "name": host.name,
            "name_lang": host.name_lang,
            "url": None,
            "facts": [
                (translate("地方"), place_name(item.prefecture, item.county), "zh-CN"),
                (translate("名录编号"), item.enterprise_code),
            ],
        },
    }


def place_name(prefecture: str, county: str) -> str:
    """Return prefecture and county as one name, without saying a city twice."""
    return prefecture if county == prefecture else f"{prefecture}{county}"


def room(room_type: RoomTypeView, *, month_fen: int) -> dict[str, Any]:
    """Return a room type for the listing page."""
    name = named(room_type.name_zh, room_type.name_en)
    beds = named(room_type.beds_zh, room_type.beds_en).name
    parts = [beds] if beds else []
    if room_type.area_m2 is not None:
        parts.append(translate("%(m)s平方米", m=room_type.area_m2))
    parts.append(translate("最多住%(n)s人", n=room_type.max_guests))
    return {
        "id": room_type.id,
        "name": name.name,
        "name_lang": name.name_lang,
        "about": translate("，").join(parts),
        "month_fen": month_fen,
        "includes": [],
    }


def place(item: EnterpriseCard, *, day: dt.date | None = None) -> dict[str, Any]:
    """Return an entry of the directory for a list."""
    name, note = named(item.name_zh, item.name_en), named(item.note_zh, item.note_en)
    return {
        "url": url_for("traveller.enterprise", code=item.code),
        "name": name.name,
        "name_lang": name.name_lang,
        "category_name": label(item.category, lang()),
        "cluster_name": cluster_name(item.clusters),
        "county": item.county or item.prefecture,
        "county_lang": "zh-CN",
        "place": place_name(item.prefecture, item.county),
        "place_lang": "zh-CN",
        "theme": item.theme.value,
        "season": season_of(day),
        "planned": item.planned,
        "note": note.name,
        "note_lang": note.name_lang,
        "source_date": None,
    }
