"""Listings with everything that a page can say of them: photographs, sources, a season."""

from __future__ import annotations

import io
from typing import Any

import sqlalchemy as sa
from PIL import Image, ImageDraw, ImageFilter

from catalog.models import Listing, Site, TimeSlot
from catalog.office.listings.own_listings import begin_change
from catalog.office.models import Evidence
from catalog.states import ListingStatus
from catalog.vocabulary import (
    Activity,
    Focus,
    ListingKind,
    Pets,
    PhotoSubject,
    Spring,
    TcmService,
    Theme,
)
from marketplace.kernel import changes
from tests.browser.site import Site as Running
from tests.support.uploading import made_photo

DRESSED = "SMP04A1"
"""The room type whose listing gets photographs and facts."""
ALTS = (
    ("院子后面的白桦林，林边有一条平的步道", "Birches behind the yard with a level path"),
    ("露天温泉池，池边有扶手", ""),
    ("双床房，两张床离地半米", "Twin room with two beds half a metre high"),
    ("双床房的衣柜和落地窗", "Wardrobe and high window of the twin room"),
    ("卫生间，坐便器两边有扶手", "Bathroom with bars on both sides of the toilet"),
    ("院子门口的平路", "Level way at the gate"),
    ("双床房的书桌和台灯", "Desk and lamp of the twin room"),
)
UPRIGHT = (3,)
"""Which of them are higher than wide."""


def landscape(number: int, *, upright: bool = False) -> bytes:
    """Return a picture that is as heavy as a photograph: hills in a haze."""
    image = Image.effect_noise((1280, 860), 40).convert("RGB")
    draw = ImageDraw.Draw(image, "RGBA")
    draw.rectangle((0, 0, 1280, 430), fill=(150 + 20 * number, 190, 220, 200))
    for hill in range(6):
        top = 300 + 70 * hill
        draw.ellipse(
            (-300 + 220 * hill, top, 700 + 260 * hill, 1400), fill=(40, 90 + 15 * hill, 60, 210)
        )
    if upright:
        image = image.crop((0, 0, 640, 860))
    file = io.BytesIO()
    image.filter(ImageFilter.GaussianBlur(1)).save(file, "JPEG", quality=88)
    return file.getvalue()


def dress(site: Running, *, author_id: int) -> dict[str, str]:
    """Give one stay of the sample photographs and facts, and its operator an activity."""
    services, now = site.services, site.clock.now()
    room = site.room(DRESSED)
    listing_id = room.listing_id
    shown: dict[int, dict[str, Any]] = {
        0: {"focus": Focus.BOTTOM_LEFT},
        1: {"subject": PhotoSubject.SPRING},
        2: {"room_type_id": room.room_type_id},
        3: {"room_type_id": room.room_type_id},
        4: {"subject": PhotoSubject.BATH, "focus": Focus.RIGHT},
        6: {"room_type_id": room.room_type_id},
    }
    for number, (alt_zh, alt_en) in enumerate(ALTS):
        made_photo(
            services.database,
            services.blobs,
            landscape(number, upright=number in UPRIGHT),
            folder=services.settings.state_dir,
            listing_id=listing_id,
            position=number,
            alt_zh=alt_zh,
            alt_en=alt_en,
            owner_id=author_id,
            **shown.get(number, {}),
        )
    with services.database.write() as session:
        listing = session.get_one(Listing, listing_id)
        listing.steps, listing.bed_height_cm = 3, 48
        listing.july_mean_c, listing.july_years = 21.3, "2015-2024"
        listing.spring, listing.water_c = Spring.RADON, 42
        listing.cautions_zh = "刚做过手术的人不要泡。\n皮肤有伤口的人不要泡。"
        listing.tcm, listing.pets = [TcmService.MASSAGE, TcmService.EXERCISE], Pets.SMALL
        listing.opens, listing.closes = "05-01", "10-07"
        activity = _activity(listing)
        session.add(activity)
        session.flush()
        session.add(_slot(activity.id))
        session.add_all(_evidence(listing_id, fact) for fact in ("spring", "steps", "july_mean_c"))
        for key in (listing_id, activity.id):
            changes.record(session, changes.LISTING, key, now=now)
    return {
        "listing_photos": f"/listings/{listing_id}",
        "listing_activity": f"/listings/{activity.id}",
    }


def _activity(stay: Listing) -> Listing:
    return Listing(
        enterprise_id=stay.enterprise_id,
        site_id=stay.site_id,
        code=f"{stay.code}X",
        kind=ListingKind.ACTIVITY,
        status=ListingStatus.PUBLISHED,
        name_zh="清早林中漫步",
        name_en="Early walk in the woods",
        summary_zh="有人带着，在平路上慢慢走一个小时。",
        summary_en="An hour on level paths with a guide.",
        theme=Theme.FOREST,
        activity=Activity.FOREST_WALK,
        min_nights=1,
        max_nights=1,
        is_sample=True,
        updated_at=stay.updated_at,
    )


def _slot(listing_id: int) -> TimeSlot:
    return TimeSlot(
        listing_id=listing_id,
        code=f"T{listing_id}",
        name_zh="清早",
        name_en="Early morning",
        weekdays=[1, 3, 5],
        starts="07:30",
        minutes=60,
        capacity=12,
    )


def _evidence(listing_id: int, fact: str) -> Evidence:
    return Evidence(
        subject_kind="listing",
        subject_id=listing_id,
        fact=fact,
        source="示例检测报告（虚构）",
        source_date="2027-03-02",
    )


def draft_of(site: Running, *, listing_id: int, author_id: int) -> int:
    """Begin to change a listing, with a photograph in the draft; returns the case's id."""
    services, now = site.services, site.clock.now()
    with services.database.read() as session:
        listing = session.get_one(Listing, listing_id)
        assert session.get(Site, listing.site_id) is not None
    photo_id = made_photo(
        services.database,
        services.blobs,
        landscape(1),
        folder=services.settings.state_dir,
        alt_zh=ALTS[1][0],
        owner_id=author_id,
        enterprise_id=listing.enterprise_id,
    )
    with services.database.write() as session:
        case = begin_change(
            session,
            listing_id=listing_id,
            author_id=author_id,
            enterprise_id=listing.enterprise_id,
            now=now,
        )
        row = {"id": photo_id, "alt_zh": ALTS[1][0], "alt_en": ""}
        case.document = {**case.document, "photos": [row], "spring": "radon"}
        return case.id


def staff_id(site: Running, login: str) -> int:
    """Return the id of an account."""
    with site.services.database.read() as session:
        found = session.scalar(
            sa.text("SELECT id FROM staff_user WHERE login = :login").bindparams(login=login)
        )
    return int(found or 0)
