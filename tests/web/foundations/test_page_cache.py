"""Pages kept in memory: the same page for the same question, never one that is out of date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf

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


def told_to_everybody(room: Room) -> tuple[str, ...]:
    listing = f"/listings/{room.listing_id}"
    return (
        *("/", "/clusters", "/clusters/jian", "/themes", "/themes/forest", "/directory", listing),
        *(f"{listing}?arrive=2027-06-25&nights=30&adults=2", "/directory?q=jian", SEARCH),
    )


def test_what_is_told_to_everybody_is_kept_and_dropped_with_the_next_change(
    services: Services, client: FlaskClient, loaded: Room
) -> None:
    pages = client.application.extensions["kept_pages"]._pages
    for number, path in enumerate(told_to_everybody(loaded), 1):
        first, many = statements(services, client, path)
        second, few = statements(services, client, path)
        assert (len(pages), first) == (number, second)
        assert few <= many
    before = dict(pages)
    close(services, loaded, closed=True)
    for path in told_to_everybody(loaded):
        client.get(path)
    assert pages.keys() == before.keys()
    # Each was made anew, whether or not it says something else now.
    assert all(pages[asked][0] > before[asked][0] for asked in pages)


def test_nothing_of_anybodys_own_is_kept(
    services: Services, client: FlaskClient, loaded: Room
) -> None:
    """Who has bookings and forms of their own under way asks first; a stranger gets the same."""
    with client.session_transaction() as own:
        own.update(bookings=["b" * 32], drafts=["d" * 32], csrf_token="t" * 40, _user_id="7")
    client.set_cookie("anything", "of-my-own-7341")
    stranger = client.application.test_client()
    for path in told_to_everybody(loaded):
        mine = client.get(path)
        assert stranger.get(path).data == mine.data
        assert "Set-Cookie" not in mine.headers
    pages = client.application.extensions["kept_pages"]._pages
    assert len(pages) == len(told_to_everybody(loaded))
    for _, _, (page, _) in pages.values():
        text = page.decode().lower()
        for word in ("csrf", "nonce", "b" * 32, "d" * 32, "t" * 40, "7341"):
            assert word not in text


@pytest.mark.parametrize(
    ("own", "times"),
    [(generate_csrf, 2), (lambda: None, 1)],
    ids=["with", "without"],
)
def test_a_page_with_the_token_of_a_form_is_made_each_time(
    client: FlaskClient, own: Callable[[], object], times: int
) -> None:
    made = list[object]()

    def make() -> page_cache.Page:
        made.append(own())
        return "", 200

    for _ in range(2):
        with client.application.test_request_context("/somewhere"):
            page_cache.kept(make)
    assert len(made) == times
