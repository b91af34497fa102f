"""The partner API: the listings feed and stays booked by program. No cookies, no pages."""

from __future__ import annotations

from marketplace.web.api import problem_page
from marketplace.web.partner_api import availability, feed, holds, openapi, rehousing
from marketplace.web.partner_api.authentication import blueprint

__all__ = ["availability", "blueprint", "feed", "holds", "openapi", "problem_page", "rehousing"]
