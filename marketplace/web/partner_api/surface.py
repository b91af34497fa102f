"""The partner API put together: its views by chapter, behind the door of its keys."""

from __future__ import annotations

from marketplace.web.api.field_types import HEX_ID, LARGEST_ID
from marketplace.web.api.surface import PathParameter, Surface
from marketplace.web.partner_api import availability, bookings, feed, holds, rehousing
from marketplace.web.partner_api.authentication import DOOR
from marketplace.web.partner_api.command_desk import run
from marketplace.web.partner_api.problems import PROBLEMS
from marketplace.web.partner_api.schemas import Problem

SURFACE = Surface(
    name="partner_api",
    begins=("/partner/", "/openapi.json"),
    door=DOOR,
    chapters={
        "directory": (feed,),
        "stays": (availability, holds, rehousing, bookings),
    },
    run=run,
    parameters={
        "listing_id": PathParameter(
            f"int(max={LARGEST_ID})", {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}
        ),
        "given": PathParameter("string", {"type": "string", "pattern": f"^{HEX_ID.pattern}$"}),
    },
    problems=PROBLEMS,
    problem=Problem,
)
