"""What a booking owes: pages of payment to be closed, people to be told."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ClosePayments:
    """Nobody may pay any more for a booking, or for one change of it."""

    topic: ClassVar[str] = "payment.close"
    booking_id: str
    key: str
    change_id: str | None = None

    @classmethod
    def of_booking(cls, booking_id: str, *, at: dt.datetime) -> ClosePayments:
        """Return what is owed when a booking that was not paid ended at this moment."""
        return cls(booking_id, f"close:{booking_id}:{at.isoformat()}")

    @classmethod
    def of_change(cls, booking_id: str, change_id: str) -> ClosePayments:
        """Return what is owed when a change that was not paid is over."""
        return cls(booking_id, f"close:{change_id}", change_id)


@dataclass(frozen=True, slots=True)
class TellOfBooking:
    """Something happened to a booking that guest or operator are to be told of."""

    topic: ClassVar[str] = "notify.booking"
    booking_id: str
    what: str
    """What happened, for example ``confirmed``."""
    key: str

    @classmethod
    def that(cls, booking_id: str, what: str, *, mark: object) -> TellOfBooking:
        """Return the news of ``what``; ``mark`` tells apart what can happen several times.

        For a change it is the change's id.
        """
        return cls(booking_id, what, f"tell:{booking_id}:{what}:{mark}")
