"""Who stays: the name and the telephone number of a guest, read the same from everywhere. Pure."""

from __future__ import annotations

import re

from marketplace.kernel import phones
from marketplace.kernel.errors import Invalid
from marketplace.kernel.messages import Message
from marketplace.kernel.phones import PhoneFault
from marketplace.kernel.text import UNKEEPABLE, one_line, unkeepable

MOST_NAME = 40
MOST_SLEEPERS = 60
LONG_SLEEPERS = Message("谁住最多写%(most_sleepers)s个字", most_sleepers=MOST_SLEEPERS)
LONG_NAME = Message("姓名最多写%(most)s个字", most=MOST_NAME)
# Written out, for what is a letter changes with the tables of Unicode. \u3007 is used in names.
_NO_LETTERS = re.compile(
    r"[\x00-@\[-`{-\xbf\u0300-\u036f\u2000-\u2bff\u3000-\u3006\u3008-\u303f\ufe00-\ufe0f"
    r"\uff01-\uff20\uff3b-\uff40\uff5b-\uff65\U0001f000-\U0001faff\U000e0100-\U000e01ef]*"
)


def is_written(name: str) -> bool:
    """Tell whether there is a letter in a name: a number in the wrong box, or a picture, is none.

    For what people type themselves; programs keep the names that they were given.
    """
    return bool(unkeepable(name)) or _NO_LETTERS.fullmatch(name) is None


def name_fault(name: str) -> str | None:
    """Return what is wrong with a cleaned name as a message id, ``None`` for nothing."""
    if not name:
        return "请写入住人的姓名"
    if unkeepable(name):
        return UNKEEPABLE
    return LONG_NAME if len(name) > MOST_NAME else None


def sleepers_fault(words: str) -> str | None:
    """Return what is wrong with cleaned words on who sleeps in a room, ``None`` for nothing."""
    if unkeepable(words):
        return UNKEEPABLE
    return LONG_SLEEPERS if len(words) > MOST_SLEEPERS else None


def read_guest(
    name: str, phone: str, *, fields: tuple[str, str], phone_needed: bool = True
) -> tuple[str, str]:
    """Return name and telephone number as they are kept; an empty number where none is needed.

    ``fields`` are what the two are called where they were typed.

    Raises:
        Invalid: naming each of the two that cannot be used.
    """
    faults: dict[str, str] = {}
    kept_name, kept_phone = one_line(name), ""
    if fault := name_fault(kept_name):
        faults[fields[0]] = fault
    if phone_needed or one_line(phone):
        try:
            kept_phone = phones.read(phone).kept
        except PhoneFault as wrong:
            faults[fields[1]] = wrong.message
    if faults:
        raise Invalid(faults)
    return kept_name, kept_phone
