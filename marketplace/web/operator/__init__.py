"""The operator's console: each view shows and changes things of the own enterprise only."""

from marketplace.web.operator import (
    blocks,
    bookings,
    calendar,
    check_in,
    entry,
    prices,
    stay_endings,
    today,
)
from marketplace.web.operator.base import blueprint
from marketplace.web.operator.listings import (
    listing_drafts,
    listing_files,
    listing_sections,
    own_listings,
)

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
    "own_listings",
    "prices",
    "stay_endings",
    "today",
]
