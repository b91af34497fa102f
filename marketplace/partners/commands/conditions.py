"""On which conditions this installation deals with partners."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.booking.contract.hold_caps import DEFAULT_CAPS, Caps


@dataclass(frozen=True, slots=True)
class Conditions:
    """What is kept of a sale, and how much may be on hold."""

    commission_bp: int
    """The commission of the marketplace, in hundredths of a per cent."""
    caps: Caps = DEFAULT_CAPS
