"""Turns prices and limits into the answers of the API."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from marketplace.booking.contract import cancellation_rules
from marketplace.kernel.money import CNY
from marketplace.partners.stay_availability import (
    FreeRoomType,
    Guests,
    ListingNights,
    Night,
    RoomNights,
)
from marketplace.partners.stay_quotes import RoomsQuote, StayQuote
from marketplace.pricing.nights.quote import Extra, Reduction, ReductionKind
from marketplace.pricing.nights.splitting import Split
from marketplace.pricing.nights.terms import Promotion, Terms, Tier
from marketplace.web.partner_api import price_schemas as answers
from marketplace.web.partner_api.price_schemas import Text
from marketplace.web.partner_api.request_schemas import AriQuery, AvailabilityQuery
from marketplace.web.partner_api.serializers import notice


def availability(
    query: AvailabilityQuery, guests: Guests, found: list[FreeRoomType], following: str
) -> answers.Availability:
    """Return a page of free room types."""
    return answers.Availability(
        arrive=query.arrive,
        nights_count=query.nights,
        nights=query.nights,
        rooms=query.rooms,
        currency=CNY,
        items=[
            answers.FreeRoomType(
                room_type=room.room_type_id,
                listing=room.listing_id,
                left=room.left,
                total_fen=room.total_fen,
                total_is="exact" if guests.exact else "from",
            )
            for room in found
        ],
        next=following,
    )


# ------------------------------------------------------------------ night by night


def ari(query: AriQuery, found: ListingNights) -> answers.Ari:
    """Return the nights of a listing with the terms of each room type."""
    return answers.Ari(
        listing=found.listing_id,
        first=query.first,
        last=query.last,
        currency=CNY,
        is_sample=found.is_sample,
        sample_notice=notice(found.is_sample),
        room_types=[_room(room, found) for room in found.rooms],
    )


def _room(room: RoomNights, found: ListingNights) -> answers.AriRoomType:
    terms = room.terms
    return answers.AriRoomType(
        room_type=room.room_type_id,
        tariff=room.tariff_id,
        discounts=[_discount(tier) for tier in terms.tiers],
        months=[
            answers.MonthTerm(
                month=_month(each.month), month_fen=each.month_fen, min_nights=each.min_nights
            )
            for each in terms.months
        ],
        occupancy=_occupancy(terms),
        included_board=terms.included_board,
        boards=[
            answers.BoardTerm(board=each.board, adult_fen=each.adult_fen, child_fen=each.child_fen)
            for each in terms.boards
        ],
        extra_bed=_extra_bed(terms),
        promotions=[_promotion(each) for each in terms.promotions],
        lead_days=terms.lead_days,
        window_days=terms.window_days,
        arrival_weekdays=sorted(day + 1 for day in terms.arrival_weekdays),
        cancellation=[
            answers.CancelTerm(days=band["days"], fee_bp=band["fee_bp"])
            for band in cancellation_rules.policy_of(terms)["bands"]
        ],
        nights=[_night(night, found) for night in room.nights],
    )


def _night(night: Night, found: ListingNights) -> answers.AriNight:
    """Return a night; its limits on stays through it are the listing's where these are closer."""
    rule = night.rule
    return answers.AriNight(
        date=night.day,
        left=night.left,
        list_fen=night.list_fen,
        min_nights=max(found.min_nights, rule.min_nights or 0),
        max_nights=min(found.max_nights, rule.max_nights or found.max_nights),
        min_nights_arrival=rule.min_nights_arrival,
        max_nights_arrival=rule.max_nights_arrival,
        closed_to_arrival=rule.no_arrival,
        closed_to_departure=rule.no_departure,
        closed=night.closed,
    )


def _discount(tier: Tier) -> answers.Discount:
    return answers.Discount(min_nights=tier.min_nights, off_bp=tier.off_bp)


def _month(first: dt.date) -> str:
    return f"{first:%Y-%m}"


def _occupancy(terms: Terms) -> answers.OccupancyTerms:
    people = terms.occupancy
    return answers.OccupancyTerms(
        included=people.included,
        extra_adult_fen=people.extra_adult_fen,
        single_off_fen=people.single_off_fen,
        children=[
            answers.ChildTerm(to_age=band.to_age, night_fen=band.night_fen)
            for band in people.children
        ],
    )


def _extra_bed(terms: Terms) -> answers.ExtraBedTerm | None:
    if not terms.most_extra_beds or terms.extra_bed_fen is None:
        return None
    return answers.ExtraBedTerm(night_fen=terms.extra_bed_fen, most_a_room=terms.most_extra_beds)


