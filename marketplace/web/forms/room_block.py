"""Reading the form that takes rooms out of sale."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from marketplace.inventory.calendar import LONGEST_REASON, NO_REASON
from marketplace.kernel.errors import Invalid
from marketplace.kernel.messages import Message
from marketplace.kernel.stay import LONGEST_NIGHTS, Stay
from marketplace.kernel.text import remark_fault
from marketplace.kernel.typed import Unit
from marketplace.web.forms.reader import FormReader

FIELDS = ("room", "first", "last", "units", "reason")


@dataclass(frozen=True, slots=True)
class WantedBlock:
    """Rooms to take out of sale for every night of ``stay``."""

    room_type_id: int
    stay: Stay
    units: int
    reason: str


def typed(form: FormReader) -> dict[str, str]:
    """Return what was typed, ready to fill the form again."""
    return form.texts(FIELDS, LONGEST_REASON + 1)


def parse(form: FormReader, *, today: dt.date) -> WantedBlock:
    """Return what is wanted; the last night is typed as a day, itself included.

    Raises:
        Invalid: naming every field that cannot be used.
    """
    room, units = form.key("room"), form.whole("units", Unit.ROOMS)
    first, last = form.day("first"), form.day("last")
    reason = form.text("reason", LONGEST_REASON + 1)
    if room is None:
        form.say("room", "请选择房型")
    if first is None or first < today:
        form.say("first", "请写锁房的第一晚，从今天或以后开始")
    if last is None or (first is not None and not 0 <= (last - first).days < LONGEST_NIGHTS):
        said = "最后一晚要在第一晚当天或之后，一次最多锁 %(most)s 晚"
        form.say("last", Message(said, most=LONGEST_NIGHTS))
    if units is None or units < 1:
        form.say("units", "请写要锁几间房")
    if fault := remark_fault(reason, most=LONGEST_REASON, missing=NO_REASON):
        form.say("reason", fault)
    form.refuse_faults()
    if room is None or first is None or last is None or units is None:
        raise Invalid(form.faults)
    return WantedBlock(room, Stay(first, last + dt.timedelta(days=1)), units, reason)
