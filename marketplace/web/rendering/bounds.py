"""The limits that templates name, each from what enforces it: ``bounds`` in every template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from catalog.bulk import reasons
from catalog.office.cases.case_facts import LONGEST_SOURCE
from catalog.office.cases.case_lifecycle import LONGEST_REMARK
from catalog.office.cases.review_queue import SOON
from catalog.office.entries import credit_code, entry_faults
from catalog.office.evidence import documents
from catalog.office.licences.licence_expiry import WARN_DAYS
from catalog.office.listings import listing_schema
from catalog.office.listings.listing_schema import Number, Text
from catalog.office.photos import photo_intake, photo_problems, photo_texts
from catalog.service import LONGEST_REASON
from marketplace.booking.contract import guests
from marketplace.booking.contract.cancellation_rules import HOLD_SHOWN, UNDO_WITHIN
from marketplace.booking.reads import staff_queries
from marketplace.booking.rehousing.rehousing_service import MOST_OFFERS
from marketplace.inventory import calendar
from marketplace.kernel import audit_queries
from marketplace.kernel.messages import megabytes, minutes
from marketplace.kernel.stay import LONGEST_NIGHTS
from marketplace.offers.quoting.stay_offers import CHILD_WHEN_UNSAID, MOST_ROOMS
from marketplace.offers.search.search_types import FLEXIBLE_DAYS
from marketplace.pricing.nights.quote import DAYS_A_MONTH
from marketplace.pricing.nights.terms import OLDEST_CHILD
from marketplace.staff import passwords, second_factor, signup
from marketplace.web.forms.field_sizes import SIZES, FieldSizes
from marketplace.web.forms.stay_form import MOST_ADULTS, MOST_CHILDREN, SET_NIGHTS
from marketplace.web.i18n import translate


@dataclass(frozen=True, slots=True)
class Bounds:
    """Lengths in symbols, spans in the unit that the name says."""

    hold_minutes: int = minutes(HOLD_SHOWN)
    undo_minutes: int = minutes(UNDO_WITHIN)
    most_nights: int = LONGEST_NIGHTS
    most_rooms: int = MOST_ROOMS
    most_adults: int = MOST_ADULTS
    most_children: int = MOST_CHILDREN
    oldest_child: int = OLDEST_CHILD
    set_nights: tuple[str, ...] = SET_NIGHTS
    """The numbers of nights that a form offers; another is typed."""
    month_nights: int = DAYS_A_MONTH
    """So many nights make the month that prices are compared by."""
    flexible_days: int = FLEXIBLE_DAYS
    child_age: int = CHILD_WHEN_UNSAID
    """A child counts as so old while its age is not asked."""
    credit_code: int = credit_code.LENGTH
    note: int = entry_faults.LONGEST_NOTE
    entry_photos: int = entry_faults.MOST_PHOTOS
    listing_photos: int = listing_schema.MOST_PHOTOS
    photo_width: int = photo_problems.LEAST_WIDTH
    """In pixels."""
    photo_megabytes: int = megabytes(photo_intake.MOST_BYTES)
    document_megabytes: int = megabytes(documents.MOST_BYTES)
    import_megabytes: int = megabytes(reasons.MOST_BYTES)
    listing_texts: Mapping[str, Text] = field(default_factory=lambda: listing_schema.TEXTS)
    listing_numbers: Mapping[str, Number] = field(default_factory=lambda: listing_schema.NUMBERS)
    part_texts: Mapping[str, Mapping[str, Text]] = field(
        default_factory=lambda: listing_schema.PART_TEXTS
    )
    part_numbers: Mapping[str, Mapping[str, Number]] = field(
        default_factory=lambda: listing_schema.PART_NUMBERS
    )
    """Of room types, time slots and berth classes, as a listing's document names them."""
    photo_text: int = photo_texts.LONGEST_ALT
    photo_text_en: int = photo_texts.LONGEST_ALT_EN
    source: int = LONGEST_SOURCE
    block_reason: int = calendar.LONGEST_REASON
    licence_warnings: tuple[int, ...] = WARN_DAYS
    """Days before the end of a licence, the earliest first."""
    licence_days: int = SOON.days
    bookings_exported: int = staff_queries.MOST_EXPORTED
    trail_exported: int = audit_queries.MOST_EXPORTED
    offers: int = MOST_OFFERS
    refresh_seconds: int = 3
    """After so long a page that waits for work in the background looks again."""
    reason: int = LONGEST_REASON
    remark: int = LONGEST_REMARK
    shortest_password: int = passwords.SHORTEST
    longest_password: int = passwords.LONGEST
    guest_name: int = guests.MOST_NAME
    sleepers: int = guests.MOST_SLEEPERS
    contact_name: int = signup.LONGEST_NAME
    shortest_login: int = signup.SHORTEST_LOGIN
    longest_login: int = signup.LONGEST_LOGIN
    sizes: FieldSizes = SIZES
    code_digits: int = second_factor.DIGITS


BOUNDS = Bounds()


def nights_offered() -> list[tuple[str, str]]:
    """Return the numbers of nights that a form offers, with their words."""
    return [(number, translate("%(n)s晚", n=number)) for number in SET_NIGHTS]
