"""The own listings: the list, a new one, changing one, pausing, going on and archiving."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import redirect, url_for
from werkzeug.wrappers import Response

from catalog.directory.listing_parts import room_types
from catalog.labels import label
from catalog.models import Listing
from catalog.office.listings import own_listings as own
from catalog.office.models import ReviewCase
from catalog.service import move_listing
from catalog.states import CASE_EDITABLE, CASE_OPEN, CaseStatus, ListingStatus, WrongListingState
from catalog.views import RoomTypeView
from catalog.vocabulary import ListingKind
from marketplace.kernel import wishes
from marketplace.kernel.errors import DomainError, Invalid
from marketplace.kernel.wishes import Answer as Kept
from marketplace.kernel.wishes import Wish
from marketplace.staff.roles import Permission
from marketplace.web.auth import needs, own_enterprise, staff
from marketplace.web.context import lang, now, services
from marketplace.web.forms import reader
from marketplace.web.operator.base import blueprint
from marketplace.web.operator.listings.listing_base import Answer, to_draft
from marketplace.web.rendering import pages
from marketplace.web.staff_frame import errors_of, framed, say, warn

LISTING = "/listings/<int(max=2147483647):listing_id>"
SAID = {
    ListingStatus.PAUSED: "已暂停，旅客看不到，也订不了。已有的订单不变",
    ListingStatus.PUBLISHED: "已恢复，旅客又能看到和预订",
    ListingStatus.ARCHIVED: "已归档，不再出售，也不能再恢复",
}
TONES = {
    ListingStatus.PUBLISHED: "good",
    ListingStatus.PAUSED: "wait",
    ListingStatus.SUBMITTED: "info",
    ListingStatus.ARCHIVED: "",
}


@dataclass(frozen=True, slots=True)
class ListingsHtml(pages.Page):
    """The own listings and drafts."""

    template: ClassVar[str] = "operator/listings/listings.html"

    listings: Sequence[own.OwnListing]
    label: Callable[[enum.StrEnum], str]
    tones: Mapping[ListingStatus, str]
    editable: frozenset[CaseStatus]


@dataclass(frozen=True, slots=True)
class NewListingHtml(pages.Page):
    """What kind of listing it shall be, and where."""

    template: ClassVar[str] = "operator/listings/listing_new.html"

    kinds: Sequence[tuple[str, str]]
    sites: Sequence[tuple[int, str]]
    typed: Mapping[str, str]
    errors: Mapping[str, str]
    form_id: str


@dataclass(frozen=True, slots=True)
class ListingHtml(pages.Page):
    """Where a listing stands, and what can be done with it."""

    template: ClassVar[str] = "operator/listings/listing.html"

    listing: Listing
    case: ReviewCase | None
    case_open: bool
    rooms: Sequence[RoomTypeView]
    label: Callable[[enum.StrEnum], str]
    tones: Mapping[ListingStatus, str]
    open_now: bool


@dataclass(frozen=True, slots=True)
class ArchiveHtml(pages.Page):
    """Whether a listing shall be archived for good."""

    template: ClassVar[str] = "operator/listings/listing_archive.html"

    listing: Listing


@blueprint.get("/listings")
@needs(Permission.EDIT_OWN_LISTINGS)
def listings() -> str:
    """List what the enterprise offers and prepares, each with where it stands."""
    with services().database.read() as session:
        found = own.own_listings(session, enterprise_id=own_enterprise())
    return framed(
        ListingsHtml(
            listings=found,
            label=lambda member: label(member, lang()),
            tones=TONES,
            editable=CASE_EDITABLE,
        ),
        nav="listings",
    )


@blueprint.get("/listings/new")
@needs(Permission.EDIT_OWN_LISTINGS)
def new_listing() -> str:
    """Ask what kind of listing it shall be, and where."""
    return _new_page({})


def _new_page(errors: dict[str, str]) -> str:
    with services().database.read() as session:
        sites = own.sites_of(session, own_enterprise())
    return framed(
        NewListingHtml(
            kinds=[(kind.value, label(kind, lang())) for kind in ListingKind],
            sites=[(site.id, site.label) for site in sites],
            typed=reader.posted().texts(("kind", "site_id")),
            errors=errors,
            form_id=services().ids.new_id(),
        ),
        nav="listings",
    )


@blueprint.post("/listings/new")
@needs(Permission.EDIT_OWN_LISTINGS)
def begin_listing() -> Answer:
    """Begin a draft; the same form sent twice leads to the same one."""
    try:
        case_id = _begin_once()
    except Invalid as error:
        return _new_page(errors_of(error)), error.http_status
    return to_draft(case_id)


def _begin_once() -> int:
    form, mine = reader.posted(), own_enterprise()
    kind = form.choice("kind", ListingKind)
    if kind is None:
        raise Invalid({"kind": "请选产品类型"})
    site = form.key("site_id") or 0
    wish = Wish(f"operator:{mine}", f"listing:{form.form_id()}:{kind}:{site}", print_="")
    with services().database.write() as session:
        if kept := wishes.begin(session, wish, now=now()):
            return int(kept.body)
        case = own.begin_new(
            session,
            kind=kind,
            site_id=site,
            author_id=staff().account.id,
            enterprise_id=mine,
            now=now(),
        )
        wishes.keep(session, wish, Kept(201, str(case.id).encode()))
    return case.id


@blueprint.get(LISTING)
@needs(Permission.EDIT_OWN_LISTINGS)
def own_listing(listing_id: int) -> str:
    """Show where a listing stands and what can be done with it."""
    with services().database.read() as session:
        found = own.own_listing(session, listing_id, enterprise_id=own_enterprise())
        case = own.last_case(session, listing_id)
        rooms = room_types(session, [listing_id])
    return framed(
        ListingHtml(
            listing=found,
            case=case,
            case_open=case is not None and case.status in CASE_OPEN,
            rooms=rooms,
            label=lambda member: label(member, lang()),
            tones=TONES,
            open_now=found.status is ListingStatus.PUBLISHED,
        ),
        nav="listings",
    )


@blueprint.post(f"{LISTING}/change")
@needs(Permission.EDIT_OWN_LISTINGS)
def change_listing(listing_id: int) -> Response:
    """Begin to change the facts, or go on with the change that is open; the old ones stay live."""
    try:
        with services().database.write() as session:
            case = own.begin_change(
                session,
                listing_id=listing_id,
                author_id=staff().account.id,
                enterprise_id=own_enterprise(),
                now=now(),
            )
    except WrongListingState as error:
        warn(error.message)
        return _to_listing(listing_id)
    return to_draft(case.id)


@blueprint.get(f"{LISTING}/archive")
@needs(Permission.EDIT_OWN_LISTINGS)
def ask_archive(listing_id: int) -> str:
    """Ask once more before a listing is archived for good."""
    with services().database.read() as session:
        found = own.own_listing(session, listing_id, enterprise_id=own_enterprise())
    return framed(ArchiveHtml(listing=found), nav="listings")


@blueprint.post(f"{LISTING}/move")
@needs(Permission.EDIT_OWN_LISTINGS)
def move_own_listing(listing_id: int) -> Response:
    """Pause a listing, let it go on, or archive it; the office need not be asked."""
    typed = reader.posted().sent("to")
    to = ListingStatus(typed) if typed in SAID else None
    try:
        _move(listing_id, to)
    except DomainError as error:
        if error.http_status != WrongListingState.http_status:
            raise
        warn(error.message)
    else:
        say(SAID[ListingStatus(typed)])
    return _to_listing(listing_id)


def _move(listing_id: int, to: ListingStatus | None) -> None:
    """Move an own listing that the office has accepted; raises ``WrongListingState`` otherwise."""
    with services().database.write() as session:
        found: Listing = own.own_listing(session, listing_id, enterprise_id=own_enterprise())
        if to is None or found.status in (ListingStatus.DRAFT, ListingStatus.SUBMITTED):
            raise WrongListingState(extra={"state": found.status.value})
        move_listing(session, listing_id=listing_id, to=to, actor=staff().actor, now=now())


def _to_listing(listing_id: int) -> Response:
    return redirect(url_for("operator.own_listing", listing_id=listing_id), 303)
