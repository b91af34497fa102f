"""What a listing answers to dates and people: the room's total, or what can be had instead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

from catalog.views import ListingPage, RoomTypeView
from marketplace.kernel.errors import Invalid
from marketplace.offers.matrix.matrix import Matrix
from marketplace.offers.quoting import stay_answer
from marketplace.offers.quoting.stay_answer import StayAnswer
from marketplace.offers.quoting.stay_offers import MOST_ROOMS
from marketplace.offers.search.nearby_dates import Window
from marketplace.pricing.nights.quote import Quote
from marketplace.pricing.nights.restrictions import Restricted
from marketplace.pricing.nights.selection import Party
from marketplace.web.errors import fields_of, words_of
from marketplace.web.forms.stay_form import Choice, StayForm
from marketplace.web.i18n import translate
from marketplace.web.rendering import labels, price_words
from marketplace.web.traveller.checkout.quote_wish import Wish
from marketplace.web.traveller.presenters import Standing
from marketplace.web.traveller.search import query_sentences


@dataclass(frozen=True, slots=True)
class Several:
    """So many rooms of one type as take everybody."""

    room: RoomTypeView
    count: int
    total_fen: int | None
    """What they cost together; ``None`` without dates, or where so many are not free."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about one listing, and its answer."""

    form: StayForm
    choice: Choice
    room: RoomTypeView
    """The room that is looked at."""
    outcome: StayAnswer | None
    """Its price, or why there is none; ``None`` without dates, or where the people do not fit."""
    fits: bool
    """Whether the people fit into the rooms asked for, of this type."""
    others: Sequence[RoomTypeView]
    """Other rooms that take the people, those that are free for less first."""
    totals_fen: Mapping[int, int]
    """What the free rooms cost for the dates asked for, by room type."""
    several: Sequence[Several]
    """Where the people do not fit: how many rooms of each type they need, that one first."""


def look(
    session: Session,
    page: ListingPage,
    *,
    wish: Wish,
    sold: Sequence[int],
    matrix: Matrix,
    today: dt.date,
) -> Asked | None:
    """Return the answer for the room that is named, else for the cheapest that is free.

    ``None`` where nothing of the listing is ``sold``, or nothing that makes sense was asked.
    """
    form, choice = wish.form, wish.choice
    rooms = {room.id: room for room in page.room_types if room.id in set(sold)}
    if not rooms or form.errors or choice.errors:
        return None
    party, stay = wish.party, form.stay
    totals: dict[int, int] = {}
    if stay is not None:
        found = matrix.find(stay=stay, rooms=form.room_count, party=party)
        pairs = zip(found.room_type_ids.tolist(), found.totals_fen.tolist(), strict=True)
        totals = {room: total for room, total in pairs if room in rooms}
    taking = [room for room in rooms.values() if _takes(room, party, form.room_count)]
    taking.sort(key=lambda room: (room.id not in totals, totals.get(room.id, 0)))
    chosen = rooms.get(wish.room_type_id or 0) or (taking or list(rooms.values()))[0]
    outcome = None
    if stay is not None and chosen in taking:
        try:
            named = replace(wish, room_type_id=chosen.id)
            selection = named.selection(page, today=today)
            outcome = stay_answer.answer(
                session, page=page, selection=selection, matrix=matrix, today=today
            )
        except Invalid:
            return None  # the page of the quote names what is wrong beside its question
    return Asked(
        form=form,
        choice=choice,
        room=chosen,
        outcome=outcome,
        fits=chosen in taking,
        others=[room for room in taking if room is not chosen],
        totals_fen=totals,
        several=[] if chosen in taking else _several(chosen, rooms.values(), form, matrix),
    )


def _several(
    chosen: RoomTypeView, rooms: Iterable[RoomTypeView], form: StayForm, matrix: Matrix
) -> list[Several]:
    """Return how many rooms of each type take everybody: more rooms than were asked for."""
    party, found = form.party, []
    for room in rooms:
        count = _needed(room, party)
        if count <= form.room_count:
            continue
        total_fen = None
        if form.stay is not None:
            free = matrix.find(stay=form.stay, rooms=count, party=party)
            pairs = zip(free.room_type_ids.tolist(), free.totals_fen.tolist(), strict=True)
            total_fen = dict(pairs).get(room.id)
        found.append(Several(room, count, total_fen))
    far = 10**15
    return sorted(found, key=lambda one: (one.room is not chosen, one.total_fen or far))


def _takes(room: RoomTypeView, party: Party, rooms: int) -> bool:
    return party.adults <= room.max_adults * rooms and party.guests <= room.max_guests * rooms


