"""Pages kept in memory: the same page for the same question, never one that is out of date."""

from __future__ import annotations

import datetime as dt

import pytest
from flask.testing import FlaskClient

from marketplace.bootstrap import Services
from marketplace.inventory.calendar import CalendarEdit, apply
from marketplace.kernel.audit import Actor
from marketplace.kernel.clock import SetClock
from marketplace.web.rendering import page_cache
from marketplace.web.rendering.page_cache import KeptPages
from tests.factories import NOW, Room
from tests.web.traveller.looking import counted

SEARCH = "/search?arrive=2027-07-01&nights=30"


def close(services: Services, room: Room, *, closed: bool) -> None:
    day = dt.date(2027, 7, 5)
    with services.database.write() as session:
        edit = CalendarEdit(room.pool_id, day, day + dt.timedelta(days=1), closed=closed)
        apply(session, edit=edit, actor=Actor("staff", "1"), now=NOW)


def statements(services: Services, client: FlaskClient, path: str = SEARCH) -> tuple[str, int]:
    """Return a page, and how many statements it took."""
    with counted(services) as sent:
        page = client.get(path).text
    return page, len(sent)


def test_the_second_asker_gets_the_same_page_for_less(
    services: Services, client: FlaskClient, loaded: Room
) -> None:
    first, many = statements(services, client)
    second, few = statements(services, client)
    assert first == second
    assert few < many


def test_a_change_makes_a_new_page_at_once(
    services: Services, client: FlaskClient, loaded: Room
) -> None:
    link = f"/listings/{loaded.listing_id}"
    open_first = client.get(SEARCH).text
    close(services, loaded, closed=True)
    shut = client.get(SEARCH).text
    close(services, loaded, closed=False)
    open_again = client.get(SEARCH).text
    assert f"{link}?arrive=2027-07-01" in open_first
    assert f"{link}?arrive=2027-07-01" not in shut
    assert f"{link}?arrive=2027-07-01" in open_again


def test_language_size_and_day_make_other_pages(
    client: FlaskClient, loaded: Room, clock: SetClock
) -> None:
    chinese = client.get(SEARCH).text
    assert 'lang="en"' in client.get("/en" + SEARCH).text
    client.set_cookie("size", "150")
    assert 'data-size="150"' in client.get(SEARCH).text
    client.delete_cookie("size")
    assert client.get(SEARCH).text == chinese
    clock.set(NOW + dt.timedelta(days=60))
    assert client.get(SEARCH).status_code == 422


def test_faulty_questions_and_endless_ones_are_not_kept(
    services: Services, client: FlaskClient, loaded: Room
) -> None:
    client.get(SEARCH)
    for path in (SEARCH + "&adults=99", SEARCH + "&x=" + "y" * 600):
        _, first = statements(services, client, path)
        _, second = statements(services, client, path)
        assert first == second > 0


def test_old_pages_and_too_many_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = KeptPages()
    for number in range(page_cache.MOST_PAGES + 1):
        pages.put(number, "state", (str(number), 200))
    assert pages.get(0, "state") is None
    assert pages.get(1, "state") == ("1", 200)
    assert pages.get(1, "another state") is None
    monkeypatch.setattr(page_cache, "MOST_SECONDS", -1.0)
    assert pages.get(2, "state") is None
