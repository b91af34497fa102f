"""One listing: what it is like, and the form that asks for a price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import ClassVar

from flask import url_for
from sqlalchemy.orm import Session

from catalog.geography.provinces import of_adcode
from catalog.queries import listing_page
from catalog.views import ListingPage
from marketplace.booking.contract import cancellation_rules
from marketplace.kernel.errors import Invalid
from marketplace.offers.quoting.listing_summary import summary_of
from marketplace.pricing import queries as prices
from marketplace.pricing.nights.quote import DAYS_A_MONTH
from marketplace.pricing.nights.terms import NOTHING_SET, Terms
from marketplace.web.context import services, today
from marketplace.web.forms import reader
from marketplace.web.forms.links import LinkArgs, LinkValue, filled, link_to
from marketplace.web.forms.stay_form import Choice, StayForm, read_choice, read_stay
from marketplace.web.rendering.filters import months_between
from marketplace.web.rendering.page_cache import kept_view
from marketplace.web.rendering.pages import Page, html
from marketplace.web.traveller import presenters
from marketplace.web.traveller.base import blueprint
from marketplace.web.traveller.checkout.quote_wish import Wish, others_carried
from marketplace.web.traveller.listing import listing_answer
from marketplace.web.traveller.listing.listing_answer import Asked
from marketplace.web.traveller.presenters import ListingShown, RoomShown
from marketplace.web.traveller.search import carried_question
from marketplace.web.traveller.seo import structured_data
from marketplace.web.traveller.seo.page_heads import in_language


@dataclass(frozen=True, slots=True)
class Shown:
    """A listing with the tariffs of its room types, those without one left out."""

    page: ListingPage
    tariffs: Mapping[int, Terms]
    asked: Asked | None = None
    """What it answers to the dates and people asked for."""


@blueprint.get("/listings/<int(max=2147483647):listing_id>")
@kept_view
def listing(listing_id: int) -> str:
    """Show a listing: what was asked, rooms, getting about, terms, and the form for a price."""
    form = _form()
    choice = read_choice(reader.asked(), children=form.child_count)
    return _html(_read(listing_id, form, choice), form, choice, {})


def _form() -> StayForm:
    """Return dates and people of this page's address, else those of the question it carries."""
    asked = carried_question.question()
    address = reader.asked()
    if asked is not None and "arrive" not in address:
        stay = asked.when.stay
        return stay if asked.when.dates is not None else replace(stay, arrive="", arrival=None)
    return read_stay(address, today=today())


def ask_again(listing_id: int, form: StayForm, choice: Choice, invalid: Invalid) -> tuple[str, int]:
    """Show the listing with its form: every fault named, everything typed kept."""
    shown = _read(listing_id, form, choice)
    # The house's own most is narrower than what the form can take.
    errors = presenters.translated(invalid.fields, most_nights=shown.page.card.max_nights)
    return _html(shown, form, choice, errors), 422


def _read(listing_id: int, form: StayForm, choice: Choice) -> Shown:
    matrix = services().follower.current()
    with services().database.read() as session:
        shown = with_tariffs(session, listing_page(session, listing_id))
        asked = listing_answer.look(
            session,
            shown.page,
            wish=Wish(listing_id, reader.either().key("room_type"), form, choice),
            sold=list(matrix.lowest_rates_of(listing_id)),
            matrix=matrix,
            today=today(),
        )
    return replace(shown, asked=asked)


def with_tariffs(session: Session, page: ListingPage) -> Shown:
    """Return a page with the tariffs by which its room types are sold."""
    found = prices.tariffs(session, room_type_ids=[room.id for room in page.room_types])
    return Shown(page, {room: terms for room, (_, terms) in found.items()})


