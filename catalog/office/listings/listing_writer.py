"""Making a listing's document true: its row, what it sells, photographs and evidence."""

from __future__ import annotations

import datetime as dt
import itertools
import string
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import BerthClass, Enterprise, Listing, RoomType, TimeSlot
from catalog.office.cases.case_facts import Facts
from catalog.office.evidence import fact_evidence
from catalog.office.listings import listing_removal
from catalog.office.listings.listing_photos import (
    focus_of,
    placed,
    room_keys,
    subject_chosen,
    subject_of,
)
from catalog.office.listings.listing_schema import (
    CHOICES,
    NUMBERS,
    PART_NUMBERS,
    PART_TEXTS,
    PARTS,
    SETS,
    TEXTS,
    TRUTHS,
    has,
    kind_of,
)
from catalog.office.models import Photo
from catalog.states import ListingStatus
from catalog.vocabulary import BerthKind, ListingKind, Theme
from marketplace.kernel import changes

MODELS: dict[ListingKind, Any] = {
    ListingKind.STAY: RoomType,
    ListingKind.ACTIVITY: TimeSlot,
    ListingKind.RAIL: BerthClass,
}


def new_listing(session: Session, enterprise: Enterprise, kind: ListingKind) -> Listing:
    """Begin a listing with the next code of its enterprise, whose row the caller has locked."""
    used = session.scalars(
        sa.select(Listing.code).where(Listing.enterprise_id == enterprise.id)
    ).all()
    return Listing(
        enterprise_id=enterprise.id,
        code=next_code(enterprise.code, used),
        kind=kind,
        status=ListingStatus.PUBLISHED,
        is_sample=enterprise.is_sample,
        version=0,
    )


def next_code(enterprise_code: str, used: Sequence[str]) -> str:
    """Return the enterprise's code with the letters after the last that were ever used."""
    letters = {code.removeprefix(enterprise_code) for code in used}
    last = max((known for known in letters if known.isalpha()), key=_rank, default="")
    following = next(name for name in _letters() if _rank(name) > _rank(last))
    return f"{enterprise_code}{following}"


def _letters() -> Iterator[str]:
    """Yield A to Z, then AA, AB and so on."""
    for length in itertools.count(1):
        for found in itertools.product(string.ascii_uppercase, repeat=length):
            yield "".join(found)


def _rank(letters: str) -> tuple[int, str]:
    return len(letters), letters


def write(
    session: Session, listing: Listing, document: Facts, *, reviewer_id: int, now: dt.datetime
) -> None:
    """Set everything that ``document`` says of ``listing``, and tell search and feed.

    Raises:
        StillSold: a room type, time or class that is to go has units or bookings.
    """
    before = sources_of(session, listing.id) if listing.id else {}
    old = plain_facts(listing) if listing.id else {}
    _write_plain(listing, document)
    listing.version += 1
    listing.updated_at = now
    session.add(listing)
    session.flush()
    _write_parts(session, listing, document)
    _write_photos(session, listing, document)
    same = {name for name in old if old[name] == plain_facts(listing).get(name)}
    wanted = document.get("sources") or {}
    unchanged = {fact for fact in before if fact in same and wanted.get(fact) == before[fact]}
    fact_evidence.write(
        session,
        (fact_evidence.LISTING, listing.id),
        wanted,
        unchanged=unchanged,
        reviewer_id=reviewer_id,
        now=now,
    )
    changes.record(session, changes.LISTING, listing.id, now=now)


def plain_facts(listing: Listing) -> Facts:
    """Return the facts of a listing's own row, in the shape of the document."""
    facts: Facts = {"kind": listing.kind.value, "site_id": listing.site_id}
    facts |= {name: getattr(listing, name) for name in (*TEXTS, *TRUTHS)}
    facts |= {name: getattr(listing, name) for name in NUMBERS if has(listing.kind, name)}
    for name in CHOICES:
        value = getattr(listing, name)
        facts[name] = value.value if value is not None else None
    facts |= {name: list(getattr(listing, name)) for name in SETS}
    return facts | {"july_mean_c": listing.july_mean_c, "family_suited": listing.family_suited}


