"""What a listing's page tells of it: facts with their sources, photographs, times and classes."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from catalog import season
from catalog.labels import label
from catalog.views import (
    BerthClassView,
    EvidenceView,
    ListingCard,
    ListingPage,
    PhotoView,
    TimeSlotView,
)
from catalog.vocabulary import Focus, ListingKind, PhotoSubject, Theme, local
from marketplace.kernel.clock import shanghai_date
from marketplace.web.context import lang
from marketplace.web.i18n import translate
from marketplace.web.rendering import labels
from marketplace.web.rendering.filters import date_short, day_and_year
from marketplace.web.traveller.search import query_sentences

CARD_WIDTH = 480
"""The width of a photograph in a list, in pixels; every photograph has it."""
UPRIGHT = "upright"
"""The CSS class of a photograph that is higher than wide."""


@dataclass(frozen=True, slots=True)
class Told:
    """One fact: what it is called, what is true, and how that is known."""

    label: str
    value: Markup
    source: Markup | None = None


def facts(page: ListingPage) -> list[Told]:
    """Return every fact of a listing's page in its order; of access also what nobody knows."""
    item = page.card
    rows = [*_getting_about(item), *_place(item), *_house(item)]
    return [
        Told(name, query_sentences.typed(value), _source(page.evidence.get(fact)))
        for fact, name, value in rows
    ]


def _source(evidence: EvidenceView | None) -> Markup | None:
    """Say where a fact comes from, of when that is, and when the office checked it."""
    if evidence is None or not evidence.source:
        return None
    said = query_sentences.marked("来源：%(source)s", source=query_sentences.typed(evidence.source))
    if evidence.source_date:
        said += query_sentences.marked("（%(date)s）", date=evidence.source_date)
    if evidence.verified_at is not None:
        day = date_short(shanghai_date(evidence.verified_at))
        said += query_sentences.marked("，名录办%(day)s核实", day=day)
    return said


def _getting_about(item: ListingCard) -> Iterator[tuple[str, str, str]]:
    unknown = translate("还不清楚，请打电话问")

    def said(fact: bool | None) -> str:
        return unknown if fact is None else translate("有") if fact else translate("没有")

    # Of a house people must know these three; of a walk or a train they are told what is known.
    known = {
        "lift": (translate("电梯"), item.lift),
        "no_steps": (translate("进门台阶"), None if item.no_steps is None else not item.no_steps),
        "grab_bars": (translate("卫生间扶手"), item.grab_bars),
    }
    for fact, (name, value) in known.items():
        if item.kind is ListingKind.STAY or value is not None:
            yield fact, name, said(value)
    if item.steps is not None:
        where = translate("下车到床边") if item.kind is ListingKind.STAY else translate("一路上")
        yield "steps", where, translate("%(n)s级台阶", n=item.steps)
    if item.bed_height_cm is not None:
        yield "bed_height_cm", translate("床高"), translate("%(n)s厘米", n=item.bed_height_cm)


def _place(item: ListingCard) -> Iterator[tuple[str, str, str]]:
    if item.hospital_km is not None and item.hospital_minutes is not None:
        km, minutes = item.hospital_km, item.hospital_minutes
        words = translate("约%(km)s公里，开车约%(m)s分钟", km=km, m=minutes)
        yield "hospital_km", translate("最近的医院"), words
    if item.altitude_m is not None:
        yield "altitude_m", translate("海拔"), translate("约%(m)s米", m=item.altitude_m)
    if item.july_mean_c is not None:
        words = translate(
            "%(degrees)s℃（%(years)s年的平均）",
            degrees=f"{item.july_mean_c:g}",
            years=item.july_years,
        )
        yield "july_mean_c", translate("七月平均气温"), words
    if item.heating is not None:
        yield "heating", translate("取暖"), label(item.heating, lang())
    if opening := season_words(item):
        yield "opens", translate("开放的日子"), opening