def _promotion(each: Promotion) -> answers.PromotionTerm:
    return answers.PromotionTerm(
        code=each.code,
        name=Text(zh=each.name_zh, en=each.name_en),
        off_bp=each.off_bp,
        booked_first=each.booked_first,
        booked_last=each.booked_last,
        arrive_first=each.arrive_first,
        arrive_last=each.arrive_last,
        min_nights=each.min_nights,
        min_lead_days=each.min_lead_days,
        max_lead_days=each.max_lead_days,
    )


# ------------------------------------------------------------------ the price of a stay


def stay_price(found: StayQuote | RoomsQuote) -> answers.StayPrice:
    """Return the price of a stay, of rooms of one type or of several."""
    if isinstance(found, RoomsQuote):
        return answers.StayPrice(_of_items(found))
    return answers.StayPrice(_quote(found))


def _of_items(found: RoomsQuote) -> answers.QuoteOfItems:
    first = found.rooms[0]
    stay = first.quote.stay
    return answers.QuoteOfItems(
        items=[_quote(room) for room in found.rooms],
        expires_at=first.expires_at,
        listing=first.offer.listing_id,
        arrive=stay.check_in,
        depart=stay.check_out,
        nights_count=stay.nights,
        currency=CNY,
        list_fen=sum(room.quote.list_fen for room in found.rooms),
        total_fen=found.total_fen,
        cancellation=_bands(found.bands),
        is_sample=first.is_sample,
        sample_notice=notice(first.is_sample),
    )


def _bands(bands: Sequence[cancellation_rules.Band]) -> list[answers.CancelBand]:
    return [
        answers.CancelBand(
            since=band.since, until=band.until, fee_bp=band.fee_bp, fee_fen=band.fee_fen
        )
        for band in bands
    ]


def _quote(found: StayQuote) -> answers.Quote:
    price, chosen = found.quote, found.selection
    return answers.Quote(
        id=found.id,
        expires_at=found.expires_at,
        room_type=found.offer.room_type_id,
        listing=found.offer.listing_id,
        arrive=price.stay.check_in,
        depart=price.stay.check_out,
        nights_count=price.stay.nights,
        rooms=price.rooms,
        adults=chosen.party.adults,
        children_ages=list(chosen.party.children_ages),
        board=price.board,
        extra_beds=chosen.extra_beds,
        left=found.left,
        currency=CNY,
        list_fen=price.list_fen,
        discount=_discount(price.tier) if price.tier else None,
        discount_fen=price.discount_fen,
        total_fen=price.total_fen,
        lines=[
            answers.QuoteLine(
                first_day=line.first_day,
                nights_count=line.nights,
                nights=line.nights,
                list_fen=line.list_fen,
                amount_fen=line.amount_fen,
            )
            for line in price.lines
        ],
        extras=[_extra(extra) for extra in price.extras],
        reductions=[_reduction(cut) for cut in price.reductions],
        nights=[
            answers.NightPrice(date=night.day, list_fen=night.list_fen, sold_fen=night.sold_fen)
            for night in price.nights
        ],
        cheaper_in_parts=_parts(found.parts),
        cancellation=_bands(found.bands),
        is_sample=found.is_sample,
        sample_notice=notice(found.is_sample),
    )


def _extra(extra: Extra) -> answers.QuoteExtra:
    return answers.QuoteExtra(
        kind=extra.kind,
        count=extra.count,
        nights_count=extra.nights,
        nights=extra.nights,
        unit_fen=extra.unit_fen,
        amount_fen=extra.amount_fen,
        age=extra.age,
        board=extra.board,
    )


def _reduction(cut: Reduction) -> answers.QuoteReduction:
    of_month = cut.kind is ReductionKind.MONTH
    named = cut.kind is ReductionKind.PROMOTION
    return answers.QuoteReduction(
        kind=cut.kind,
        off_fen=cut.off_fen,
        off_bp=cut.off_bp or None,
        min_nights=cut.min_nights if cut.kind is ReductionKind.TIER else None,
        month=_month(cut.month) if cut.month is not None else None,
        month_fen=cut.month_fen if of_month else None,
        nights_count=cut.min_nights if of_month else None,
        nights=cut.min_nights if of_month else None,
        code=cut.code if named else None,
        name=Text(zh=cut.name_zh, en=cut.name_en) if named else None,
    )


def _parts(found: Split | None) -> answers.CheaperInParts | None:
    if found is None:
        return None
    return answers.CheaperInParts(
        saved_fen=found.saved_fen,
        parts=[
            answers.Part(arrive=part.check_in, depart=part.check_out, nights_count=part.nights)
            for part in found.parts
        ],
    )
