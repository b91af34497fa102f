"""The partner API: the listings feed and stays booked by program. No cookies, no pages."""

from __future__ import annotations

from marketplace.web.partner_api import (
    feed,
    holds,
    problem_page,
    rehousing,
    specification,
    stays,
)
from marketplace.web.partner_api.door import blueprint

__all__ = ["blueprint", "feed", "holds", "problem_page", "rehousing", "specification", "stays"]
