"""One listing, and the itemised quote for one of its rooms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from catalog.provinces import of_adcode
from catalog.queries import listing_page
from catalog.views import ListingPage
from marketplace.booking import drafts, rules
from marketplace.booking.drafts import Answers
from marketplace.kernel.errors import Invalid
from marketplace.kernel.stay import Stay
from marketplace.offers.glance import glance
from marketplace.pricing.quote import DAYS_A_MONTH
from marketplace.web import limits
from marketplace.web.context import address, now, services, today
from marketplace.web.errors import fields_of, words_of
from marketplace.web.traveller import access, presenters, structured
from marketplace.web.traveller.base import blueprint
from marketplace.web.traveller.engines import in_language
from marketplace.web.traveller.forms import StayForm, read_ages, read_stay
from marketplace.web.traveller.quoting import Outcome, room_of, stay_wished, work_out

Answer: TypeAlias = str | Response | tuple[str, int]
LARGEST_TOTAL_FEN = 10**13


@blueprint.get("/listings/<int(max=2147483647):listing_id>")
def listing(listing_id: int) -> str:
    """Show a listing: rooms, getting about, terms, and the form that asks for a price."""
    with services().database.read() as session:
        page = listing_page(session, listing_id)
    return _listing_html(page, read_stay(request.args, today=today()), {})


def _listing_html(page: ListingPage, form: StayForm, errors: Mapping[str, str]) -> str:
    matrix = services().follower.current()
    lowest = matrix.lowest_rates_of(page.card.id)
    rooms = [
        presenters.room(room, month_fen=lowest.get(room.id, 0) * DAYS_A_MONTH)
        for room in page.room_types
    ]
    sold = [room for room in rooms if room["month_fen"]]
    return render_template(
        "traveller/listing.html",
        listing=presenters.listing(page, day=form.arrival),
        rooms=rooms,
        room_options=[(room["id"], room["name"]) for room in sold],
        form={
            **form.args(),
            "arrive": form.arrival.isoformat() if form.arrival else form.arrive,
            "room_type": request.values.get("room_type") or (sold[0]["id"] if sold else ""),
            "rooms": form.rooms or "1",
            "nights": "" if form.nights == "any" else form.nights,
            "from": _origin_asked(),
        },
        errors=errors,
        quote_url=url_for("traveller.quote", listing_id=page.card.id),
        description=in_language(page.card.summary_zh, page.card.summary_en),
        linked_data=structured.listing(page, glance(matrix, page.card.id)),
    )


@blueprint.route("/listings/<int(max=2147483647):listing_id>/quote", methods=["GET", "POST"])
def quote(listing_id: int) -> Answer:
    """Show the price of a stay line by line, or the nearest free days; a POST begins to book it."""
    if request.method == "POST":
        return _start_booking(listing_id)
    form = read_stay(request.args, today=today())
    try:
        found = _work_out(listing_id, form)
    except Invalid as invalid:
        return _ask_again(listing_id, form, invalid)
    return _quote_html(found, form, {})


def _work_out(listing_id: int, form: StayForm) -> Outcome:
    matrix = services().follower.current()
    with services().database.read() as session:
        return work_out(
            session,
            listing_id=listing_id,
            room_type_id=request.values.get("room_type", type=int),
            form=form,
            matrix=matrix,
            today=today(),
        )


def _ask_again(listing_id: int, form: StayForm, invalid: Invalid) -> tuple[str, int]:
    """Show the listing with its form: every fault named, everything typed kept."""
    with services().database.read() as session:
        page = listing_page(session, listing_id)
    return _listing_html(page, form, fields_of(invalid)), 422


def _quote_html(found: Outcome, form: StayForm, errors: Mapping[str, str]) -> str:
    args: dict[str, Any] = {**form.args(), "room_type": found.room_type.id}
    if origin := _origin_asked():
        args["from"] = origin
    listing_id = found.page.card.id
    return render_template(
        "traveller/quote.html",
        listing=presenters.listing(found.page, day=found.stay.check_in),
        room=presenters.room(found.room_type, month_fen=0),
        quote=_priced(found, form),
        refused=words_of(found.refusal) if found.refusal else None,
        windows=[
            {
                "arrive": window.stay.check_in,
                "depart": window.stay.check_out,
                "nights": window.stay.nights,
                "total_fen": window.total_fen,
                "url": url_for(
                    "traveller.quote",
                    listing_id=listing_id,
                    **{**args, "arrive": window.stay.check_in.isoformat()},
                ),
            }
            for window in found.windows
        ],
        payee=services().settings.payee,
        ages=[request.values.get(f"age_{n + 1}", "") for n in range(form.child_count)],
        book_url=url_for("traveller.quote", listing_id=listing_id),
        book_fields={**args, "seen_total_fen": found.priced.quote.total_fen}
        if found.priced
        else {},
        errors=errors,
        change_url=url_for("traveller.listing", listing_id=listing_id, _anchor="ask", **args),
    )


def _priced(found: Outcome, form: StayForm) -> dict[str, Any] | None:
    if found.priced is None:
        return None
    priced = found.priced.quote
    return {
        "arrive": found.stay.check_in,
        "depart": found.stay.check_out,
        "nights": found.stay.nights,
        "rooms": priced.rooms,
        "adults": form.adult_count,
        "children": form.child_count,
        "total_fen": priced.total_fen,
        "month_fen": priced.month_fen,
        "night_fen": priced.night_fen,
        "lines": presenters.quote_lines(priced),
        "terms": presenters.terms(
            rules.policy_of(found.priced.terms),
            total_fen=priced.total_fen,
            check_in=found.stay.check_in,
            today=today(),
        ),
    }


def _start_booking(listing_id: int) -> Answer:
    """Keep what is to be booked, with what the visitor answered earlier, and go on to step 1."""
    limits.spend(limits.DRAFT, "draft", address())
    form = read_stay(request.form, today=today())
    errors: dict[str, str] = {}
    ages = read_ages(request.form, count=form.child_count, errors=errors)
    try:
        stay = stay_wished(form, today=today())
        if errors:
            found = _work_out(listing_id, form)
            return _quote_html(found, form, presenters.translated(errors)), 422
    except Invalid as invalid:
        return _ask_again(listing_id, form, invalid)
    _keep(listing_id, form, stay, ages)
    return redirect(url_for("traveller.book_who"), 303)


def _keep(listing_id: int, form: StayForm, stay: Stay, ages: tuple[int, ...]) -> None:
    new_id = services().ids.new_token()
    with services().database.write() as session:
        # The consent will name this listing's operator, so the room must be one of its rooms.
        page = listing_page(session, listing_id)
        room = room_of(page, request.form.get("room_type", type=int))
        earlier = drafts.load(session, draft_id=access.draft_id(), now=now())
        answers = Answers(
            listing_id=listing_id,
            room_type_id=room.id,
            arrive=stay.check_in,
            nights=stay.nights,
            rooms=form.room_count,
            adults=form.adult_count,
            children_ages=ages,
            seen_total_fen=_seen_total(),
            lead_name=earlier.lead_name if earlier else "",
            for_family=earlier.for_family if earlier else None,
            phone=earlier.phone if earlier else "",
            source_province=_province_asked() or (earlier.source_province if earlier else ""),
        )
        drafts.save(session, draft_id=new_id, answers=answers, now=now())
    access.remember_draft(new_id)


def _origin_asked() -> str:
    """Return the code of the city that a search was made from, when it is that of a division."""
    code = request.values.get("from", "")
    return code if of_adcode(code) else ""


def _province_asked() -> str:
    """Return the province of that city, in Chinese; nothing when the search named none."""
    return of_adcode(_origin_asked())


def _seen_total() -> int:
    """Return the total that the form says was shown; what cannot be one counts as none seen."""
    fen = request.form.get("seen_total_fen", 0, type=int)
    return fen if 0 <= fen <= LARGEST_TOTAL_FEN else 0
