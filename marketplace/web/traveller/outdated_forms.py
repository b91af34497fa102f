"""Forms about a booking say what they showed; one that no longer fits is answered with both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for
from pydantic import TypeAdapter

from marketplace.booking.changes.change_checks import Seen
from marketplace.booking.reads.guest_queries import GuestBooking
from marketplace.kernel.money import money
from marketplace.pricing.nights.selection import StaySelection
from marketplace.web.i18n import translate
from marketplace.web.traveller import sealed_forms
from marketplace.web.traveller.my_booking import change_texts

BOOKING = "booking"
_CHOSEN = TypeAdapter(StaySelection)


def _write(chosen: StaySelection) -> str:
    return _CHOSEN.dump_json(chosen).decode()


@dataclass(frozen=True, slots=True)
class FormShown:
    """What stood above the button of a form about a booking."""

    seen: Seen
    sum_fen: int
    """What the button pays back, or what the change costs: below zero it pays back."""
    wish: StaySelection | None
    """The stay that a form about a change is to make."""
    item: int | None
    """The number of the item that a form about one alone is about."""


def seal(
    found: GuestBooking,
    *,
    sum_fen: int,
    wish: StaySelection | None = None,
    item: int | None = None,
) -> str:
    """Return what a page shows of a booking and of what its button does, as one sealed text."""
    seen = found.seen
    facts: sealed_forms.Facts = {
        "rooms": [_write(room) for room in seen.rooms],
        "total": seen.total_fen,
        "waiting": seen.waiting,
        "sum": sum_fen,
    }
    if wish is not None:
        facts["wish"] = _write(wish)
    if item is not None:
        facts["item"] = item
    return sealed_forms.seal(f"{BOOKING}:{found.id}", facts)


def opened(booking_id: str) -> FormShown | None:
    """Return what this request's form showed of the booking; ``None`` when it does not say."""
    facts = sealed_forms.opened(f"{BOOKING}:{booking_id}")
    if facts is None or "rooms" not in facts:  # pages of before said it in another way
        return None
    rooms = tuple(_CHOSEN.validate_json(text) for text in facts["rooms"])
    wish = _CHOSEN.validate_json(facts["wish"]) if "wish" in facts else None
    seen = Seen(rooms, facts["total"], facts["waiting"])
    return FormShown(seen, facts["sum"], wish, facts.get("item"))


def rows(found: GuestBooking, seen: Seen) -> list[tuple[str, Any]]:
    """Return a booking as it was seen, line by line."""
    told: list[tuple[str, Any]] = [*change_texts.as_booked(found, seen.rooms)]
    told.append((translate("总价"), money(seen.total_fen)))
    waiting = next((each for each in found.changes if each.id == seen.waiting), None)
    if waiting is not None:
        told.append((translate("要改的，还没有付款"), change_texts.what(found, waiting)))
        told.append((translate("要补"), money(waiting.pay_fen)))
    return told


def both(
    found: GuestBooking,
    seen: Seen,
    *,
    way: tuple[str, str],
    wished: list[tuple[str, Any]] | None = None,
) -> tuple[str, int]:
    """Return the page with a booking as the form showed it and as it is.

    ``wished`` is what else the form said would be done; ``way``: where that is worked out anew.
    """
    keep_url = url_for("traveller.voucher", booking_id=found.id)
    return sealed_forms.both(
        [*rows(found, seen), *(wished or [])],
        rows(found, found.seen),
        ways=[way, (keep_url, translate("不改了，回到订单"))],
        sample=found.listing.card.is_sample,
        back=(keep_url, translate("回到订单")),
    )
