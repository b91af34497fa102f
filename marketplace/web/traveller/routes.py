"""Loads every module of traveller views, so that all their routes stand on the blueprint."""

from __future__ import annotations

from marketplace.web.traveller import (
    book,
    change_paying,
    changing,
    closed,
    clusters,
    home,
    join,
    leaving,
    listing,
    mine,
    opendata,
    pages,
    pay,
    places,
    quote,
    rehousing,
    returning,
    search,
    sitemap,
)
from marketplace.web.traveller.base import blueprint

VIEW_MODULES = (
    *(home, join, leaving, search, listing, quote, book, pay, mine, rehousing),
    *(changing, change_paying, returning),
    *(places, closed, clusters, pages, opendata, sitemap),
)

__all__ = ["VIEW_MODULES", "blueprint"]
