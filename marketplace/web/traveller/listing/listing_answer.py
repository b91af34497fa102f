"""What a listing answers to dates and people: the room's total, or what can be had instead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup
from sqlalchemy.orm import Session

from catalog.views import ListingPage
from marketplace.kernel.errors import Invalid
from marketplace.offers.matrix.matrix import Matrix
from marketplace.offers.quoting import stay_answer
from marketplace.offers.quoting.room_choice import RoomChoice, RoomQuestion, choose
from marketplace.offers.quoting.stay_answer import StayAnswer
from marketplace.offers.search.nearby_dates import Window
from marketplace.pricing.nights.quote import Quote
from marketplace.pricing.nights.restrictions import Restricted
from marketplace.web.errors import fields_of, words_of
from marketplace.web.forms.links import LinkArgs, LinkValue, link_to
from marketplace.web.forms.stay_form import Choice, StayForm
from marketplace.web.i18n import translate
from marketplace.web.rendering import labels, price_words
from marketplace.web.traveller.checkout.quote_wish import Wish
from marketplace.web.traveller.presenters import Standing
from marketplace.web.traveller.search import query_sentences


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about one listing, and its answer."""

    form: StayForm
    choice: Choice
    found: RoomChoice
    """The room that is looked at, and what there is beside it."""
    outcome: StayAnswer | None
    """Its price, or why there is none; ``None`` without dates, or where the people do not fit."""


def look(
    session: Session,
    page: ListingPage,
    *,
    wish: Wish,
    sold: Collection[int],
    matrix: Matrix,
    today: dt.date,
) -> Asked | None:
    """Return the answer for the room that is named, else for the cheapest that is free.

    ``None`` where nothing of the listing is ``sold``, or nothing that makes sense was asked.
    """
    form, choice = wish.form, wish.choice
    rooms = [room for room in page.room_types if room.id in sold]
    if not rooms or form.errors or choice.errors:
        return None
    question = RoomQuestion(wish.room_type_id, form.stay, form.room_count, wish.party)
    found, outcome = choose(rooms, question, matrix=matrix), None
    if form.stay is not None and found.fits:
        try:
            selection = replace(wish, room_type_id=found.room.id).selection(page, today=today)
            outcome = stay_answer.answer(
                session, page=page, selection=selection, matrix=matrix, today=today
            )
        except Invalid:
            return None  # the page of the quote names what is wrong beside its question
    return Asked(form, choice, found, outcome)


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


def shown(asked: Asked | None, args: LinkArgs) -> Shown | None:
    """Return what the page shows on top; ``args`` ask the same of this listing again."""
    if asked is None or (asked.found.fits and asked.outcome is None):
        return None
    outcome, stay = asked.outcome, asked.form.stay
    name = price_words.named(asked.found.room.name_zh, asked.found.room.name_en)
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
    if asked.found.fits:
        return ""
    party = asked.form.party
    if party.adults > asked.found.room.max_adults * asked.form.room_count:
        return translate("这种房每间最多住%(n)s位大人。", n=asked.found.room.max_adults)
    return translate("这种房每间最多住%(n)s人。", n=asked.found.room.max_guests)


def _windows(asked: Asked, outcome: StayAnswer | None, args: LinkArgs) -> list[WindowShown]:
    """Return the nearest stays that can be had in this room, each with its address."""

    def row(window: Window) -> WindowShown:
        stay = window.stay
        dates: LinkArgs = {
            "arrive": stay.check_in.isoformat(),
            "nights": stay.nights,
            "nights_other": None,
        }
        url = _again(asked, args, asked.found.room.id, **dates)
        return WindowShown(query_sentences.stay_words(stay), window.total_fen, url)

    return [row(window) for window in outcome.windows] if outcome is not None else []


def _others(asked: Asked, args: LinkArgs) -> list[RoomOffered]:
    """Return the other rooms that take the people; with dates, those that are free on them."""
    found = []
    for room in asked.found.others:
        total_fen = asked.found.totals_fen.get(room.id)
        if asked.form.stay is not None and total_fen is None and asked.found.fits:
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


def _shown_several(asked: Asked, args: LinkArgs) -> list[RoomOffered]:
    """Return how many rooms of which type take everybody, by name and with their total."""
    found = []
    for one in asked.found.several:
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


def _again(
    asked: Asked, args: Mapping[str, LinkValue], room_type_id: int, **changed: LinkValue
) -> str:
    mine = {**args, "room_type": room_type_id, **changed}
    return link_to("traveller.listing", mine, listing_id=asked.found.room.listing_id)


def in_list(
    asked: Asked | None, room_type_id: int, args: Mapping[str, LinkValue]
) -> Standing | None:
    """Return how a room of the list stands on the dates asked for; ``None`` without dates."""
    if asked is None or asked.form.stay is None:
        return None
    total_fen = asked.found.totals_fen.get(room_type_id)
    takes = room_type_id in {
        room.id for room in (*asked.found.others, *([asked.found.room] * asked.found.fits))
    }
    return Standing(
        nights=asked.form.stay.nights,
        total_fen=total_fen,
        full=takes and total_fen is None,
        chosen=room_type_id == asked.found.room.id,
        url=_again(asked, args, room_type_id),
    )
