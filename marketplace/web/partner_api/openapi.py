"""``/openapi.json`` and the page of problems: what anybody may read of this API without a key."""

from __future__ import annotations

from dataclasses import asdict
from functools import lru_cache

from flask import Response, url_for

from marketplace.booking.contract.hold_caps import Caps
from marketplace.web.api.openapi import describe
from marketplace.web.api.problem_page import explained
from marketplace.web.api.responses import JSON
from marketplace.web.context import services
from marketplace.web.partner_api.problems import PROBLEMS
from marketplace.web.partner_api.request_schemas import FORMER_NAMES_END
from marketplace.web.partner_api.surface import SURFACE

TERMS = "Partner terms: show listings with their source and its date; show samples only as samples."
ABOUT = (
    "Stays in Jilin Province for older travellers: what there is, what is free, booked on account. "
    "Amounts are whole fen (1 yuan = 100 fen); nights are dates in Asia/Shanghai, and a stay is "
    "half-open: the day of departure is not a night. Sample data (示例数据) says so."
)
CHANGES = (
    "Changes, as of 28 November 2026. Without notice come new members, event types, problem codes,"
    " operations, and fields and parameters that may be left out: pass over what you do not know."
    " Nothing else changes within /partner/v1 before it stands here for at least a year, beside the"
    " day on which it ends. Ending on"
    f" {FORMER_NAMES_END}: the parameter `after` of feed and events (write `afterChangeNumber`);"
    " `nights` as a number in an answer (read `nights_count`; `nights` is the list of nights)."
)


def openapi() -> Response:
    """The description of this API; it needs no key."""
    response = Response(document(services().caps), content_type=JSON)
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


def problem_page() -> str:
    """What each problem means."""
    return explained(PROBLEMS, description=url_for(".openapi"))


@lru_cache(maxsize=1)
def document(caps: Caps) -> bytes:
    """Return the description; it changes only with the code and the caps of the installation."""
    info = {
        "title": "Snowbird Jilin partner API",
        "version": "1",
        "description": f"{ABOUT}\n\n{CHANGES}",
        "license": {"name": TERMS, "identifier": "LicenseRef-Snowbird-Partner-Terms"},
    }
    return describe(SURFACE, info=info, figures=asdict(caps))