def _write_plain(listing: Listing, document: Facts) -> None:
    kind = kind_of(document)
    listing.site_id = document["site_id"]
    for name in TEXTS:
        setattr(listing, name, document.get(name) or "")
    for name in TRUTHS:
        setattr(listing, name, document.get(name) if has(kind, name) else None)
    for name in NUMBERS:
        if has(kind, name):
            setattr(listing, name, document.get(name))
    for name, choices in CHOICES.items():
        value = document.get(name) if has(kind, name) else None
        setattr(listing, name, choices(value) if value else None)
    for name in SETS:
        setattr(listing, name, list(document.get(name) or ()) if has(kind, name) else [])
    listing.theme = Theme(document["theme"])
    listing.july_mean_c = document.get("july_mean_c")
    listing.family_suited = bool(document.get("family_suited"))
    if kind is not ListingKind.STAY:
        listing.min_nights = listing.max_nights = 1


# ------------------------------------------------------------------ rooms, slots, berths


def parts_of(session: Session, listing: Listing) -> list[Any]:
    """Return what a listing sells, in the order of its page."""
    model = MODELS[listing.kind]
    statement = sa.select(model).where(model.listing_id == listing.id)
    return list(session.scalars(statement.order_by(model.position, model.id)))


def part_facts(row: Any, part: str) -> Facts:
    """Return a room type, time slot or berth class in the shape of the document."""
    names = (*PART_TEXTS[part], *PART_NUMBERS[part])
    facts: Facts = {"id": row.id} | {name: getattr(row, name) for name in names}
    if part == "slots":
        facts["weekdays"] = list(row.weekdays)
    if part == "berths":
        facts["kind"] = row.kind.value
    return facts


def _write_parts(session: Session, listing: Listing, document: Facts) -> None:
    part, model = PARTS[listing.kind], MODELS[listing.kind]
    have = {row.id: row for row in parts_of(session, listing)}
    wanted = document.get(part) or []
    kept = {facts.get("id") for facts in wanted}
    gone = [row for key, row in have.items() if key not in kept]
    listing_removal.remove(session, listing.kind, gone)
    number = max((_number(row.code, listing.code) for row in have.values()), default=0)
    for position, facts in enumerate(wanted):
        row = have.get(facts.get("id"))
        if row is None:
            number += 1
            row = model(listing_id=listing.id, code=f"{listing.code}{number}")
        _set_part(row, facts, part)
        row.position = position
        session.add(row)
    session.flush()


def _number(code: str, listing_code: str) -> int:
    """Return the number behind the listing's code; sample rooms have letters there."""
    rest = code.removeprefix(listing_code).lstrip("-")
    return int(rest) if rest.isdigit() else 0


def _set_part(row: Any, facts: Mapping[str, Any], part: str) -> None:
    for name in PART_TEXTS[part]:
        setattr(row, name, facts.get(name) or "")
    for name in PART_NUMBERS[part]:
        setattr(row, name, facts.get(name))
    if part == "slots":
        row.weekdays = sorted(facts["weekdays"])
    if part == "berths":
        row.kind = BerthKind(facts["kind"])
        row.lower = facts.get("lower") or 0


# ------------------------------------------------------------------ photographs and evidence


def photo_facts(photo: Photo) -> Facts:
    """Return a photograph of a listing in the shape of the document."""
    said = {"room": photo.room_type_id, "subject": photo.subject.value}
    return {"id": photo.id, "alt_zh": photo.alt_zh, "alt_en": photo.alt_en} | placed(
        subject_chosen(said), photo.focus
    )


def _write_photos(session: Session, listing: Listing, document: Facts) -> None:
    rooms: dict[str, int] = {}
    if listing.kind is ListingKind.STAY:
        made = [room.id for room in parts_of(session, listing)]
        rooms = dict(zip(room_keys(document.get("rooms") or []), made, strict=True))
    wanted = {photo["id"]: photo for photo in document.get("photos") or []}
    places = {key: place for place, key in enumerate(wanted)}
    rows = session.scalars(
        sa.select(Photo).where(sa.or_(Photo.listing_id == listing.id, Photo.id.in_(wanted)))
    )
    for row in rows:
        if row.id not in wanted:
            row.listing_id = row.room_type_id = None
            continue
        said = wanted[row.id]
        row.listing_id, row.position = listing.id, places[row.id]
        row.alt_zh = said["alt_zh"].strip()
        row.alt_en = (said.get("alt_en") or "").strip()
        row.room_type_id = rooms.get(said.get("room") or "")
        row.subject, row.focus = subject_of(said), focus_of(said)


def sources_of(session: Session, listing_id: int) -> Facts:
    """Return the evidence of a listing in the shape of the document's ``sources``."""
    return {
        row.fact: fact_evidence.told(row)
        for row in fact_evidence.rows_of(session, (fact_evidence.LISTING, listing_id))
    }
