"""One listing: what it is like, and the form that asks for a price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from sqlalchemy.orm import Session

from catalog.provinces import of_adcode
from catalog.queries import listing_page
from catalog.views import ListingPage
from marketplace.booking import rules
from marketplace.kernel.errors import Invalid
from marketplace.offers.glance import glance
from marketplace.pricing import queries as prices
from marketplace.pricing.quote import DAYS_A_MONTH
from marketplace.pricing.terms import NOTHING_SET, Terms
from marketplace.web.context import services, today
from marketplace.web.errors import fields_of
from marketplace.web.traveller import presenters, structured
from marketplace.web.traveller.base import blueprint
from marketplace.web.traveller.engines import in_language
from marketplace.web.traveller.forms import Choice, StayForm, read_choice, read_stay


@dataclass(frozen=True, slots=True)
class Shown:
    """A listing with the tariffs of its room types, those without one left out."""

    page: ListingPage
    tariffs: Mapping[int, Terms]


@blueprint.get("/listings/<int(max=2147483647):listing_id>")
def listing(listing_id: int) -> str:
    """Show a listing: rooms, getting about, terms, and the form that asks for a price."""
    form = read_stay(request.args, today=today())
    choice = read_choice(request.args, children=form.child_count)
    return _html(_read(listing_id), form, choice, {})


def ask_again(listing_id: int, form: StayForm, choice: Choice, invalid: Invalid) -> tuple[str, int]:
    """Show the listing with its form: every fault named, everything typed kept."""
    return _html(_read(listing_id), form, choice, fields_of(invalid)), 422


def _read(listing_id: int) -> Shown:
    with services().database.read() as session:
        return with_tariffs(session, listing_page(session, listing_id))


def with_tariffs(session: Session, page: ListingPage) -> Shown:
    """Return a page with the tariffs by which its room types are sold."""
    found = prices.tariffs(session, room_type_ids=[room.id for room in page.room_types])
    return Shown(page, {room: terms for room, (_, terms) in found.items()})


def _html(shown: Shown, form: StayForm, choice: Choice, errors: Mapping[str, str]) -> str:
    page = shown.page
    return render_template(
        "traveller/listing.html",
        **context_of(shown, form),
        kept={**choice.args(), "from": origin_asked()},
        errors=errors,
        quote_url=url_for("traveller.quote", listing_id=page.card.id),
        description=in_language(page.card.summary_zh, page.card.summary_en),
        linked_data=structured.listing(page, glance(services().follower.current(), page.card.id)),
    )


def context_of(shown: Shown, form: StayForm) -> dict[str, Any]:
    """Return what the page shows of a listing: facts, rooms with today's prices, terms, the form.

    An operator's preview shows the same.
    """
    page = shown.page
    lowest = services().follower.current().lowest_rates_of(page.card.id)
    rooms = [
        presenters.room(
            room,
            month_fen=lowest.get(room.id, 0) * DAYS_A_MONTH,
            board=shown.tariffs.get(room.id, NOTHING_SET).included_board,
        )
        for room in page.room_types
    ]
    sold = [room for room in rooms if room["month_fen"]]
    return {
        "listing": presenters.listing(
            page,
            day=form.arrival,
            policies=[rules.policy_of(shown.tariffs.get(room["id"], NOTHING_SET)) for room in sold],
        ),
        "rooms": rooms,
        "room_options": [(room["id"], room["name"]) for room in sold],
        "form": _asked(form, sold),
    }


def _asked(form: StayForm, sold: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        **form.args(),
        "arrive": form.arrival.isoformat() if form.arrival else form.arrive,
        "room_type": request.values.get("room_type") or (sold[0]["id"] if sold else ""),
        "rooms": form.rooms or "1",
        "nights": "" if form.nights == "any" else form.nights,
    }


def origin_asked() -> str:
    """Return the code of the city that a search was made from, when it is that of a division."""
    code = request.values.get("from", "")
    return code if of_adcode(code) else ""
