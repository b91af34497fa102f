"""Pages that say what went wrong keep the numbers too: people meet them when they are troubled."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

import pytest
from playwright.sync_api import Route

from marketplace.web import errors
from marketplace.web.i18n import translate
from tests.browser.conftest import PHONE, Visit
from tests.browser.measuring import measure, violations, watch
from tests.browser.site import Site
from tests.browser.test_pages import axe

pytestmark = pytest.mark.browser

STATUSES = (
    HTTPStatus.METHOD_NOT_ALLOWED,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
"""What no address of a sound site leads to; 404 is measured where there is nothing."""


def page_of(site: Site, status: HTTPStatus, size: int) -> str:
    """Return the page that answers a failure, as the handlers make it."""
    cookie = {"Cookie": f"size={size}"}
    with site.app.test_request_context("/failing", base_url=site.address, headers=cookie):
        site.app.preprocess_request()
        words = translate(errors.PAGE_MESSAGES[status])
        return errors.answer(status, "some_code", words, {}).get_data(as_text=True)


def answering(status: HTTPStatus, html: str) -> Callable[[Route], None]:
    """Return what answers a request with the page, in place of the site."""

    def answer(route: Route) -> None:
        route.fulfill(status=status, body=html, content_type="text/html; charset=utf-8")

    return answer


@pytest.mark.parametrize("status", STATUSES)
def test_an_error_page_keeps_the_numbers(status: HTTPStatus, visit: Visit, site: Site) -> None:
    page = visit(PHONE).new_page()
    heard = watch(page)
    found: list[str] = []
    for size in (100, 150):
        html = page_of(site, status, size)
        page.route("**/failing", answering(status, html))
        answer = page.goto("/failing")
        assert answer is not None
        assert answer.status == status
        assert f'data-size="{size}"' in html
        for width in (360, 320):
            page.set_viewport_size({"width": width, "height": 780})
            found += violations(
                measure(page), viewport_width=width, size=size, kind="browse", console=heard
            )
    found += axe(page, 360) + axe(page, 1280)
    assert found == []
