"""Texts that people type and files bring: what is dropped, and what cannot be kept. Pure.

Dropped are signs that nobody sees and that do harm: control characters, marks that turn the
direction of writing round, spaces without width. Every other sign stays. The lists are written out,
so that a character that Unicode got last year is not lost on an older Python, which calls it
unassigned.

What cannot be kept is never dropped: it is refused, in the words of ``UNKEEPABLE``.
"""

from __future__ import annotations

import re

from marketplace.kernel.messages import Message

UNKEEPABLE = "有一个字别的电脑显示不出来，请换成通用的写法，或者写拼音"
"""Said of a text in which ``unkeepable`` finds something."""

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_SPACES = re.compile("[\t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_HARMFUL = re.compile(
    "["
    "\x00-\x09\x0b-\x1f\x7f-\x9f"  # control characters, the line feed apart
    "\xad\u034f\u200b\u2060-\u2064\ufeff"  # no width, and no meaning where names are
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction of writing
    "\u206a-\u206f\ufff9-\ufffb"  # deprecated, or notes between the lines
    "\u115f\u1160\u2800\u3164\uffa0"  # letters that look like nothing
    "\U0001d173-\U0001d17a\U000e0000-\U000e00ff"  # notes of music, tags
    "]"
)
_ALONE = re.compile("(?:(?<=\\s)|^)[\u180b-\u180f\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef]+")
"""Signs that shape or join the character before them, where there is none.

After one they stay: some names are written with U+E0100 behind a character.
"""
_JOINERS = re.compile(
    # Needed inside Arabic, Indian and Mongolian words and inside pictures; harmful anywhere else.
    "(?<![\u0600-\u109f\u1780-\u18af\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])[\u180e\u200c\u200d]"
    "|[\u180e\u200c\u200d]+(?=\\s|$)"
)
_ENDS_OF_PLANES = "".join(
    chr(plane << 16 | low) for plane in range(1, 15) for low in (0xFFFE, 0xFFFF)
)
UNKEPT = (
    "\ufffd"  # what a character becomes that was lost on the way here
    "\ue000-\uf8ff\U000f0000-\U0010ffff"  # private use: every computer shows another one
    f"\ufdd0-\ufdef\ufffe\uffff{_ENDS_OF_PLANES}"  # no characters at all
)
"""What cannot be kept, as the inside of a class of a regular expression."""
_UNKEEPABLE = re.compile(f"[\ud800-\udfff{UNKEPT}]")  # half a character, which no database takes
UNSEEN = (
    r"\x00-\x1f\x7f-\xa0"
    "\xad\u034f\u061c\u115f\u1160\u1680\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800"
    "\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e01ef"
) + UNKEPT
"""The same of all that ``clean`` may drop or make a space, and what cannot be kept. A code that
programs give is written without any of it, in whatever place."""


def clean(typed: str, *, lines: bool = False) -> str:
    """Return ``typed`` without what does harm, with plain spaces and none at its ends.

    Line breaks become spaces unless ``lines`` keeps them.
    """
    if typed.isascii() and typed.isprintable():
        return typed.strip()
    text = _SPACES.sub(" ", _LINE_ENDS.sub("\n", typed))
    if not lines:
        text = text.replace("\n", " ")
    return _JOINERS.sub("", _ALONE.sub("", _HARMFUL.sub("", text))).strip()


def one_line(typed: str) -> str:
    """Return ``typed`` cleaned and with single spaces: a name, a search."""
    return " ".join(clean(typed).split())


def unkeepable(text: str) -> str | None:
    """Return the first sign of ``text`` that cannot be kept, if there is one."""
    found = _UNKEEPABLE.search(text)
    return found[0] if found else None


def too_long(most: int) -> Message:
    """Return what is said of a text of more than ``most`` symbols."""
    return Message("太长了，最多 %(most)s 个字", most=most)


def remark_fault(text: str, *, most: int, missing: str = "") -> str | None:
    """Return what is wrong with words that somebody gives as a reason or a remark, if anything.

    ``missing`` is said where there are none; without it there need not be any.
    """
    if not text:
        return missing or None
    if len(text) > most:
        return too_long(most)
    return UNKEEPABLE if unkeepable(text) else None
