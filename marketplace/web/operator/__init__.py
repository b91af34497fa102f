"""The operator's console: each view shows and changes things of the own enterprise only."""

from marketplace.web.operator import (
    blocks,
    bookings,
    calendar,
    check_in,
    entry,
    listing_drafts,
    listing_files,
    listing_sections,
    listings,
    prices,
    settling,
    today,
)
from marketplace.web.operator.base import blueprint

__all__ = [
    "blocks",
    "blueprint",
    "bookings",
    "calendar",
    "check_in",
    "entry",
    "listing_drafts",
    "listing_files",
    "listing_sections",
    "listings",
    "prices",
    "settling",
    "today",
]
