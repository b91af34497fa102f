"""The question that a traveller asked, carried from page to page until they ask another.

The pages of results have it in their own address. Every page reached from them has it whole in one
argument, so that whoever looked at a place comes back to what was asked.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import g, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from marketplace.booking.reads.guest_queries import GuestBooking
from marketplace.kernel.stay import Stay
from marketplace.web.context import today
from marketplace.web.forms import reader
from marketplace.web.forms.links import LinkArgs, LinkValue, link_to
from marketplace.web.forms.reader import FormReader
from marketplace.web.forms.stay_form import StayForm, read_stay
from marketplace.web.traveller.base import blueprint
from marketplace.web.traveller.search.question import SearchForm, read_args, read_search

ARGUMENT = "search"
OTHER_ROOMS = "also"
"""The rooms that an address asks for beside the one in its fields: each is one text."""
LONGEST = 3000
"""Characters of a carried question; sixty Chinese characters and every filter need fewer."""
MOST_FIELDS = 60
RESULTS = frozenset({"traveller.search", "traveller.filters", "traveller.search_dates"})
STAYS = frozenset({"traveller.listing", "traveller.quote"})
"""Pages that ask for dates and people themselves."""
PEOPLE = ("rooms", "adults", "children")
WHEN = ("when", "month_from", "month_to", "arrive", "nights", "nights_other")


def question() -> SearchForm | None:
    """Return the question that this page was reached with; ``None`` where nothing was asked."""
    if "question" not in g:
        g.question = _read()
    found: SearchForm | None = g.question
    return found


def take_up(text: str) -> None:
    """Let this page have a question that was kept with answers, and not in its address."""
    g.question = _carried(text)


@blueprint.app_template_global("carried_args")
def args() -> LinkArgs:
    """Return the question as the one argument that carries it; nothing without a question."""
    asked = carried_text()
    return {ARGUMENT: asked} if asked else {}


def carried_text() -> str:
    """Return the question as one text; nothing without a question."""
    asked = question()
    return written(asked) if asked is not None else ""


def written(asked: SearchForm) -> str:
    """Return a question as one text."""
    return urlencode(_whole(asked), doseq=True)


@blueprint.app_template_global("results_again")
def results_again(**changed: LinkValue) -> str:
    """Return the address of the results of the question, some of it ``changed``."""
    asked = question()
    if asked is None:
        return link_to("traveller.search", changed)
    return link_to("traveller.search", asked.args(**changed) if changed else _whole(asked))


@blueprint.app_template_filter("carried")
def carried(url: str) -> str:
    """Return the address of a page of this site with the question carried on."""
    asked = args()
    if not asked:
        return url
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode(asked)) if part)
    return parts._replace(query=query).geturl()


def look_again(found: GuestBooking) -> str:
    """Return the address of a booking's listing that asks for the same stay again.

    Days that are over are not asked for; the people and the room are. Of several kinds of room
    each has people of its own and is asked for by itself: only the days are.
    """
    asked: LinkArgs = {}
    if not found.several:
        room, ages = found.room, found.room.booked.party.children_ages
        asked = {
            "room_type": room.room_type.id,
            "rooms": room.units,
            "adults": room.booked.party.adults,
            "children": len(ages) or None,
            **{f"age_{number}": age for number, age in enumerate(ages, 1)},
        }
    if found.check_in >= today():
        asked |= {"arrive": found.check_in.isoformat(), "nights": found.nights}
    return link_to("traveller.listing", asked, listing_id=found.listing.card.id)


def _whole(asked: SearchForm) -> LinkArgs:
    return asked.args(page=asked.page if asked.page > 1 else None)


def _read() -> SearchForm | None:
    if request.endpoint in RESULTS:
        return read_search(reader.asked(), today=today())
    said = _said()
    before = _carried(said.sent(ARGUMENT))
    if request.endpoint not in STAYS:
        return before
    return _with_stay(before, read_stay(said, today=today()))


def _said() -> FormReader:
    """Return what the address and the form say; of a form that cannot be read, the address."""
    try:
        return reader.either()
    except HTTPException:
        return reader.asked()


def _carried(text: str) -> SearchForm | None:
    """Return the question written in ``text``; what is no question, or too long, carries none."""
    if not text or len(text) > LONGEST:
        return None
    try:
        pairs = parse_qsl(text, max_num_fields=MOST_FIELDS)
    except ValueError:
        return None
    return read_search(FormReader(MultiDict(pairs)), today=today())


def _with_stay(before: SearchForm | None, own: StayForm) -> SearchForm | None:
    """Return the question with the dates and people of a listing's page, which may be newer.

    Dates that lie within those that were asked for leave the question as it was, and so do people
    who were counted already, and those of one room of several.
    """
    values = _said()
    # Of several kinds of room each has people of its own, who are not those of the question.
    people = (
        {}
        if OTHER_ROOMS in values
        else {name: values.sent(name) for name in PEOPLE if name in values}
    )
    if before is None:
        when = _when(own) if own.arrival is not None else {}
        said: LinkArgs = {**people, **when, "from": values.sent("from")}
        return read_args(said, today=today()) if any(said.values()) else None
    counted = before.when.stay
    same = {
        "rooms": own.room_count == counted.room_count,
        "adults": own.adult_count == counted.adult_count,
        "children": own.child_count == counted.child_count,
    }
    newer: LinkArgs = {name: typed for name, typed in people.items() if not same[name]}
    if own.arrival is not None and not _within(before, own.stay):
        newer |= dict.fromkeys(WHEN) | _when(own)
    return read_args(before.args(**newer), today=today()) if newer else before


def _when(own: StayForm) -> LinkArgs:
    return {name: value for name, value in own.args().items() if name in WHEN}


def _within(before: SearchForm | None, stay: Stay | None) -> bool:
    dates = before.when.dates if before is not None else None
    if dates is None or stay is None or dates.nights != stay.nights:
        return False
    return dates.first <= stay.check_in <= dates.last
