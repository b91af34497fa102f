"""A listing's document as a reviewer reads it: one line a fact, in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from catalog.labels import label
from catalog.office.cases.case_facts import FactLine, Facts
from catalog.office.listings.listing_checks import source_of
from catalog.office.listings.listing_photos import focus_of, room_keys, subject_of
from catalog.office.listings.listing_schema import (
    CHOICES,
    LABELS,
    PART_NAMES,
    PARTS,
    SETS,
    Section,
    facts_of,
    is_set,
    kind_of,
)
from catalog.vocabulary import BerthKind, Focus, ListingKind

HAS = {True: ("有", "yes"), False: ("没有", "no")}
IS = {True: ("是", "yes"), False: ("不是", "no")}
WORDS = {"family_suited": IS, "no_steps": IS}
WEEKDAYS = "一二三四五六日"
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
Both = tuple[str, str]


def lines(document: Facts) -> list[FactLine]:
    """Return the facts in the order of the form, without those that are empty."""
    kind = kind_of(document)
    found = [_line(document, "kind", (label(kind), label(kind, "en")))]
    names = [name for section in Section for name in facts_of(section, kind)]
    found += [
        _line(document, name, _words(document, name)) for name in names if is_set(document, name)
    ]
    return [*found, *_parts(document, kind), *_photos(document)]


def _line(document: Facts, name: str, words: Both) -> FactLine:
    said = source_of(document, name)
    return FactLine(
        name,
        LABELS[name],
        *words,
        source=said.get("source") or "",
        source_date=said.get("date") or "",
        document_id=said.get("document_id"),
    )


def _words(document: Facts, name: str) -> Both:
    """Return a fact's value in Chinese and English."""
    value = document[name]
    if name in CHOICES:
        member = CHOICES[name](value)
        return label(member), label(member, "en")
    if name in SETS:
        members = [SETS[name](one) for one in value]
        return "、".join(map(label, members)), ", ".join(label(one, "en") for one in members)
    if isinstance(value, bool):
        return WORDS.get(name, HAS)[value]
    if name == "site_id":
        value = document.get("site_name") or value
    return str(value), str(value)


def _parts(document: Facts, kind: ListingKind) -> Iterator[FactLine]:
    part = PARTS[kind]
    say = {"rooms": _room, "slots": _slot, "berths": _berth}[part]
    for place, row in enumerate(document.get(part) or [], 1):
        name = f"{part}:{row.get('id') or f'new{place}'}"
        zh, en = say(row)
        title_zh = row.get("name_zh") or ""
        title_en = row.get("name_en") or title_zh
        yield FactLine(name, PART_NAMES[kind], f"{title_zh}：{zh}", f"{title_en}: {en}")


def _room(row: Mapping[str, Any]) -> Both:
    adults, guests = row.get("max_adults"), row.get("max_guests")
    zh = [f"最多{adults}位大人、共{guests}人"]
    en = [f"at most {adults} adults, {guests} people"]
    if row.get("area_m2"):
        zh.append(f"{row['area_m2']}平方米")
        en.append(f"{row['area_m2']} m²")
    zh += [row["beds_zh"]] if row.get("beds_zh") else []
    en += [row["beds_en"] or row["beds_zh"]] if row.get("beds_en") or row.get("beds_zh") else []
    return "，".join(zh), ", ".join(en)


def _slot(row: Mapping[str, Any]) -> Both:
    days: Sequence[int] = row.get("weekdays") or []
    zh = "、".join(f"周{WEEKDAYS[day - 1]}" for day in days)
    en = ", ".join(WEEKDAYS_EN[day - 1] for day in days)
    starts, minutes, capacity = row.get("starts"), row.get("minutes"), row.get("capacity")
    return (
        f"{zh} {starts}，{minutes}分钟，最多{capacity}人",
        f"{en} {starts}, {minutes} minutes, at most {capacity} people",
    )


def _berth(row: Mapping[str, Any]) -> Both:
    kind, capacity, lower = BerthKind(row["kind"]), row.get("capacity"), row.get("lower") or 0
    return (
        f"{label(kind)}，共{capacity}个，下铺{lower}个",
        f"{label(kind, 'en')}, {capacity} in all, {lower} lower berths",
    )


def _photos(document: Facts) -> Iterator[FactLine]:
    for place, photo in enumerate(document.get("photos") or [], 1):
        alt_zh, alt_en = photo["alt_zh"], photo.get("alt_en") or photo["alt_zh"]
        where_zh, where_en = _placing(photo, document.get("rooms") or [])
        yield FactLine(
            f"photo:{photo['id']}",
            LABELS["photos"],
            f"{place}. {alt_zh}（{where_zh}）",
            f"{place}. {alt_en} ({where_en})",
            photo_id=photo["id"],
        )


def _placing(photo: Mapping[str, Any], rooms: Sequence[Mapping[str, Any]]) -> Both:
    """Return what a photograph shows, and what of it has to stay in sight."""
    subject, focus = subject_of(photo), focus_of(photo)
    zh, en = label(subject), label(subject, "en")
    if room := dict(zip(room_keys(rooms), rooms, strict=True)).get(photo.get("room") or ""):
        zh = room.get("name_zh") or ""
        en = room.get("name_en") or zh
    if focus is Focus.CENTRE:
        return zh, en
    kept_zh, kept_en = label(focus), label(focus, "en").lower()
    return f"{zh}，裁图时留住：{kept_zh}", f"{en}, kept when cut: {kept_en}"
