"""Pages that say the same to everybody, kept in memory as long as what they rest on stands.

The doors of the home page lead thousands of people to the same few searches. A page is kept under
what was asked and dropped with the next change of anything sold, so it is never older than a page
made anew, by more than the second after which a process looks at the change log.
"""

from __future__ import annotations

import functools
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import ParamSpec

from flask import current_app, g, request

from marketplace.web.context import services, today

MOST_PAGES = 200
MOST_SECONDS = 60.0
"""The oldest a kept page gets: figures of cities and trains are not in the change log."""
LONGEST_QUESTION = 500
"""Bytes of a query string; longer ones are nobody's usual search."""
Page = tuple[str | bytes, int]
P = ParamSpec("P")
FORM_TOKEN = "csrf_token"  # noqa: S105 - a name
"""What a request has once it made the token of a form, which is one browser's own."""


class KeptPages:
    """The pages of one process; the least recently asked for make room."""

    def __init__(self) -> None:
        """Begin empty."""
        self._lock = threading.Lock()
        self._pages: OrderedDict[Hashable, tuple[float, Hashable, Page]] = OrderedDict()

    def get(self, asked: Hashable, standing: Hashable) -> Page | None:
        """Return the page for ``asked`` if it was made while the same was ``standing``."""
        with self._lock:
            kept = self._pages.get(asked)
            if kept is None:
                return None
            made_at, stood, page = kept
            if stood != standing or time.monotonic() - made_at > MOST_SECONDS:
                del self._pages[asked]
                return None
            self._pages.move_to_end(asked)
            return page

    def put(self, asked: Hashable, standing: Hashable, page: Page) -> None:
        """Keep a page."""
        with self._lock:
            self._pages[asked] = (time.monotonic(), standing, page)
            self._pages.move_to_end(asked)
            while len(self._pages) > MOST_PAGES:
                self._pages.popitem(last=False)


def kept(make: Callable[[], Page]) -> Page:
    """Return the page of this request: the one that is kept, or else the one that ``make`` makes.

    Only for pages that depend on the address, the language, the text size and what is sold.
    Answers other than 200 are made each time, and so is a page with the token of a form.
    """
    pages: KeptPages = current_app.extensions["kept_pages"]
    # What stands is read before the page is made: a page can only be newer than it says.
    standing = (today(), services().follower.current().state, services().words.state())
    asked = (request.script_root, request.path, request.query_string, g.get("lang"), g.get("size"))
    if len(request.query_string) > LONGEST_QUESTION:
        return make()
    page = pages.get(asked, standing)
    if page is None:
        text, status = make()
        page = (text.encode() if isinstance(text, str) else text, status)
        if status == 200 and FORM_TOKEN not in g:  # noqa: PLR2004 - of a page that is whole
            pages.put(asked, standing, page)
    return page


def kept_view(view: Callable[P, str | Page]) -> Callable[P, Page]:
    """Let the pages of a view be ``kept``."""

    @functools.wraps(view)
    def looked_up(*args: P.args, **kwargs: P.kwargs) -> Page:
        def make() -> Page:
            made = view(*args, **kwargs)
            return made if isinstance(made, tuple) else (made, 200)

        return kept(make)

    return looked_up
