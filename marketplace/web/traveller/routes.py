"""Loads every module of traveller views, so that all their routes stand on the blueprint."""

from __future__ import annotations

from marketplace.web.traveller import (
    book,
    clusters,
    home,
    join,
    listing,
    mine,
    opendata,
    pages,
    pay,
    places,
    quote,
    rehousing,
    search,
    sitemap,
)
from marketplace.web.traveller.base import blueprint

VIEW_MODULES = (
    *(home, join, search, listing, quote, book, pay, mine, rehousing),
    *(places, clusters, pages, opendata, sitemap),
)

__all__ = ["VIEW_MODULES", "blueprint"]
