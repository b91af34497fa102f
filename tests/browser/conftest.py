"""One running site and one Chromium for each test process; a fresh browser context per visitor."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.browser.site import Site, running
from tests.browser.states import States, prepare

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--lang=zh-CN",
]
LANGUAGE: dict[str, str | float | bool] = {**os.environ, "LANGUAGE": "zh_CN"}
"""Chromium draws date fields in the language of its environment."""
PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 780},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
Visit: TypeAlias = Callable[..., BrowserContext]


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Browser]:
    """The one Chromium of this process."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=str(chromium), args=FLAGS, env=LANGUAGE
        )
        yield started
        started.close()


@pytest.fixture(scope="session")
def site(chromium: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The product, running; not started where there is no browser to look at it."""
    with running(tmp_path_factory.mktemp("site")) as started:
        yield started


@pytest.fixture(scope="session")
def states(site: Site) -> States:
    """A visitor who has a booking in every state, and where each page of theirs is."""
    return prepare(site)


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Visit]:
    """Make a visitor of their own: ``visit(PHONE)``, with a locale or without JavaScript."""
    made: list[BrowserContext] = []

    def new(
        screen: dict[str, Any] = PHONE, *, locale: str = "zh-CN", **more: Any
    ) -> BrowserContext:
        context = browser.new_context(
            **screen,
            locale=locale,
            base_url=site.address,
            extra_http_headers={"X-Forwarded-For": site.new_address()},
            **more,
        )
        context.set_default_timeout(10_000)
        made.append(context)
        return context

    yield new
    for context in made:
        context.close()
