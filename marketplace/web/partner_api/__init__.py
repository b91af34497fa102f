"""The partner API: the listings feed and stays booked by program. No cookies, no pages."""

from __future__ import annotations

from marketplace.web.partner_api import openapi
from marketplace.web.partner_api.surface import SURFACE

__all__ = ["blueprint"]

blueprint = SURFACE.blueprint(
    {"/openapi.json": openapi.openapi, "/docs/problems": openapi.problem_page}
)
