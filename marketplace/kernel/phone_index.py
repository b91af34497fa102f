"""Blind indexes of telephone numbers: how a booking is found by a number that nobody can read."""

from __future__ import annotations

from marketplace.kernel import phones
from marketplace.kernel.crypto import blind_index, blind_indexes


def index_of(kept: str) -> str:
    """Return the blind index of a kept number; its extension makes no difference."""
    return blind_index("phone", phones.number_of(kept))


def indexes_of(kept: str) -> tuple[str, ...]:
    """Return every blind index under which this number may stand.

    Until there was one reader, a 0 before a mobile made it a landline, and numbers of guests at the
    door were kept as they were typed.
    """
    number = phones.number_of(kept)
    forms = [number]
    if phones.MOBILE.fullmatch(number):
        groups = number[:3], number[3:7], number[7:]
        forms += [f"0{number}", f"+86{number}", f"86{number}", f"+86 {number}"]
        forms += [mark.join(groups) for mark in " -"]
        forms += [f"+86 {' '.join(groups)}"]
    return tuple(index for form in forms for index in blind_indexes("phone", form))
