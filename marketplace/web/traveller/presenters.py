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
from catalog.vocabulary import Cluster, Theme
from marketplace.booking.contract import cancellation_rules
from marketplace.kernel.messages import minutes, narrowed
from marketplace.kernel.money import percentage
from marketplace.pricing.nights.terms import Board
from marketplace.web.context import lang
from marketplace.web.i18n import translate
from marketplace.web.rendering.filters import date_short
from marketplace.web.rendering.price_words import meals, named
from marketplace.web.traveller.directory.entry_standing import NOT_KNOWN
from marketplace.web.traveller.directory.entry_standing import Standing as EntryStanding
from marketplace.web.traveller.listing import listing_facts
from marketplace.web.traveller.listing.listing_facts import Parts, Photo, Told

SUMMER, AUTUMN = range(4, 9), range(9, 12)


def translated(errors: Mapping[str, str], **params: object) -> dict[str, str]:
    """Return field errors in the reader's language.

    ``params`` are limits in force that are narrower than those of the form.
    """
    return {name: translate(narrowed(message, **params)) for name, message in errors.items()}


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
    return listing_facts.of_springs() if theme is Theme.HOT_SPRING else []


def cancellation_lines(policies: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what cancelling costs under the policies of a listing's rooms, in short sentences."""
    if not policies:
        return []
    undo = minutes(cancellation_rules.UNDO_WITHIN)
    lines = [translate("付款后%(most)s分钟内反悔，全部退回。", most=undo)]
    if any(policy["bands"] != policies[0]["bands"] for policy in policies):
        return [*lines, translate("哪天取消扣多少，各种房不一样，在价钱明细里写明。")]
    bands = policies[0]["bands"]
    if not bands[-1]["fee_bp"]:
        return [*lines, translate("以后什么时候取消，都不扣钱。")]
    free = [band["days"] for band in bands if not band["fee_bp"]]
    if free:
        lines.append(translate("到店%(days)s天以前取消，不扣钱。", days=min(free)))
    else:
        lines.append(translate("取消都要扣钱，最少扣%(p)s%%。", p=percentage(bands[0]["fee_bp"])))
    lines.append(
        translate(
            "越晚取消扣得越多，最多扣%(p)s%%；具体日子在价钱明细里写明。",
            p=percentage(bands[-1]["fee_bp"]),
        )
    )
    return lines


# ------------------------------------------------------------------ money


@dataclass(frozen=True, slots=True)
class Term:
    """One line of the cancellation terms, with real dates."""

    period: str
    fee_fen: int
    refund_fen: int


def terms(
    policy: Mapping[str, Any], *, total_fen: int, check_in: dt.date, today: dt.date
) -> list[Term]:
    """Return what cancelling a stay costs from today on, each row with its dates."""
    sold = [cancellation_rules.Sold(policy, total_fen, check_in)]
    rows = cancellation_rules.bands(sold, first=today)
    return dated_terms(rows, paid_fen=total_fen, today=today)


def dated_terms(
    rows: Sequence[cancellation_rules.Band], *, paid_fen: int, today: dt.date
) -> list[Term]:
    """Return the rows of a cancellation policy in words; ``paid_fen`` is what is paid by then."""
    return [
        Term(_period(band, today, last=band is rows[-1]), band.fee_fen, paid_fen - band.fee_fen)
        for band in rows
    ]


PERIODS = {
    "day": ("%(until)s当天取消", "%(until)s当天取消，或者没有来"),
    "from_now": ("%(until)s（含）以前取消", "%(until)s（含）以前取消，或者没有来"),
    "between": ("%(since)s到%(until)s取消", "%(since)s到%(until)s取消，或者没有来"),
}
"""Which days a row is about; the last row is also for who never comes."""


def _period(band: cancellation_rules.Band, today: dt.date, *, last: bool) -> str:
    which = "from_now" if band.since <= today else "between"
    if band.since == band.until:
        which = "day"
    since, until = date_short(band.since), date_short(band.until)
    return translate(PERIODS[which][last], since=since, until=until)


# ------------------------------------------------------------------ listing and directory


@dataclass(frozen=True, slots=True)
class Host:
    """Who receives the guests."""

    name: str
    name_lang: str
    facts: Sequence[tuple[str, ...]]
    """Label and value, and the language of the value where it is another than the page's."""


@dataclass(frozen=True, slots=True)
class ListingShown:
    """A listing as its own page, and the pages of a quote, show it."""

    id: int
    name: str
    name_lang: str
    url: str
    theme: str
    theme_name: str
    season: str
    cluster_name: str
    town: str
    town_lang: str
    summary: str
    summary_lang: str
    sample: bool
    kind: str
    photo: Photo | None
    rooms_photos: Mapping[int, Sequence[Photo]]
    galleries: Sequence[tuple[str, Sequence[Photo]]]
    drawn: Sequence[tuple[str, str]]
    facts: Sequence[Told]
    cautions_heading: str
    cautions: Sequence[Markup]
    opening: str
    """When it is open, or nothing."""
    parts: Parts
    cancellation: Sequence[str]
    enterprise_name: str
    enterprise: Host


@dataclass(frozen=True, slots=True)
class Standing:
    """How a room of a list stands on the dates asked for."""

    nights: int
    total_fen: int | None
    full: bool
    chosen: bool
    url: str


@dataclass(frozen=True, slots=True)
class RoomShown:
    """A room type in words."""

    id: int
    name: str
    name_lang: str
    about: str
    illustration: str
    month_fen: int
    """What a month costs at least; nothing where it is not sold."""
    includes: Sequence[str]
    asked: Standing | None = None
    """``None`` without dates."""


def listing(
    page: ListingPage, *, day: dt.date | None, policies: Sequence[Mapping[str, Any]] = ()
) -> ListingShown:
    """Return a listing for its own page; ``policies`` are those that its rooms are sold under."""
    item = page.card
    name, town = named(item.name_zh, item.name_en), named(item.town_zh, item.town_en)
    summary = named(item.summary_zh, item.summary_en)
    host = named(item.enterprise_zh, item.enterprise_en)
    heading, warnings = listing_facts.cautions(item)
    return ListingShown(
        id=item.id,
        name=name.name,
        name_lang=name.name_lang,
        url=url_for("traveller.listing", listing_id=item.id),
        theme=item.illustration,
        theme_name=label(item.theme, lang()),
        season=season_of(day),
        cluster_name=cluster_name(item.clusters),
        town=town.name,
        town_lang=town.name_lang,
        summary=summary.name,
        summary_lang=summary.name_lang,
        sample=item.is_sample,
        kind=item.kind.value,
        photo=listing_facts.photo(page.photos[0]) if page.photos else None,
        rooms_photos=listing_facts.rooms_photos(page),
        galleries=listing_facts.galleries(page),
        drawn=listing_facts.drawn(item),
        facts=listing_facts.facts(page),
        cautions_heading=heading,
        cautions=warnings,
        opening=listing_facts.season_words(item),
        parts=listing_facts.parts(page),
        cancellation=cancellation_lines(policies),
        enterprise_name=host.name,
        enterprise=Host(
            host.name,
            host.name_lang,
            facts=[
                (translate("地方"), place_name(item.prefecture, item.county), "zh-CN"),
                (translate("名录编号"), item.enterprise_code),
            ],
        ),
    )


def place_name(prefecture: str, county: str) -> str:
    """Return prefecture and county as one name, without saying a city twice."""
    return prefecture if county == prefecture else f"{prefecture}{county}"


def room(room_type: RoomTypeView, *, month_fen: int, board: Board = Board.ROOM_ONLY) -> RoomShown:
    """Return a room type for the listing page; ``board`` are the meals in its price."""
    name = named(room_type.name_zh, room_type.name_en)
    beds = named(room_type.beds_zh, room_type.beds_en).name
    parts = [beds] if beds else []
    if room_type.area_m2 is not None:
        parts.append(translate("%(m)s平方米", m=room_type.area_m2))
    parts.append(translate("最多住%(n)s人", n=room_type.max_guests))
    return RoomShown(
        id=room_type.id,
        name=name.name,
        name_lang=name.name_lang,
        about=translate("，").join(parts),
        illustration=room_type.illustration,
        month_fen=month_fen,
        includes=[] if board is Board.ROOM_ONLY else [meals(board)],
    )


@dataclass(frozen=True, slots=True)
class PlaceShown:
    """An entry of the directory in a list."""

    url: str
    name: str
    name_lang: str
    category_name: str
    cluster_name: str
    county: str
    county_lang: str
    place: str
    """Prefecture and county."""
    place_lang: str
    theme: str
    season: str
    planned: bool
    claimed: bool
    note: str
    note_lang: str
    standing: EntryStanding = NOT_KNOWN


def place(item: EnterpriseCard) -> PlaceShown:
    """Return an entry of the directory for a list."""
    name, note = named(item.name_zh, item.name_en), named(item.note_zh, item.note_en)
    return PlaceShown(
        url=url_for("traveller.enterprise", code=item.code),
        name=name.name,
        name_lang=name.name_lang,
        category_name=label(item.category, lang()),
        cluster_name=cluster_name(item.clusters),
        county=item.county or item.prefecture,
        county_lang="zh-CN",
        place=place_name(item.prefecture, item.county),
        place_lang="zh-CN",
        theme=item.theme.value,
        season=season_of(None),
        planned=item.planned,
        claimed=item.claimed,
        note=note.name,
        note_lang=note.name_lang,
    )
