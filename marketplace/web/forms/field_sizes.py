"""How many symbols a field takes while somebody types, and so how many are read of it.

What a rule allows is said by the rule itself; these are wider, so that what is too long or written
in words is refused in words instead of being cut. Templates have them as ``bounds.sizes``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldSizes:
    """Each in symbols."""

    line: int = 20
    """A number, a date, a time of day or a choice, with the unit that people write behind it."""
    identifier: int = 40
    """A telephone number, a booking's code or another id, with what stands between its parts."""
    words: int = 60
    """Words to look for."""
    cell: int = 60
    """One cell of a tariff, or the ages of several children."""
    measure: int = 30
    """A number with decimals: a latitude, a mean temperature."""
    login: int = 80
    password: int = 200
    one_time_code: int = 80
    """A code of the second factor, or a backup code in its groups."""
    text: int = 300
    """Any other field that is no longer text."""


SIZES = FieldSizes()
