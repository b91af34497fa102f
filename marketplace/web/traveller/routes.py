"""Loads every module of traveller views, so that all their routes stand on the blueprint."""

from __future__ import annotations

from marketplace.web.traveller import (
    book,
    clusters,
    home,
    listing,
    mine,
    pages,
    pay,
    places,
    search,
    sitemap,
)
from marketplace.web.traveller.base import blueprint

VIEW_MODULES = (home, search, listing, book, pay, mine, places, clusters, pages, sitemap)

__all__ = ["VIEW_MODULES", "blueprint"]
