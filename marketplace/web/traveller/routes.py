"""Loads every module of traveller views, so that all their routes stand on the blueprint."""

from __future__ import annotations

from marketplace.web.traveller import book, listing, mine, pages, pay, places, search
from marketplace.web.traveller.base import blueprint

VIEW_MODULES = (search, listing, book, pay, mine, places, pages)

__all__ = ["VIEW_MODULES", "blueprint"]