def _house(item: ListingCard) -> Iterator[tuple[str, str, str]]:
    if item.activity is not None:
        yield "activity", translate("活动"), label(item.activity, lang())
    if item.spring is not None:
        water = label(item.spring, lang())
        if item.water_c is not None:
            water = translate("%(water)s，约%(c)s℃", water=water, c=item.water_c)
        yield "spring", translate("温泉的水"), water
    yield from _service(item)


def _service(item: ListingCard) -> Iterator[tuple[str, str, str]]:
    if item.tcm:
        yield "tcm", translate("中医服务"), _listed(item.tcm)
    if item.food:
        yield "food", translate("饭菜"), _listed(item.food)
    if item.pace is not None:
        yield "pace", translate("适合的走动"), label(item.pace, lang())
    if item.pets is not None:
        yield "pets", translate("宠物"), label(item.pets, lang())
    if item.station_zh:
        yield (
            "station",
            translate("最近的车站"),
            local(item.station_zh, item.station_en or "", lang())[0],
        )


def _listed(members: Iterable[enum.StrEnum]) -> str:
    return translate("、").join(label(member, lang()) for member in members)


def drawn(item: ListingCard) -> list[tuple[str, str]]:
    """Return the drawings of what guests of a sample house share, with what they show.

    Only what the house says of itself is drawn.
    """
    if not item.is_sample or item.kind is not ListingKind.STAY:
        return []
    shown = []
    if item.grab_bars is not None:
        words = "卫生间，有扶手" if item.grab_bars else "卫生间，没有扶手"
        shown.append(("rooms/bath_bars" if item.grab_bars else "rooms/bath", translate(words)))
    if item.no_steps is not None and item.lift is not None:
        level, lift = "_level" if item.no_steps else "", "_lift" if item.lift else ""
        steps = translate("进门没有台阶") if item.no_steps else translate("进门有台阶")
        up = translate("楼里有电梯") if item.lift else translate("没有电梯")
        shown.append((f"rooms/way_in{level}{lift}", translate("，").join((steps, up))))
    if item.food:
        shown.append(("rooms/canteen", translate("食堂")))
    return shown