def _needed(room: RoomTypeView, party: Party) -> int:
    needed = max(-(-party.adults // room.max_adults), -(-party.guests // room.max_guests))
    return needed if needed <= MOST_ROOMS else 0


# ------------------------------------------------------------------ shown


@dataclass(frozen=True, slots=True)
class WindowShown:
    """A stay nearby that can be had."""

    words: Markup
    total_fen: int
    url: str


@dataclass(frozen=True, slots=True)
class RoomOffered:
    """Another room, or several of one type, that take the people."""

    name: str
    name_lang: str
    most: str
    """How many people it takes, or how many rooms are needed."""
    total_fen: int | None
    full: bool
    """Dates are known, and it is not free on them."""
    url: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page says on top of what was asked for."""

    said: Sequence[str]
    """The question again, in sentences."""
    room: str
    room_lang: str
    rooms: int
    quote: Quote | None
    nights: int | None
    meals: str
    ages_matter: bool
    refused: Sequence[str]
    """Why the dates cannot be had, in sentences."""
    unfit: str
    """That so many people do not fit, or nothing."""
    windows: Sequence[WindowShown]
    others: Sequence[RoomOffered]
    several: Sequence[RoomOffered]


def shown(asked: Asked | None, args: Mapping[str, Any]) -> Shown | None:
    """Return what the page shows on top; ``args`` ask the same of this listing again."""
    if asked is None or (asked.fits and asked.outcome is None):
        return None
    outcome, stay = asked.outcome, asked.form.stay
    name = price_words.named(asked.room.name_zh, asked.room.name_en)
    sentences = [query_sentences.people(asked.form)]
    if stay is not None:
        sentences.insert(0, query_sentences.stay_words(stay))
    priced = outcome.priced if outcome is not None else None
    return Shown(
        said=[sentence + translate("。") for sentence in sentences],
        room=name.name,
        room_lang=name.name_lang,
        rooms=asked.form.room_count,
        quote=priced.quote if priced else None,
        nights=stay.nights if stay else None,
        meals=labels.board_label(priced.quote.board) if priced else "",
        ages_matter=bool(outcome and outcome.ages_matter and asked.choice.ages is None),
        refused=_refused(outcome),
        unfit=_unfit(asked),
        windows=_windows(asked, outcome, args),
        others=[] if priced else _others(asked, args),
        several=_shown_several(asked, args),
    )


def _refused(outcome: StayAnswer | None) -> list[str]:
    """Return why the dates cannot be had, one sentence for each reason."""
    refusal = outcome.refusal if outcome is not None else None
    if refusal is None:
        return []
    if isinstance(refusal, Restricted):
        return list(dict.fromkeys(fields_of(refusal).values()))
    return [words_of(refusal)]


def _unfit(asked: Asked) -> str:
    if asked.fits:
        return ""
    party = asked.form.party
    if party.adults > asked.room.max_adults * asked.form.room_count:
        return translate("这种房每间最多住%(n)s位大人。", n=asked.room.max_adults)
    return translate("这种房每间最多住%(n)s人。", n=asked.room.max_guests)


def _windows(
    asked: Asked, outcome: StayAnswer | None, args: Mapping[str, Any]
) -> list[WindowShown]:
    """Return the nearest stays that can be had in this room, each with its address."""

    def row(window: Window) -> WindowShown:
        stay = window.stay
        dates = {"arrive": stay.check_in.isoformat(), "nights": stay.nights, "nights_other": None}
        url = _again(asked, args, asked.room.id, **dates)
        return WindowShown(query_sentences.stay_words(stay), window.total_fen, url)

    return [row(window) for window in outcome.windows] if outcome is not None else []


def _others(asked: Asked, args: Mapping[str, Any]) -> list[RoomOffered]:
    """Return the other rooms that take the people; with dates, those that are free on them."""
    found = []
    for room in asked.others:
        total_fen = asked.totals_fen.get(room.id)
        if asked.form.stay is not None and total_fen is None and asked.fits:
            continue
        name = price_words.named(room.name_zh, room.name_en)
        found.append(
            RoomOffered(
                name.name,
                name.name_lang,
                most=translate("最多住%(n)s人", n=room.max_guests),
                total_fen=total_fen,
                full=asked.form.stay is not None and total_fen is None,
                url=_again(asked, args, room.id),
            )
        )
    return found


def _shown_several(asked: Asked, args: Mapping[str, Any]) -> list[RoomOffered]:
    """Return how many rooms of which type take everybody, by name and with their total."""
    found = []
    for one in asked.several:
        name = price_words.named(one.room.name_zh, one.room.name_en)
        found.append(
            RoomOffered(
                name.name,
                name.name_lang,
                most=translate("订%(n)s间", n=one.count),
                total_fen=one.total_fen,
                full=asked.form.stay is not None and one.total_fen is None,
                url=_again(asked, args, one.room.id, rooms=one.count),
            )
        )
    return found


def _again(asked: Asked, args: Mapping[str, Any], room_type_id: int, **changed: Any) -> str:
    mine = {**args, "room_type": room_type_id, **changed}
    return url_for("traveller.listing", listing_id=asked.room.listing_id, **mine)


def in_list(asked: Asked | None, room_type_id: int, args: Mapping[str, Any]) -> Standing | None:
    """Return how a room of the list stands on the dates asked for; ``None`` without dates."""
    if asked is None or asked.form.stay is None:
        return None
    total_fen = asked.totals_fen.get(room_type_id)
    takes = room_type_id in {room.id for room in (*asked.others, *([asked.room] * asked.fits))}
    return Standing(
        nights=asked.form.stay.nights,
        total_fen=total_fen,
        full=takes and total_fen is None,
        chosen=room_type_id == asked.room.id,
        url=_again(asked, args, room_type_id),
    )
