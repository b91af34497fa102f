"""The one reader of forms and addresses: fields by their kind, all faults at once, nothing lost.

How a kind is read is said in ``kernel.typed``, ``kernel.text`` and ``kernel.phones``; what may
stand in a field is said beside the form that asks for it. A fault is a message id under the name of
its field; the edge puts it into the reader's language. What was typed can always be shown again.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from flask import request
from werkzeug.datastructures import MultiDict

from marketplace.kernel import phones, typed
from marketplace.kernel.errors import Invalid
from marketplace.kernel.phones import PhoneFault
from marketplace.kernel.text import clean, one_line
from marketplace.kernel.typed import Unit
from marketplace.web.forms import fields
from marketplace.web.forms.field_sizes import SIZES

MOST_SENT_DIGITS = 15
MOST_FORM_ID = 64
MONTHS, LAST_DAY = 12, 31
LEAP_DAY = (2, 29)
TICKED = "1"

Faults = dict[str, str]
"""Name of a field to what is wrong with it, a message id; the empty name is for the whole form."""
Word = TypeVar("Word", bound=enum.StrEnum)


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number that a form asks for, and what is said of any other."""

    least: int
    most: int
    message: str
    unit: Unit = Unit.NONE
    """What may stand behind it."""

    def fits(self, number: int | None) -> bool:
        """Whether it is one from ``least`` to ``most``."""
        return number is not None and self.least <= number <= self.most


@dataclass(frozen=True, slots=True)
class Yuan:
    """A sum that a form asks for in yuan, in fen here, and what is said of any other."""

    least_fen: int
    most_fen: int
    message: str