def _html(shown: Shown, form: StayForm, choice: Choice, errors: Mapping[str, str]) -> str:
    page = shown.page
    kept: LinkArgs = {
        **choice.args(),
        **others_carried(reader.given()),
        "from": origin_asked(),
        **carried_question.args(),
    }
    args = {**_typed(form), **filled(kept)}
    chosen = shown.asked.found.room.id if shown.asked else None
    shows = replace(
        page_of(shown, form, args),
        asked=listing_answer.shown(shown.asked, args),
        book_url=link_to("traveller.quote", {**args, "room_type": chosen}, listing_id=page.card.id),
        kept=kept,
        errors=errors,
        quote_url=url_for("traveller.quote", listing_id=page.card.id),
        description=in_language(page.card.summary_zh, page.card.summary_en),
        linked_data=structured_data.listing(
            page, summary_of(services().follower.current(), page.card.id)
        ),
    )
    return html(shows)


@dataclass(frozen=True, slots=True)
class FormShown:
    """The form for a price, as it is filled in."""

    room_type: int | str
    """Its id; nothing where no room is sold."""
    arrive: str
    nights: str
    nights_other: str
    rooms: str
    adults: str
    children: str


@dataclass(frozen=True, slots=True)
class ListingHtml(Page):
    """A listing's own page, and the preview of a draft."""

    template: ClassVar[str] = "traveller/listing/listing.html"

    listing: ListingShown
    months: str
    """Those that the figures of a month are of, or nothing."""
    rooms: Sequence[RoomShown]
    room_options: Sequence[tuple[int, str]]
    """The rooms that are sold, by id and name."""
    form: FormShown
    asked: listing_answer.Shown | None = None
    book_url: str = ""
    """The quote of the room that is chosen."""
    kept: Mapping[str, LinkValue] = field(default_factory=dict)
    """Hidden fields of the form."""
    errors: Mapping[str, str] = field(default_factory=dict)
    quote_url: str = ""
    description: str = ""
    linked_data: Sequence[structured_data.Node] = ()
    preview_back: str = ""
    """Where an operator goes back to who looks at a draft; then nothing can be booked."""
    new_rooms: bool = False
    """The draft adds room types, which have no price yet."""


def page_of(
    shown: Shown, form: StayForm, args: Mapping[str, LinkValue] = MappingProxyType({})
) -> ListingHtml:
    """Return what the page shows of a listing: facts, rooms with today's prices, terms, the form.

    An operator's preview shows the same. ``args`` ask the same of this listing again.
    """
    page, question = shown.page, carried_question.question()
    matrix, span = services().follower.current(), question.span if question else None
    on_sale = matrix.lowest_rates_of(page.card.id)
    lowest = matrix.lowest_rates_of(page.card.id, span)
    rooms = [
        replace(
            presenters.room(
                room,
                month_fen=lowest.get(room.id, 0) * DAYS_A_MONTH,
                board=shown.tariffs.get(room.id, NOTHING_SET).included_board,
            ),
            asked=listing_answer.in_list(shown.asked, room.id, args),
        )
        for room in page.room_types
    ]
    sold = [room for room in rooms if room.id in on_sale]
    chosen = shown.asked.found.room.id if shown.asked else sold[0].id if sold else ""
    return ListingHtml(
        listing=presenters.listing(
            page,
            day=form.arrival,
            policies=[
                cancellation_rules.policy_of(shown.tariffs.get(room.id, NOTHING_SET))
                for room in sold
            ],
        ),
        months=months_between(span.first, span.last) if span else "",
        rooms=rooms,
        room_options=[(room.id, room.name) for room in sold],
        form=_asked(form, reader.either().key("room_type") or chosen),
    )


def _typed(form: StayForm) -> LinkArgs:
    """Return dates and people as arguments of an address; nights alone say nothing."""
    unsaid = () if form.arrive else ("nights", "nights_other")
    return {name: value for name, value in form.args().items() if name not in unsaid}


def _asked(form: StayForm, room_type: int | str) -> FormShown:
    return FormShown(
        room_type=room_type,
        arrive=form.arrival.isoformat() if form.arrival else form.arrive,
        nights="" if form.nights == "any" else form.nights,
        nights_other=form.nights_other,
        rooms=form.rooms or "1",
        adults=form.adults,
        children=form.children,
    )


def origin_asked() -> str:
    """Return the code of the city that a search was made from, when it is that of a division."""
    code = reader.either().sent("from")
    return code if of_adcode(code) else ""
