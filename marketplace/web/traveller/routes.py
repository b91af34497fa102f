"""Loads every module of traveller views, so that all their routes stand on the blueprint."""

from __future__ import annotations

from marketplace.web.traveller import home, pages
from marketplace.web.traveller.base import blueprint
from marketplace.web.traveller.checkout import booking_steps, more_rooms, payment_pages, quote_pages
from marketplace.web.traveller.directory import clusters, directory_pages, join, open_data
from marketplace.web.traveller.listing import closed_house, listing_page
from marketplace.web.traveller.my_booking import (
    booking_pages,
    change_pages,
    change_payment,
    leave_device,
    rehousing,
    return_pages,
)
from marketplace.web.traveller.search import search_pages
from marketplace.web.traveller.seo import sitemap

VIEW_MODULES = (
    *(
        home,
        join,
        leave_device,
        search_pages,
        listing_page,
        quote_pages,
        more_rooms,
        booking_steps,
        payment_pages,
        booking_pages,
        rehousing,
    ),
    *(change_pages, change_payment, return_pages),
    *(directory_pages, closed_house, clusters, pages, open_data, sitemap),
)

__all__ = ["VIEW_MODULES", "blueprint"]