class FormReader:
    """What one form or one address says."""

    def __init__(self, values: Mapping[str, str] | None = None, *, before: str = "") -> None:
        """Read ``values``; ``before`` stands before every name, as in the parts of a long form."""
        self._values: MultiDict[str, str] = (
            values if isinstance(values, MultiDict) else MultiDict(values or {})
        )
        self._before = before
        self.faults: Faults = {}

    def __contains__(self, name: str) -> bool:
        """Whether the field was sent at all."""
        return self._before + name in self._values

    def __bool__(self) -> bool:
        """Whether anything was sent."""
        return bool(self._values)

    def names(self) -> list[str]:
        """Return the names of all that was sent, in order."""
        return list(self._values)

    def part(self, before: str) -> FormReader:
        """Return the part whose names begin with ``before``; its faults are told by the whole."""
        found = FormReader(self._values, before=self._before + before)
        found.faults = self.faults
        return found

    # -------------------------------------------------------------- faults

    def say(self, name: str, message: str) -> None:
        """Note what is wrong with a field; what was said of it first stays."""
        self.faults.setdefault(self._before + name, message)

    def unsay(self, name: str) -> None:
        """Forget what is wrong with a field that does not matter here."""
        self.faults.pop(self._before + name, None)

    def refuse_faults(self) -> None:
        """Raise ``Invalid`` with every fault there is."""
        if self.faults:
            raise Invalid(self.faults)

    # -------------------------------------------------------------- texts

    def sent(self, name: str) -> str:
        """Return what a page of ours put there, as it came: an id, a seal, a button."""
        return self._values.get(self._before + name, "")

    def form_id(self) -> str:
        """Return what names the form that was shown, so that it does once what is sent twice."""
        return self.sent("form_id")[:MOST_FORM_ID]

    def all_sent(self, name: str) -> list[str]:
        """Return each value of a field that may be there several times."""
        return self._values.getlist(self._before + name)

    def text(self, name: str, most: int = SIZES.text) -> str:
        """Return a text of several lines without what does harm, cut to ``most`` symbols."""
        return clean(self.sent(name), lines=True)[:most]

    def line(self, name: str, most: int = SIZES.line) -> str:
        """Return a text of one line with single spaces, cut to ``most`` symbols."""
        return one_line(self.sent(name))[:most]

    def texts(self, names: Iterable[str], most: int = SIZES.text) -> dict[str, str]:
        """Return several texts by name, ready to fill the form again."""
        return {name: self.text(name, most) for name in names}

    def lines(self, names: Iterable[str], most: int = SIZES.line) -> dict[str, str]:
        """Return several texts of one line by name, ready to fill the form again."""
        return {name: self.line(name, most) for name in names}

    def secret(self, name: str, most: int) -> str:
        """Return a password exactly as it was typed, cut to ``most`` symbols."""
        return self.sent(name)[:most]

    # -------------------------------------------------------------- numbers, days, choices

    def key(self, name: str) -> int | None:
        """Return the id of a row that a page of ours put there."""
        return fields.key(self.sent(name))

    def keys(self, name: str, most: int) -> list[int]:
        """Return the ids of the rows ticked, the first ``most``; 0 for what is no id."""
        return [fields.key(sent) or 0 for sent in self.all_sent(name)[:most]]

    def shown_fen(self, name: str) -> int | None:
        """Return the fen that the page showed and its form sends back, with their sign."""
        sent = self.sent(name).strip()
        digits = sent.removeprefix("-")
        if not digits.isascii() or not digits.isdigit() or len(digits) > MOST_SENT_DIGITS:
            return None
        return int(sent)

    def whole(self, name: str, unit: Unit = Unit.NONE) -> int | None:
        """Return a whole number as people type it; ``None`` for anything else."""
        return typed.whole(self.sent(name), unit)

    def number(self, name: str, kind: Number, *, unset: int) -> int:
        """Return a whole number, ``unset`` where nothing was typed; says what is wrong with it."""
        if not self.sent(name).strip():
            return unset
        found = self.needed_number(name, kind)
        return unset if found is None else found

    def needed_number(self, name: str, kind: Number) -> int | None:
        """Return a whole number that may not be left out; says what is wrong with it."""
        found = typed.whole(self.line(name), kind.unit)
        if found is None or not kind.fits(found):
            self.say(name, kind.message)
            return None
        return found

    def yuan(self, name: str, kind: Yuan) -> int | None:
        """Return yuan in fen; ``None`` where nothing was typed, or what it says is wrong."""
        if not self.sent(name).strip():
            return None
        found = typed.fen(self.sent(name))
        if found is None or not kind.least_fen <= found <= kind.most_fen:
            self.say(name, kind.message)
            return None
        return found

    def day(self, name: str) -> dt.date | None:
        """Return a day that a calendar can show; ``None`` for anything else, nothing said."""
        return fields.day(self.sent(name))

    def month(self, name: str) -> dt.date | None:
        """Return the first day of a month that a calendar can show, ``None`` for anything else."""
        return fields.month(self.sent(name))

    def date(self, name: str) -> dt.date | None:
        """Return a date, typed as 2027-06-20, 2027/6/20, 2027年6月20日 and the like.

        Says what is wrong with one that cannot be read; nothing typed is no fault.
        """
        said = self.line(name)
        if not said:
            return None
        parts = typed.date_parts(said)
        try:
            if parts:
                return dt.date(*parts)
        except ValueError:
            pass
        self.say(name, _why_no_date(parts))
        return None

    def phone(self, name: str) -> str | None:
        """Return a telephone number as it is kept; says what was not understood."""
        try:
            return phones.read(self.sent(name)).kept
        except PhoneFault as fault:
            self.say(name, fault.message)
            return None

    def ages(self, count: int, kind: Number) -> tuple[int, ...]:
        """Return the ages of ``count`` children from ``age_1``, ``age_2`` and so on."""
        found = [self.needed_number(f"age_{number}", kind) for number in range(1, count + 1)]
        return tuple(age for age in found if age is not None)

    def ticked(self, name: str) -> bool:
        """Whether a box was ticked."""
        return self.sent(name) == TICKED

    def choice(self, name: str, kind: type[Word]) -> Word | None:
        """Return the word of a vocabulary that was chosen; ``None`` for anything else."""
        return one_of(kind, self.sent(name))

    def option(self, name: str, known: Iterable[str], unset: str = "") -> str:
        """Return what was chosen of ``known``; ``unset`` for anything else."""
        said = self.sent(name)
        return said if said in set(known) else unset

    def page(self) -> int:
        """Return the page of a list that is asked for, from 1; nonsense is the first."""
        number = self.whole("page")
        return number if number is not None and number > 0 else 1


def one_of(kind: type[Word], said: str) -> Word | None:
    """Return the word of a vocabulary that ``said`` is, if it is one."""
    return kind(said) if said in {member.value for member in kind} else None


def _why_no_date(parts: tuple[int, int, int] | None) -> str:
    if parts is None or not 1 <= parts[1] <= MONTHS or not 1 <= parts[2] <= LAST_DAY:
        return "请这样写日期：2027-06-20"
    if parts[1:] == LEAP_DAY:
        return "那年的2月只有28天，没有29日"
    return "日历上没有这一天，请改月份或日子"


def posted() -> FormReader:
    """Return the form that this request brings."""
    return FormReader(request.form)


def asked() -> FormReader:
    """Return what the address of this request asks."""
    return FormReader(request.args)


def either() -> FormReader:
    """Return what the address and the form say, the address first."""
    return FormReader(request.values)


def given() -> FormReader:
    """Return the form of a POST, and what the address of anything else asks."""
    return posted() if request.method == "POST" else asked()
