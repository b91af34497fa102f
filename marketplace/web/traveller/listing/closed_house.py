"""A place that takes no guests for now says so, and leads to what is near and can be had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar, TypeAlias

from flask import Response, request
from sqlalchemy.orm import Session

from catalog import queries
from catalog.states import EnterpriseStatus, ListingStatus
from catalog.views import EnterprisePage, ListingPage, SiteView
from marketplace.kernel.errors import NotFound
from marketplace.offers.search import search_service as offers
from marketplace.offers.search.search_types import Near
from marketplace.web.context import address, services, today
from marketplace.web.errors import answer, words_of
from marketplace.web.forms import reader
from marketplace.web.protection import limits
from marketplace.web.rendering import price_words
from marketplace.web.rendering.pages import Page, html
from marketplace.web.rendering.price_words import Named
from marketplace.web.traveller.base import blueprint
from marketplace.web.traveller.search.cards import Card, Seen, card
from marketplace.web.traveller.search.question import SearchForm, read_search

MOST_NEIGHBOURS = 4
WAS_SHOWN = {ListingStatus.PUBLISHED, ListingStatus.PAUSED}
Answer: TypeAlias = Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class ClosedHtml(Page):
    """A place that takes no guests for now."""

    template: ClassVar[str] = "traveller/listing/closed.html"

    name: Named
    is_sample: bool
    suspended: bool
    """By the directory office; else its host has stopped selling it."""
    neighbours: Sequence[Card]


@blueprint.errorhandler(NotFound)
def not_found(error: NotFound) -> Answer:
    """Answer for a listing or an entry that is not there: it may only be closed for now."""
    given = request.view_args or {}
    with services().database.read() as session:
        if "listing_id" in given:
            found = _closed_listing(session, given["listing_id"])
        else:
            found = _closed_entry(session, given.get("code", ""))
    if found is None:
        return answer(error.http_status, error.code, words_of(error), {})
    return html(found), HTTPStatus.OK if request.method == "GET" else HTTPStatus.CONFLICT


def _closed_listing(session: Session, listing_id: int) -> ClosedHtml | None:
    """Return what to tell of a listing that was shown once and is not on sale."""
    found = queries.listing_pages(session, [listing_id], hidden_too=True, bare=True)
    if not found or found[0].card.status not in WAS_SHOWN:
        return None
    page: ListingPage = found[0]
    house = _entry(session, page.card.enterprise_code)
    if house is None or house.card.status is EnterpriseStatus.DELISTED:
        return None
    suspended = house.card.status is EnterpriseStatus.SUSPENDED
    if not suspended and page.card.status is ListingStatus.PUBLISHED:
        return None
    return ClosedHtml(
        name=price_words.named(page.card.name_zh, page.card.name_en),
        is_sample=page.card.is_sample,
        suspended=suspended,
        neighbours=_neighbours(session, page.site, without=page.card.enterprise_code),
    )


def _closed_entry(session: Session, code: str) -> ClosedHtml | None:
    """Return what to tell of an entry of the directory that is suspended."""
    house = _entry(session, code)
    if house is None or house.card.status is not EnterpriseStatus.SUSPENDED:
        return None
    return ClosedHtml(
        name=price_words.named(house.card.name_zh, house.card.name_en),
        is_sample=house.card.is_sample,
        suspended=True,
        neighbours=_neighbours(session, house.site, without=code) if house.site else [],
    )


def _entry(session: Session, code: str) -> EnterprisePage | None:
    try:
        return queries.enterprise_page(session, code, suspended_too=True)
    except NotFound:
        return None


def _neighbours(session: Session, site: SiteView, *, without: str) -> list[Card]:
    """Return what is on sale near a place as cards, for the dates and people asked for."""
    limits.spend(limits.SEARCH, "search", address())
    near = Near("", site.town_zh, site.town_en, site.lat, site.lon, site.coord_error_km)
    form: SearchForm = read_search(reader.either(), today=today())
    tools = services()
    found = offers.search(
        session,
        query=form.around(near, size=MOST_NEIGHBOURS),
        matrix=tools.follower.current(),
        words=tools.words,
    )
    seen = Seen(form=form, near=near)
    return [card(one, seen) for one in found.page.items if one.card.enterprise_code != without]
