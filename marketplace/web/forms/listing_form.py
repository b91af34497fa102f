"""Reading the pages of a listing's form. What cannot be read stays as it was typed, to be refused.

Every function answers facts in the shape of the document (see ``listing_schema``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from catalog.office.cases.case_facts import Facts
from catalog.office.listings.listing_photos import placed, subject_chosen
from catalog.office.listings.listing_schema import (
    CHOICES,
    MOST_PARTS,
    NUMBERS,
    PART_NUMBERS,
    PART_TEXTS,
    SETS,
    SOURCED,
    TEXTS,
    TRUTHS,
)
from catalog.vocabulary import ListingKind
from marketplace.kernel.typed import Unit, clock, number, partial_date, plain, whole
from marketplace.web.forms.field_sizes import SIZES
from marketplace.web.forms.reader import FormReader

LONGEST = 4000
"""More than any text may have, so that one too long is refused and not cut."""
# People write units in Chinese: month \u6708, day \u65e5, year \u5e74, and until \u81f3 or \u5230.
DAY = re.compile(r"([0-9]{1,2})[-/.\u6708]([0-9]{1,2})\u65e5?")
YEARS = re.compile(r"([0-9]{4})\u5e74?[-~\u81f3\u5230]([0-9]{4})")
YEAR = re.compile(r"\u5e74$")
NEW_KEY = re.compile(r"new[0-9]{1,4}")
"""How a room type that the draft adds is known to the photographs of the draft."""
NOTHING: Mapping[str, Any] = {}
TRUE, FALSE = "yes", "no"
UNITS = {
    "min_nights": Unit.NIGHTS,
    "max_nights": Unit.NIGHTS,
    "steps": Unit.STEPS,
    "bed_height_cm": Unit.CENTIMETRES,
    "hospital_km": Unit.KILOMETRES,
    "hospital_minutes": Unit.MINUTES,
    "altitude_m": Unit.METRES,
    "water_c": Unit.DEGREES,
    "max_adults": Unit.PEOPLE,
    "max_guests": Unit.PEOPLE,
    "area_m2": Unit.SQUARE_METRES,
    "minutes": Unit.MINUTES,
    "capacity": Unit.PEOPLE,
}
"""What may stand behind the number in a field."""


def facts(form: FormReader, names: Iterable[str]) -> Facts:
    """Return the plain facts ``names`` of a page."""
    return {name: _fact(form, name) for name in names}


def _fact(form: FormReader, name: str) -> object:
    if name in SETS:
        return [value for value in SETS[name] if value in form.all_sent(name)]
    typed = form.text(name, LONGEST)
    if name in TRUTHS:
        return {TRUE: True, FALSE: False}.get(typed)
    if name == "family_suited":
        return typed == TRUE
    if name == "july_mean_c":
        return _decimal(typed)
    if name in CHOICES:
        return typed or None
    if name == "site_id":
        return form.key(name)
    if name in NUMBERS:
        return _number(name, typed)
    return _text(name, typed)


def _text(name: str, typed: str) -> str:
    normal = plain(typed)
    if name in ("opens", "closes") and (found := DAY.fullmatch(normal)):
        return f"{int(found[1]):02d}-{int(found[2]):02d}"
    if name == "july_years":
        return YEARS.sub(r"\1-\2", YEAR.sub("", normal))
    return typed if name in TEXTS else typed[:LONGEST]


def _number(name: str, typed: str) -> int | str | None:
    """Return a whole number; what is none as it was typed, and ``None`` for nothing."""
    found = whole(typed, UNITS.get(name, Unit.NONE))
    return found if found is not None else typed or None


def _decimal(typed: str) -> float | str | None:
    found = number(typed, Unit.DEGREES)
    return found if found is not None and found == round(found, 1) else typed or None


def parts(form: FormReader, part: str) -> list[Facts]:
    """Return the room types, time slots or berth classes of a page, in its order."""
    count = min(form.whole("count") or 0, MOST_PARTS + 1)
    return [_part(form.part(f"{part}-{place}-"), part) for place in range(count)]


def _part(form: FormReader, part: str) -> Facts:
    row: Facts = {"id": form.key("id")}
    key = form.text("key")
    if row["id"] is None and NEW_KEY.fullmatch(key):
        row["key"] = key
    for name in PART_TEXTS[part]:
        row[name] = form.text(name, LONGEST)
    for name in PART_NUMBERS[part]:
        row[name] = _number(name, form.text(name, SIZES.line))
    if part == "slots":
        row["starts"] = clock(row["starts"]) or row["starts"]
        days = form.all_sent("weekdays")
        row["weekdays"] = [day for day in range(1, 8) if str(day) in days]
    if part == "berths":
        row["kind"] = form.text("kind", SIZES.line) or None
    return row


def new_part(kind: ListingKind) -> Facts:
    """Return a room type, time slot or berth class of which nothing is written yet."""
    if kind is ListingKind.ACTIVITY:
        return {"id": None, "weekdays": list(range(1, 8))}
    return {"id": None}


def photos(form: FormReader, known: Iterable[Facts]) -> list[Facts]:
    """Return the photographs with what the page says of each."""
    return [_photo(form.part(f"photo-{photo['id']}-"), photo) for photo in known]


def _photo(form: FormReader, photo: Facts) -> Facts:
    alt = {
        name: form.text(name) if name in form else photo.get(name) or ""
        for name in ("alt_zh", "alt_en")
    }
    return {"id": photo["id"]} | alt | placing(form, photo)


def placing(form: FormReader, known: Mapping[str, Any] = NOTHING) -> Facts:
    """Return what a photograph shows and what of it must stay in sight."""
    subject = form.text("subject") if "subject" in form else subject_chosen(known)
    focus = form.text("focus") if "focus" in form else known.get("focus") or ""
    return placed(subject, focus)


def sources(form: FormReader, known: Facts) -> Facts:
    """Return where facts come from; ``known`` gives the files, which a form does not send again."""
    found: Facts = {}
    for fact in SOURCED:
        if f"source-{fact}" not in form:
            if fact in known:
                found[fact] = known[fact]
            continue
        source = form.text(f"source-{fact}", LONGEST)
        written = form.text(f"date-{fact}", SIZES.line)
        date = partial_date(written) or written
        document_id = known.get(fact, {}).get("document_id")
        if form.ticked(f"drop-{fact}"):
            document_id = None
        if source or date or document_id:
            found[fact] = {"source": source, "date": date, "document_id": document_id}
    return found
