"""The life of a booking: its states and the moves between them. Pure."""

from __future__ import annotations

import datetime as dt
import enum

from marketplace.kernel.errors import DomainError


class BookingState(enum.StrEnum):
    """Where the service of a booking stands."""

    HELD = "held"
    CONFIRMED = "confirmed"
    IN_STAY = "in_stay"
    COMPLETED = "completed"
    CURTAILED = "curtailed"
    """The guest left before the last night."""
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    NO_SHOW = "no_show"


class BookingKind(enum.StrEnum):
    """What a booking is for as a whole; stays are sold today."""

    STAY = "stay"
    ACTIVITY = "activity"
    RAIL = "rail"
    TRIP = "trip"


class ItemKind(enum.StrEnum):
    """What an item of a booking delivers; rooms are sold today."""

    ROOM = "room"
    SLOT = "slot"
    BERTH = "berth"
    QUOTA = "quota"
    SERVICE = "service"


class Channel(enum.StrEnum):
    """Who sold a booking."""

    WEB = "web"
    PARTNER = "partner"
    WALK_IN = "walk_in"
    """Came to the door: the operator takes the money itself, and none of it passes through us."""

    @property
    def pays_us(self) -> bool:
        """Whether the traveller pays us before it is theirs: a hold waits for a payment."""
        return self is Channel.WEB

    @property
    def on_our_pages(self) -> bool:
        """Whether the traveller changes and cancels it on our pages, and is written to."""
        return self is Channel.WEB

    @property
    def is_found_by_code(self) -> bool:
        """Whether the traveller finds it on our pages by its code and phone, at least to look."""
        return self is not Channel.WALK_IN


FOUND_BY_CODE = frozenset(channel for channel in Channel if channel.is_found_by_code)
"""The same for statements."""


class ReasonCode(enum.StrEnum):
    """Why a booking was cancelled or a stay cut short."""

    TRAVELLER_CHANGED_PLANS = "changed_plans"
    TRAVELLER_HEALTH = "health"
    TRAVELLER_OTHER = "other"
    UNDO = "undo"
    HOLD_GIVEN_UP = "hold_given_up"
    PARTNER_REQUEST = "partner_request"
    ENTERPRISE_SUSPENDED = "enterprise_suspended"
    HEALTH_PROVEN = "health_proven"
    """Health, with a doctor's paper that our staff have seen."""
    OPERATOR_FAULT = "operator_fault"
    FORCE_MAJEURE = "force_majeure"


FREE_CAUSES = frozenset(
    {
        ReasonCode.ENTERPRISE_SUSPENDED,
        ReasonCode.HEALTH_PROVEN,
        ReasonCode.OPERATOR_FAULT,
        ReasonCode.FORCE_MAJEURE,
    }
)
"""Causes that are not the traveller's: nothing is kept, and used nights count at the price sold
(interpretation of prepaid consumption, Fashi 2025 No. 4, articles 13 and 18)."""


class ChangeKind(enum.StrEnum):
    """What is changed about a stay."""

    EXTEND = "extend"
    SHORTEN = "shorten"
    """Fewer nights: leaving early."""
    MOVE = "move"
    """Other dates."""
    ROOM = "room"
    PARTY = "party"
    """People, meals or beds."""
    SWAP = "swap"
    """Rooms exchanged with another booking, by the operator."""
    CANCEL = "cancel"
    """One item of several given up; the others stay."""


class ChangeState(enum.StrEnum):
    """What became of a change that was asked for."""

    HELD = "held"
    """Its rooms are kept while it is being paid."""
    APPLIED = "applied"
    LAPSED = "lapsed"
    """Not paid in time; the stay is as it was."""
    WITHDRAWN = "withdrawn"
    """Given up by the guest before it was paid; money that comes for it all the same goes back."""


class ReturnState(enum.StrEnum):
    """What became of the same room next summer."""

    WAITING = "waiting"
    """Next summer is not on sale yet, or full: looked at again every day."""
    OFFERED = "offered"
    TAKEN = "taken"
    DECLINED = "declined"
    LAPSED = "lapsed"


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


class EventType(enum.StrEnum):
    """What a partner is told of a booking."""

    HELD = "booking.held"
    EXTENDED = "booking.extended"
    UPDATED = "booking.updated"
    CONFIRMED = "booking.confirmed"
    CHANGED = "booking.changed"
    CANCELLED = "booking.cancelled"
    EXPIRED = "booking.expired"
    NO_SHOW = "booking.no_show"
    LEFT_EARLY = "booking.left_early"
    ARRIVED = "booking.arrived"
    COMPLETED = "booking.completed"
    REHOUSING = "booking.rehousing"
    RESTATED = "booking.restated"
    """After a restore: this is the truth again."""


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
    BookingState.IN_STAY: {
        BookingState.COMPLETED,
        BookingState.CURTAILED,
        BookingState.CONFIRMED,  # the check-in is taken back on the same day
    },
    BookingState.COMPLETED: set(),
    BookingState.CURTAILED: set(),
    BookingState.CANCELLED: set(),
    BookingState.NO_SHOW: set(),
}


class WrongState(DomainError):
    """The booking is not in a state that allows this."""

    code = "wrong_state"
    http_status = 409
    message = "订单现在的状态不能这样办理，请先看订单最新的情况"


class SeveralItems(DomainError):
    """A booking has several kinds of room, and which of them is meant was not said."""

    code = "several_items"
    http_status = 409
    message = "这个订单不止一种房型，还没有说是哪一种，什么都没有改。请先选是哪一种"


class SeveralHouses(DomainError):
    """What is wished can be done to a booking that one house delivers only."""

    code = "several_houses"
    http_status = 409
    message = "这个订单的房间不在同一家，这里还不能办理。请打电话给我们"


def state_at(state: BookingState, *, expires_at: dt.datetime, now: dt.datetime) -> BookingState:
    """Return where a partner's booking stands at ``now``: a hold is over when its time is.

    The row follows within moments, when the sweep gives the rooms back.
    """
    lapsed = state is BookingState.HELD and now >= expires_at
    return BookingState.EXPIRED if lapsed else state


def check_move(now: BookingState, then: BookingState) -> None:
    """Raise ``WrongState`` unless a booking may go from ``now`` to ``then``."""
    if then not in MOVES[now]:
        raise WrongState(extra={"state": now.value})
