"""A page of a booking opens only for the visitor who placed it or looked it up."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import redirect, session, url_for

View = TypeVar("View", bound=Callable[..., Any])
BOOKINGS = "bookings"
DRAFTS = "drafts"
MOST_REMEMBERED = 20


def remember(booking_id: str) -> None:
    """Let this visitor open the booking from now on, for 30 days."""
    known = [known for known in booking_ids() if known != booking_id]
    session[BOOKINGS] = [*known, booking_id][-MOST_REMEMBERED:]
    session.permanent = True


def own(view: View) -> View:
    """Open a view of ``booking_id`` only to its visitor; others are asked for code and phone."""

    @wraps(view)
    def guarded(*args: Any, booking_id: str, **kwargs: Any) -> Any:
        if booking_id not in booking_ids():
            return redirect(url_for("traveller.my_booking"))
        return view(*args, booking_id=booking_id, **kwargs)

    return guarded  # type: ignore[return-value]


def newest_draft() -> str | None:
    """Return the id of the answers that this visitor began last, if any were given.

    For showing and for filling in what was answered before; a form names its own.
    """
    kept: list[str] = session.get(DRAFTS, [])
    return kept[-1] if kept else None


def is_own_draft(draft_id: str) -> bool:
    """Whether these answers were begun by this visitor."""
    return draft_id in session.get(DRAFTS, [])


def remember_draft(new_id: str) -> None:
    """Keep the id of this visitor's answers in the session for 30 days, beside earlier ones."""
    session[DRAFTS] = [*session.get(DRAFTS, []), new_id][-MOST_REMEMBERED:]
    session.permanent = True


def draft_ids() -> list[str]:
    """Return the ids of all answers that this visitor began on this device, the newest last."""
    kept: list[str] = session.get(DRAFTS, [])
    return kept


def booking_ids() -> list[str]:
    """Return the ids of the bookings that this device may open, the newest last."""
    known: list[str] = session.get(BOOKINGS, [])
    return known
