"""The life of a booking: its states and the moves between them. Pure."""

from __future__ import annotations

import enum

from marketplace.kernel.errors import DomainError


class BookingState(enum.StrEnum):
    """Where the service of a booking stands."""

    HELD = "held"
    CONFIRMED = "confirmed"
    IN_STAY = "in_stay"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    NO_SHOW = "no_show"


class Channel(enum.StrEnum):
    """Who sold a booking."""

    WEB = "web"
    PARTNER = "partner"


class ReasonCode(enum.StrEnum):
    """Why a booking was cancelled."""

    TRAVELLER_CHANGED_PLANS = "changed_plans"
    TRAVELLER_HEALTH = "health"
    TRAVELLER_OTHER = "other"
    UNDO = "undo"
    HOLD_GIVEN_UP = "hold_given_up"
    PARTNER_REQUEST = "partner_request"
    ENTERPRISE_SUSPENDED = "enterprise_suspended"


class RehousingState(enum.StrEnum):
    """What became of a guest whose enterprise was suspended."""

    OPEN = "open"
    OFFERED = "offered"
    MOVED = "moved"
    REFUNDED = "refunded"
    KEPT = "kept"
    LAPSED = "lapsed"


REHOUSING_OPEN = frozenset({RehousingState.OPEN, RehousingState.OFFERED})
"""While somebody still has to find an answer. It lapses when the booking ends for another reason;
the booking is kept when the enterprise sells again, or when office and guest agree on it."""


LIVE = frozenset({BookingState.HELD, BookingState.CONFIRMED, BookingState.IN_STAY})
"""States whose stock claim is live."""

MOVES = {
    BookingState.HELD: {BookingState.CONFIRMED, BookingState.EXPIRED, BookingState.CANCELLED},
    BookingState.EXPIRED: {BookingState.CONFIRMED},
    BookingState.CONFIRMED: {
        BookingState.CANCELLED,
        BookingState.IN_STAY,
        BookingState.NO_SHOW,
    },
    BookingState.IN_STAY: {BookingState.COMPLETED},
    BookingState.COMPLETED: set(),
    BookingState.CANCELLED: set(),
    BookingState.NO_SHOW: set(),
}


class WrongState(DomainError):
    """The booking is not in a state that allows this."""

    code = "wrong_state"
    http_status = 409
    message = "订单现在的状态不能这样办理，请刷新页面看最新情况"


def check_move(now: BookingState, then: BookingState) -> None:
    """Raise ``WrongState`` unless a booking may go from ``now`` to ``then``."""
    if then not in MOVES[now]:
        raise WrongState(extra={"state": now.value})
