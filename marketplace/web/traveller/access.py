"""A page of a booking opens only for the visitor who placed it or looked it up.

Whose booking a partner platform sold may look at it and no more (ADR 0027): a page is closed to
them unless it says ``own_to_see``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import redirect, session, url_for

from marketplace.kernel.errors import DomainError

View = TypeVar("View", bound=Callable[..., Any])
BOOKINGS = "bookings"
TO_SEE = "bookings_to_see"
"""Where a session keeps the bookings that a partner sold to this visitor."""
DRAFTS = "drafts"
MOST_REMEMBERED = 20


class SoldElsewhere(DomainError):
    """A partner platform sold the booking: here its guest may look at it and no more."""

    code = "sold_elsewhere"
    http_status = 403
    message = "这个订单是在合作平台上订的，付款、改动、取消和退款都请找那个平台"

    def __init__(self, booking_id: str) -> None:
        super().__init__()
        self.booking_id = booking_id


def remember(booking_id: str, *, to_look_only: bool = False) -> None:
    """Let this visitor open the booking from now on, for 30 days, or only look at it."""
    kept = TO_SEE if to_look_only else BOOKINGS
    known = [known for known in session.get(kept, []) if known != booking_id]
    session[kept] = [*known, booking_id][-MOST_REMEMBERED:]
    session.permanent = True


def own(view: View) -> View:
    """Open a view of ``booking_id`` only to its visitor; others are asked for code and phone.

    The view raises ``SoldElsewhere`` for whom a partner sold it to.
    """

    @wraps(view)
    def guarded(*args: Any, booking_id: str, **kwargs: Any) -> Any:
        if booking_id in session.get(TO_SEE, []):
            raise SoldElsewhere(booking_id)
        if booking_id not in session.get(BOOKINGS, []):
            return redirect(url_for("traveller.my_booking"))
        return view(*args, booking_id=booking_id, **kwargs)

    return guarded  # type: ignore[return-value]


def own_to_see(view: View) -> View:
    """Open a view that changes nothing to its visitor, and to whom a partner sold the booking."""

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
    """Return the ids of the bookings that this device may open: to look only, then its own."""
    return [*session.get(TO_SEE, []), *session.get(BOOKINGS, [])]
