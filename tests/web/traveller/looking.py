"""What tests of the search pages share: listings to find, and a way to read what was found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import sqlalchemy as sa

from catalog.search import refresh
from marketplace.bootstrap import Services
from marketplace.kernel import changes
from tests.factories import Room, make_enterprise, make_listing, make_room
from tests.web.traveller.visitor import Form, Page

ARRIVE = "2027-07-01"
STAY = f"/search?arrive={ARRIVE}&nights=30&adults=2"


def index_all(services: Services) -> None:
    """Build the word index over everything there is."""
    changes.sequence(services.database)
    refresh.build(services.index, services.database)


@contextmanager
def counted(services: Services) -> Iterator[list[str]]:
    """Collect what pages ask of the database; that they begin asking does not count."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement != "BEGIN":
            sent.append(statement)

    engine = services.database.read_engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def names(page: Page) -> list[str]:
    """Return the listings linked on a page of results, in order."""
    return [
        urlsplit(link).path for link in page.links if urlsplit(link).path.startswith("/listings/")
    ]


def dates_form(page: Page) -> Form:
    """Return the form that asks for dates and people; the one for words keeps them hidden."""
    return [form for form in page.forms if "nights" in form.names][-1]


def questions(page: Page, path: str = "/search") -> list[dict[str, list[str]]]:
    """Return the arguments of every link on a page that asks another question."""
    parts = [urlsplit(link) for link in page.links]
    return [parse_qs(part.query) for part in parts if part.path == path]


def more_listings(services: Services, count: int, **facts: object) -> list[Room]:
    """Make listings of one new operator, each a little dearer than the one before."""
    with services.database.write() as session:
        enterprise_id = make_enterprise(session)
        return [
            make_room(
                session,
                listing_id=make_listing(session, enterprise_id=enterprise_id, **facts),
                list_fen=10_000 + 100 * number,
            )
            for number in range(count)
        ]
