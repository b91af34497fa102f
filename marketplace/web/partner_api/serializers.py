"""Turns what the services return into the answers of the API."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Sequence

import orjson

from catalog.labels import label
from catalog.views import PhotoView, RoomTypeView
from marketplace.booking.contract.cancellation_rules import CancelQuote
from marketplace.booking.events.view import Item, at, nights_of, read_view
from marketplace.booking.items import BookingItem
from marketplace.booking.states import EventType, state_at
from marketplace.kernel.events import Event
from marketplace.kernel.money import CNY
from marketplace.partners.feed import FeedItem, ListingFacts
from marketplace.partners.queries import Sale
from marketplace.pricing.nights.terms import Terms
from marketplace.web.partner_api import schemas
from marketplace.web.partner_api.price_schemas import NightPrice, Text
from marketplace.web.partner_api.schemas import Named

SAMPLE_NOTICE = "示例数据：房型和价格只作演示，不是真实企业的报价 (sample data, not a real offer)"


def notice(is_sample: bool) -> str | None:
    """Return what a partner must show beside a sample."""
    return SAMPLE_NOTICE if is_sample else None


def named(member: enum.StrEnum) -> Named:
    """Return a value of the vocabulary with its names."""
    return Named(code=member.value, zh=label(member), en=label(member, "en"))


def _named(member: enum.StrEnum | None) -> Named | None:
    return None if member is None else named(member)


def feed_item(item: FeedItem, base: str) -> schemas.UpdatedListing | schemas.DeletedListing:
    """Return an item of the feed; a listing that is not on show is a tombstone."""
    if item.facts is None:
        return schemas.DeletedListing(id=item.listing_id, modified=item.number)
    return schemas.UpdatedListing(
        id=item.listing_id, modified=item.number, data=listing(item.facts, base)
    )


def listing(facts: ListingFacts, base: str) -> schemas.ListingData:
    """Return a listing as partners read it."""
    card = facts.page.card
    return schemas.ListingData(
        id=card.id,
        code=card.code,
        version=card.version,
        updated_at=card.updated_at,
        url=f"{base}/listings/{card.id}",
        name=Text(zh=card.name_zh, en=card.name_en),
        summary=Text(zh=card.summary_zh, en=card.summary_en),
        enterprise=schemas.EnterpriseData(
            code=card.enterprise_code, name=Text(zh=card.enterprise_zh, en=card.enterprise_en)
        ),
        place=_place(facts),
        photos=[_photo(photo, base) for photo in facts.photos if photo.widths],
        season=schemas.SeasonData(opens=card.opens, closes=card.closes) if card.opens else None,
        cautions=Text(zh=card.cautions_zh, en=card.cautions_en) if card.cautions_zh else None,
        water=_water(facts),
        clusters=[named(cluster) for cluster in card.clusters],
        theme=named(card.theme),
        min_nights=card.min_nights,
        max_nights=card.max_nights,
        family_suited=card.family_suited,
        food=[named(tag) for tag in card.food],
        access=_access(facts),
        room_types=_room_types(facts),
        directory=_directory(facts),
        is_sample=card.is_sample,
        sample_notice=notice(card.is_sample),
    )


def _water(facts: ListingFacts) -> schemas.WaterData | None:
    card = facts.page.card
    if card.spring is None and card.water_c is None:
        return None
    return schemas.WaterData(spring=_named(card.spring), temperature_c=card.water_c)


def _photo(photo: PhotoView, base: str) -> schemas.PhotoData:
    return schemas.PhotoData(
        room_type=photo.room_type_id,
        alt=Text(zh=photo.alt_zh, en=photo.alt_en),
        sizes=[
            schemas.PhotoSize(
                width=width,
                height=round(photo.height * width / photo.width),
                url=f"{base}/media/photos/{photo.id}/{width}.webp",
            )
            for width in photo.widths
        ],
    )


def _place(facts: ListingFacts) -> schemas.PlaceData:
    card, site, station = facts.page.card, facts.page.site, facts.page.station
    return schemas.PlaceData(
        address=site.address or None,
        arrive_from=site.arrive_from or None,
        town=Text(zh=site.town_zh, en=site.town_en),
        prefecture=card.prefecture,
        county=card.county,
        lat=site.lat,
        lon=site.lon,
        datum=site.datum.value,
        error_km=site.coord_error_km,
        basis=site.coord_basis,
        slope=_named(site.slope),
        nearest_station=Text(zh=station.name_zh, en=station.name_en) if station else None,
    )


def _access(facts: ListingFacts) -> schemas.AccessData:
    card = facts.page.card
    return schemas.AccessData(
        steps=card.steps,
        bed_height_cm=card.bed_height_cm,
        lift=card.lift,
        no_steps=card.no_steps,
        grab_bars=card.grab_bars,
        hospital_km=card.hospital_km,
        hospital_minutes=card.hospital_minutes,
        altitude_m=card.altitude_m,
        heating=_named(card.heating),
        pace=_named(card.pace),
    )


def _room_types(facts: ListingFacts) -> list[schemas.RoomTypeData]:
    return [
        _room_type(room, *facts.tariffs.get(room.id, (None, None)))
        for room in facts.page.room_types
    ]


def _room_type(room: RoomTypeView, tariff: int | None, terms: Terms | None) -> schemas.RoomTypeData:
    return schemas.RoomTypeData(
        id=room.id,
        code=room.code,
        name=Text(zh=room.name_zh, en=room.name_en),
        beds=Text(zh=room.beds_zh, en=room.beds_en),
        max_adults=room.max_adults,
        max_guests=room.max_guests,
        area_m2=room.area_m2,
        included_board=terms.included_board if terms else None,
        boards=[each.board for each in terms.boards] if terms else [],
        tariff=tariff,
    )


def _directory(facts: ListingFacts) -> schemas.DirectoryData:
    known = facts.provenance
    return schemas.DirectoryData(
        category=named(known.category),
        source=known.source,
        source_date=known.source_date,
        certainty=named(known.certainty),
        grade=known.grade,
        grade_as_of=known.grade_as_of,
    )


def booking(sale: Sale, now: dt.datetime) -> schemas.Booking:
    """Return a booking as it stands at ``now``, without anything personal of its guests."""
    own, told = sale.booking, sale.view
    items, first = own.items, own.items[0]
    nights = _together(told.items)
    state = state_at(own.state, expires_at=own.expires_at, now=now)
    return schemas.Booking(
        id=own.id,
        code=own.code,
        state=state,
        expires_at=own.expires_at,
        total_fen=own.total_fen,
        currency=CNY,
        nights=nights,
        room_type=first.room_type_id,
        listing=first.listing_id,
        arrive=own.starts_on,
        depart=own.ends_on,
        nights_count=len(nights),
        rooms=sum(item.units for item in items),
        adults=sum(item.adults for item in items),
        children_ages=[age for item in items for age in item.children_ages],
        board=first.board,
        extra_beds=sum(item.extra_beds for item in items),
        adjoining=any(item.adjoining for item in items),
        external_ref=own.external_ref,
        extensions=own.extensions,
        confirmed_at=own.confirmed_at,
        ended_at=own.ended_at if state is own.state else own.expires_at,
        test=own.test,
        is_sample=told.is_sample,
        sample_notice=notice(told.is_sample),
        version=own.version,
        ending=told.ending,
        change=told.change,
        rehousing=told.rehousing,
        items=[] if own.is_one_room else list(map(_rooms, items, told.items)),
    )


def _rooms(item: BookingItem, told: Item) -> schemas.BookedRooms:
    return schemas.BookedRooms(
        number=item.number,
        room_type=item.room_type_id,
        rooms=item.units,
        adults=item.adults,
        children_ages=item.children_ages,
        board=item.board,
        extra_beds=item.extra_beds,
        adjoining=item.adjoining,
        list_fen=item.list_fen,
        total_fen=item.total_fen,
        nights=_together([told]),
    )


def _together(items: Sequence[Item]) -> list[NightPrice]:
    """Return the nights of items, those of one date as one."""
    found: dict[dt.date, NightPrice] = {}
    for item in items:
        for night in nights_of(item.runs):
            other = found.get(night.day)
            found[night.day] = NightPrice(
                date=night.day,
                list_fen=night.list_fen + (other.list_fen if other else 0),
                sold_fen=night.sold_fen + (other.sold_fen if other else 0),
            )
    return [found[day] for day in sorted(found)]


def view(sale: Sale, now: dt.datetime) -> schemas.View:
    """Return a booking as its last event told it, as it is read at ``now``."""
    return schemas.View(at(sale.view, now))


def event(found: Event) -> schemas.Event:
    """Return an event; its facts and its view are those that were kept."""
    return schemas.Event(
        number=found.number or 0,
        id=f"evt_{found.number}",
        type=EventType(found.type),
        subject=found.subject,
        version=found.version,
        at=found.at,
        by=found.by,
        what=orjson.loads(found.what),
        view=read_view(found.view) if found.view else None,
    )


def cancel_quote(found: CancelQuote) -> schemas.CancelQuote:
    """Return what cancelling would cost."""
    return schemas.CancelQuote(
        fee_fen=found.fee_fen,
        refund_fen=found.refund_fen,
        currency=CNY,
        fee_bp=found.fee_bp,
        undo=found.undo,
    )


def cancelled(sale: Sale, now: dt.datetime) -> schemas.Cancelled:
    """Return what was just cancelled, all of a booking or one item, with its fee and refund."""
    ending, change = sale.view.ending, sale.view.change
    if ending is not None:
        fee_fen, refund_fen = ending.fee_fen, ending.refund_fen
    elif change is not None and change.is_ is None:
        fee_fen, refund_fen = change.fee_fen, -change.difference_fen - change.fee_fen
    else:
        raise TypeError(f"nothing of {sale.booking.code} was cancelled")
    return schemas.Cancelled(**dict(booking(sale, now)), fee_fen=fee_fen, refund_fen=refund_fen)