def season_words(item: ListingCard) -> str:
    """Return when a listing is open, or nothing when it is open all year."""
    opens, closes = season.number_of(item.opens), season.number_of(item.closes)
    if not opens or not closes:
        return ""
    days = [
        day_and_year(dt.date(season.COMMON_YEAR, number // 100, number % 100))[0]
        for number in (opens, closes)
    ]
    message = "每年%(first)s到%(last)s" if opens <= closes else "每年%(first)s到第二年%(last)s"
    return translate(message, first=days[0], last=days[1])


def cautions(item: ListingCard) -> tuple[str, list[Markup]]:
    """Return the heading and the lines of who had better not come, or should ask a doctor first.

    What the operator wrote takes the place of what is said of every hot spring.
    """
    written, tag = local(item.cautions_zh, item.cautions_en, lang())
    lines = [line.strip() for line in written.splitlines() if line.strip()]
    if lines:
        return translate("以下情况不适合"), [query_sentences.spoken(line, tag) for line in lines]
    bathed_in = item.theme is Theme.HOT_SPRING or item.spring is not None
    return translate("这些情况先问医生"), of_springs() if bathed_in else []


def of_springs() -> list[Markup]:
    """Return who should ask a doctor before bathing in any hot spring; facts, no promises."""
    words = (
        translate("有心脏病、高血压的，泡温泉前先问医生。"),
        translate("刚做过手术、皮肤有伤口的，不要泡。"),
        translate("每次不超过15分钟，身边要有人。"),
    )
    return [Markup.escape(one) for one in words]


# ------------------------------------------------------------------ photographs


@dataclass(frozen=True, slots=True)
class Photo:
    """A photograph for ``pic.picture``."""

    alt: str
    alt_lang: str
    width: int
    height: int
    look: str
    """A CSS class, or nothing."""
    src: str
    avif: str
    """A ``srcset``, or nothing; and so the next."""
    webp: str


def photo(view: PhotoView) -> Photo:
    """Return a photograph; one that is higher than wide is shown whole."""
    alt, alt_lang = local(view.alt_zh, view.alt_en, lang())
    return Photo(
        alt=alt,
        alt_lang=alt_lang,
        width=view.width,
        height=view.height,
        look=UPRIGHT if view.height > view.width else _cut(view),
        src=_file(view, CARD_WIDTH, "webp"),
        avif=_set(view, "avif"),
        webp=_set(view, "webp"),
    )


def card_photo(view: PhotoView | None) -> Photo | None:
    """Return the photograph of a card: one file, small enough for a list of them."""
    if view is None:
        return None
    height = round(view.height * CARD_WIDTH / view.width)
    return replace(photo(view), width=CARD_WIDTH, height=height, look=_cut(view), avif="", webp="")


def _cut(view: PhotoView) -> str:
    """Return the CSS class that keeps the right part in sight; none for the centre."""
    return "" if view.focus is Focus.CENTRE else f"keep-{view.focus.replace('_', '-')}"


def rooms_photos(page: ListingPage) -> dict[int, list[Photo]]:
    """Return the photographs of each room type that has some, by its id."""
    found: dict[int, list[Photo]] = {room.id: [] for room in page.room_types}
    for view in page.photos:
        if view.room_type_id in found:
            found[view.room_type_id].append(photo(view))
    return {room_id: photos for room_id, photos in found.items() if photos}


def galleries(page: ListingPage) -> list[tuple[str, list[Photo]]]:
    """Return the photographs below the first that show no room type, each kind with its heading.

    Those of the place as a whole come first and have no heading of their own.
    """
    rooms = {room.id for room in page.room_types}
    found: dict[PhotoSubject, list[Photo]] = {subject: [] for subject in PhotoSubject}
    for view in page.photos[1:]:
        if view.room_type_id not in rooms:
            found[view.subject].append(photo(view))
    return [
        ("" if subject is PhotoSubject.HOUSE else label(subject, lang()), photos)
        for subject, photos in found.items()
        if photos
    ]


def _set(view: PhotoView, kind: str) -> str:
    return ", ".join(f"{_file(view, width, kind)} {width}w" for width in view.widths)


def _file(view: PhotoView, width: int, kind: str) -> str:
    # Not through url_for: one address for both languages, so that browsers keep one copy.
    return f"/media/photos/{view.id}/{width}.{kind}"


# ------------------------------------------------------------------ times and classes


@dataclass(frozen=True, slots=True)
class PartRow:
    """A time of an activity, or a class of a train."""

    name: str
    name_lang: str
    about: str


@dataclass(frozen=True, slots=True)
class Parts:
    """What an activity or a train is divided into, under a heading."""

    heading: str
    rows: Sequence[PartRow]


def slot(view: TimeSlotView) -> PartRow:
    """Return a time of an activity: days of the week, when, how long, how many people."""
    every_day = len(view.weekdays) == 7  # noqa: PLR2004 - days of a week
    days = translate("、").join(labels.weekday_label(day - 1) for day in view.weekdays)
    about = [
        translate("每天") if every_day else days,
        translate("%(starts)s开始", starts=view.starts),
        translate("%(n)s分钟", n=view.minutes),
        translate("最多%(n)s人", n=view.capacity),
    ]
    return PartRow(*local(view.name_zh, view.name_en, lang()), translate("，").join(about))


def berth(view: BerthClassView) -> PartRow:
    """Return a class of a train: what it is, how many there are, and how many lower berths."""
    about = [
        label(view.kind, lang()),
        translate("共%(n)s个", n=view.capacity),
    ]
    if view.lower:
        about.append(translate("下铺%(n)s个", n=view.lower))
    return PartRow(*local(view.name_zh, view.name_en, lang()), translate("，").join(about))


def parts(page: ListingPage) -> Parts:
    """Return what the page of an activity or a train lists, and under which heading."""
    if page.card.kind is ListingKind.ACTIVITY:
        return Parts(translate("什么时候有"), [slot(one) for one in page.time_slots])
    if page.card.kind is ListingKind.RAIL:
        return Parts(translate("座席和铺位"), [berth(one) for one in page.berth_classes])
    return Parts("", [])
