"""What is wrong with a listing's document; every fault at once, each in words. Pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

from catalog import season
from catalog.office.cases.case_facts import LONGEST_SOURCE, Facts
from catalog.office.listings.listing_photos import NO_CHOICE, placing_faults
from catalog.office.listings.listing_schema import (
    CHOICES,
    JULY,
    MOST_PARTS,
    MOST_PHOTOS,
    NUMBERS,
    PART_NUMBERS,
    PART_TEXTS,
    PARTS,
    ROOM_NUMBERS,
    ROOM_TEXTS,
    SETS,
    SLOT_NUMBERS,
    TEXTS,
    Number,
    Text,
    has,
    is_set,
    kind_of,
)
from catalog.office.photos.photo_texts import alt_faults
from catalog.vocabulary import CLAIMED_SPRINGS, ON_EVIDENCE, BerthKind, ListingKind
from marketplace.kernel.messages import Message
from marketplace.kernel.text import UNKEEPABLE, unkeepable

YEARS = re.compile(r"((?:19|20)[0-9]{2})(?:-((?:19|20)[0-9]{2}))?")
CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
SOURCE_DATE = re.compile(r"(19|20)[0-9]{2}(-[0-9]{2}(-[0-9]{2})?)?")
FULL_DATE = 10
SHORTEST_CAUTION = 8


def _within(said: str, number: Number) -> Message:
    return Message(said, least=number.low, most=number.high)


def _sized(said: str, text: Text) -> Message:
    return Message(said, **({"least": text.least} if text.least else {}), most=text.most)


MISSING = {
    "name_zh": _sized("请写产品的中文名称，%(least)s 到 %(most)s 个字", TEXTS["name_zh"]),
    "summary_zh": _sized("请写中文介绍，%(least)s 到 %(most)s 个字", TEXTS["summary_zh"]),
    "theme": "请选一个主题",
    "activity": "请选活动种类",
    "site_id": "请选产品在哪个场所",
    "min_nights": _within(
        "请写最少住几晚，%(least)s 到 %(most)s 之间的整数", NUMBERS["min_nights"]
    ),
    "max_nights": _within(
        "请写最多住几晚，%(least)s 到 %(most)s 之间的整数", NUMBERS["max_nights"]
    ),
    "rooms": "至少要有一个房型",
    "slots": "至少要有一个场次",
    "berths": "至少要有一种铺别",
    "max_adults": _within(
        "请写每间最多住几位大人，%(least)s 到 %(most)s 之间的整数", ROOM_NUMBERS["max_adults"]
    ),
    "max_guests": _within(
        "请写每间最多住几人，%(least)s 到 %(most)s 之间的整数", ROOM_NUMBERS["max_guests"]
    ),
    "minutes": _within(
        "请写一场多少分钟，%(least)s 到 %(most)s 之间的整数", SLOT_NUMBERS["minutes"]
    ),
    "capacity": "请写能容纳多少人，写大于 0 的整数",
    "starts": "请写几点开始，例如 09:30",
    "weekdays": "请选这个场次在星期几",
    "kind": "请选是座席、硬卧还是软卧",
    "part_name": _sized("请写名称，%(least)s 到 %(most)s 个字", ROOM_TEXTS["name_zh"]),
}
WRONG = {
    "name_en": _sized("英文名称太长，请写在 %(most)s 个字符以内", TEXTS["name_en"]),
    "summary_en": _sized("英文介绍太长，请写在 %(most)s 个字符以内", TEXTS["summary_en"]),
    "cautions_zh": _sized("这一段太长，请写在 %(most)s 个字以内", TEXTS["cautions_zh"]),
    "cautions_en": _sized("英文太长，请写在 %(most)s 个字符以内", TEXTS["cautions_en"]),
    "steps": _within("台阶数请写 %(least)s 到 %(most)s 之间的整数", NUMBERS["steps"]),
    "bed_height_cm": _within(
        "床高请写 %(least)s 到 %(most)s 厘米之间的整数", NUMBERS["bed_height_cm"]
    ),
    "hospital_km": _within(
        "到医院的路程请写 %(least)s 到 %(most)s 公里之间的整数", NUMBERS["hospital_km"]
    ),
    "hospital_minutes": _within(
        "到医院的时间请写 %(least)s 到 %(most)s 分钟之间的整数", NUMBERS["hospital_minutes"]
    ),
    "altitude_m": _within("海拔请写 %(least)s 到 %(most)s 米之间的整数", NUMBERS["altitude_m"]),
    "water_c": _within("水温请写 %(least)s 到 %(most)s 度之间的整数", NUMBERS["water_c"]),
    "july_mean_c": Message(
        "七月平均气温请写 %(least)s 到 %(most)s 度之间的数，例如 21.3",
        least=round(JULY[0]),
        most=round(JULY[1]),
    ),
    "july_years": "年份请写成 2015 或 2015-2024，不能是以后的年份",
    "area_m2": _within("面积请写 %(least)s 到 %(most)s 平方米之间的整数", ROOM_NUMBERS["area_m2"]),
    "lower": "下铺数请写整数，不能比铺位总数多",
    "choice": NO_CHOICE,
    "day": "请写成月-日，例如 05-01；每年都要有这一天",
    "long": "这一项太长，请写短一些",
}
NIGHTS_ORDER = "最多住的晚数不能少于最少住的晚数"
NO_YEARS = "写了七月平均气温，就要写明是哪几年的"
NO_MEAN = "写了年份，也要写七月平均气温"
BOTH_DAYS = "开放和结束的日子要么都写，要么都空着"
NO_CAUTIONS = "有温泉，或者是泡温泉、中医药、湿地劳作人群的体验，都要写明哪些人不适合"
WATER_WITHOUT_SPRING = "写了水温，也要选是什么水"
KM_AND_MINUTES = "到医院的公里数和分钟数要一起写"
STEPS_AND_NONE = "写了没有台阶，台阶数就只能是 0"
NO_REPORT = "这种水要有检测报告：请在来源里写明检测的日期，并上传报告"
NO_PROOF = "这类活动作用于身体，要有依据：请在来源里写明出处，并上传证明材料"
GUESTS_ORDER = "最多住的人数不能少于大人数"
SEAT_LOWER = "座席没有下铺，请写 0 或空着"
TOO_MANY_PARTS = Message("最多写 %(most)s 项", most=MOST_PARTS)
TOO_MANY_PHOTOS = Message("最多放 %(most)s 张照片", most=MOST_PHOTOS)
NO_SOURCE = "请写明来源"
BAD_DATE = "来源的日期请写成 2026、2026-05 或 2026-05-01，不能是以后的日子"
LONG_SOURCE = Message("来源太长，请写在 %(most)s 个字以内", most=LONGEST_SOURCE)


def faults_of(document: Facts, *, today: dt.date, complete: bool = True) -> dict[str, str]:
    """Return every fault by field; parts are named like ``rooms-0-name_zh``.

    A document that is not ``complete`` yet may lack things, but what it says must be right.
    """
    kind = kind_of(document)
    faults: dict[str, str] = {}
    for name, message in _plain(document, kind, complete):
        faults.setdefault(name, message)
    for name, message in _together(document, kind, today):
        faults.setdefault(name, message)
    for name, message in _parts(document, PARTS[kind], complete):
        faults.setdefault(name, message)
    if complete:
        for name, message in _evidence(document, kind):
            faults.setdefault(name, message)
    return faults | _photos(document) | _sources(document, today)


def _plain(document: Facts, kind: ListingKind, complete: bool) -> Iterator[tuple[str, str]]:
    """Yield the faults of single facts."""
    for name, text in TEXTS.items():
        value = document.get(name) or ""
        if unkeepable(value):
            yield name, UNKEEPABLE
        if len(value) > text.most:
            yield name, WRONG.get(name) or MISSING.get(name) or WRONG["long"]
        if complete and len(value) < text.least:
            yield name, MISSING[name]
    for name, number in NUMBERS.items():
        if has(kind, name) and not _fits(document.get(name), number):
            yield name, WRONG.get(name) or MISSING[name]
    yield from ((name, WRONG["choice"]) for name in _not_listed(document))
    if complete:
        needed = (*NEEDED, *NEEDED_OF[kind])
        yield from ((name, MISSING[name]) for name in needed if not is_set(document, name))


NEEDED = ("site_id", "theme")
NEEDED_OF = {
    ListingKind.STAY: ("min_nights", "max_nights"),
    ListingKind.ACTIVITY: ("activity",),
    ListingKind.RAIL: (),
}


def _not_listed(document: Facts) -> Iterator[str]:
    """Yield the facts whose value is in no closed list."""
    for name, choices in CHOICES.items():
        if document.get(name) and document[name] not in list(choices):
            yield name
    for name, choices in SETS.items():
        if not set(document.get(name) or ()) <= set(choices):
            yield name


def _fits(value: object, number: Number) -> bool:
    if value is None or value == "":
        return True
    return isinstance(value, int) and number.low <= value <= number.high


def _together(document: Facts, kind: ListingKind, today: dt.date) -> Iterator[tuple[str, str]]:
    """Yield the faults of facts that depend on one another."""
    fewest, most = document.get("min_nights"), document.get("max_nights")
    if kind is ListingKind.STAY and _less(most, fewest):
        yield "max_nights", NIGHTS_ORDER
    yield from _july(document, today)
    yield from _season(document)
    if (document.get("hospital_km") is None) != (document.get("hospital_minutes") is None):
        missing = "hospital_km" if document.get("hospital_km") is None else "hospital_minutes"
        yield missing, KM_AND_MINUTES
    if document.get("no_steps") and document.get("steps"):
        yield "steps", STEPS_AND_NONE
    if is_set(document, "water_c") and not document.get("spring"):
        yield "spring", WATER_WITHOUT_SPRING


def _july(document: Facts, today: dt.date) -> Iterator[tuple[str, str]]:
    mean, years = document.get("july_mean_c"), document.get("july_years") or ""
    if mean is not None and not (isinstance(mean, int | float) and JULY[0] <= mean <= JULY[1]):
        yield "july_mean_c", WRONG["july_mean_c"]
    if mean is not None and not years:
        yield "july_years", NO_YEARS
    if years and mean is None:
        yield "july_mean_c", NO_MEAN
    if years:
        found = YEARS.fullmatch(years)
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
        # July of this year has a mean once it is over.
        newest = today.year if (today.month, today.day) > (7, 31) else today.year - 1
        if not first <= last <= newest:
            yield "july_years", WRONG["july_years"]


def _season(document: Facts) -> Iterator[tuple[str, str]]:
    opens, closes = document.get("opens") or "", document.get("closes") or ""
    for name, value in (("opens", opens), ("closes", closes)):
        try:
            season.number_of(value)
        except ValueError:
            yield name, WRONG["day"]
    if bool(opens) != bool(closes):
        yield ("closes" if opens else "opens"), BOTH_DAYS


def _evidence(document: Facts, kind: ListingKind) -> Iterator[tuple[str, str]]:
    """Yield what is missing of cautions and proofs."""
    on_evidence = kind is ListingKind.ACTIVITY and document.get("activity") in ON_EVIDENCE
    short = len(document.get("cautions_zh") or "") < SHORTEST_CAUTION
    if short and (document.get("spring") or on_evidence):
        yield "cautions_zh", NO_CAUTIONS
    if document.get("spring") in CLAIMED_SPRINGS and not has_water_report(document):
        yield "source-spring", NO_REPORT
    if on_evidence:
        proof = source_of(document, "activity")
        if not (proof.get("source") and proof.get("document_id")):
            yield "source-activity", NO_PROOF


def has_water_report(document: Facts) -> bool:
    """Whether the document holds a test report of the water, with the day of the test."""
    report = source_of(document, "spring")
    return bool(report.get("document_id")) and len(report.get("date") or "") == FULL_DATE


def source_of(document: Facts, fact: str) -> Mapping[str, Any]:
    """Return what the document says about where a fact comes from."""
    found: Mapping[str, Any] = (document.get("sources") or {}).get(fact) or {}
    return found


def _parts(document: Facts, part: str, complete: bool) -> Iterator[tuple[str, str]]:
    """Yield the faults of room types, time slots or berth classes."""
    rows = document.get(part) or []
    if complete and not rows:
        yield part, MISSING[part]
    if len(rows) > MOST_PARTS:
        yield part, TOO_MANY_PARTS
    for place, row in enumerate(rows):
        for name, message in _part(row, part, complete):
            yield f"{part}-{place}-{name}", message


def _part(row: Mapping[str, Any], part: str, complete: bool) -> Iterator[tuple[str, str]]:
    for name, text in PART_TEXTS[part].items():
        value = row.get(name) or ""
        if unkeepable(value):
            yield name, UNKEEPABLE
        if len(value) > text.most:
            yield name, WRONG["long"]
        if complete and len(value) < text.least:
            yield name, MISSING["part_name"]
    for name, number in PART_NUMBERS[part].items():
        lacking = complete and number.needed and row.get(name) is None
        if lacking or not _fits(row.get(name), number):
            yield name, MISSING.get(name) or WRONG[name]
    yield from PART_CHECKS[part](row, complete)


def _room(row: Mapping[str, Any], _complete: bool) -> Iterator[tuple[str, str]]:
    if _less(row.get("max_guests"), row.get("max_adults")):
        yield "max_guests", GUESTS_ORDER


def _slot(row: Mapping[str, Any], complete: bool) -> Iterator[tuple[str, str]]:
    starts, weekdays = row.get("starts") or "", row.get("weekdays") or []
    if (starts or complete) and not CLOCK.fullmatch(starts):
        yield "starts", MISSING["starts"]
    if (complete and not weekdays) or not set(weekdays) <= set(range(1, 8)):
        yield "weekdays", MISSING["weekdays"]


def _berth(row: Mapping[str, Any], complete: bool) -> Iterator[tuple[str, str]]:
    kind = row.get("kind")
    if (kind or complete) and kind not in list(BerthKind):
        yield "kind", MISSING["kind"]
    if kind == BerthKind.SEAT and row.get("lower"):
        yield "lower", SEAT_LOWER
    elif _less(row.get("capacity"), row.get("lower")):
        yield "lower", WRONG["lower"]


PART_CHECKS = {"rooms": _room, "slots": _slot, "berths": _berth}


def _less(one: object, other: object) -> bool:
    """Whether both are numbers and the first is the smaller."""
    return isinstance(one, int) and isinstance(other, int) and one < other


def _photos(document: Facts) -> dict[str, str]:
    photos = document.get("photos") or []
    faults: dict[str, str] = {"photos": TOO_MANY_PHOTOS} if len(photos) > MOST_PHOTOS else {}
    for photo in photos:
        for name, message in alt_faults(photo.get("alt_zh", ""), photo.get("alt_en", "")).items():
            faults[f"photo-{photo['id']}-{name}"] = message
        for name, message in placing_faults(photo, document.get("rooms") or []).items():
            faults[f"photo-{photo['id']}-{name}"] = message
    return faults


def _sources(document: Facts, today: dt.date) -> dict[str, str]:
    faults = {}
    for fact in document.get("sources") or {}:
        said = source_of(document, fact)
        source, date = said.get("source") or "", said.get("date") or ""
        if not source:
            faults[f"source-{fact}"] = NO_SOURCE
        elif len(source) > LONGEST_SOURCE:
            faults[f"source-{fact}"] = LONG_SOURCE
        if date and not _is_past(date, today):
            faults[f"date-{fact}"] = BAD_DATE
    return faults


def _is_past(written: str, today: dt.date) -> bool:
    """Whether a date as precise as it is known is one, and not after ``today``."""
    if not SOURCE_DATE.fullmatch(written):
        return False
    try:
        begins = dt.date.fromisoformat((written + "-01-01")[:FULL_DATE])
    except ValueError:
        return False
    return begins <= today
