"""Reading the form that takes rooms out of sale."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from marketplace.inventory.calendar import LONGEST_REASON, NO_REASON
from marketplace.kernel.errors import Invalid
from marketplace.kernel.stay import LONGEST_NIGHTS, Stay
from marketplace.kernel.text import remark_fault
from marketplace.kernel.typed import Unit, whole
from marketplace.web.forms import fields

FIELDS = ("room", "first", "last", "units", "reason")


@dataclass(frozen=True, slots=True)
class WantedBlock:
    """Rooms to take out of sale for every night of ``stay``."""

    room_type_id: int
    stay: Stay
    units: int
    reason: str


def typed(values: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed, ready to fill the form again."""
    return {name: fields.text(values.get(name), LONGEST_REASON + 1) for name in FIELDS}


def parse(values: Mapping[str, str], *, today: dt.date) -> WantedBlock:
    """Return what is wanted; the last night is typed as a day, itself included.

    Raises:
        Invalid: naming every field that cannot be used.
    """
    faults: dict[str, str] = {}
    room, units = fields.key(values.get("room")), whole(values.get("units"), Unit.ROOMS)
    first, last = fields.day(values.get("first")), fields.day(values.get("last"))
    reason = fields.text(values.get("reason"), LONGEST_REASON + 1)
    if room is None:
        faults["room"] = "请选择房型"
    if first is None or first < today:
        faults["first"] = "请写锁房的第一晚，从今天或以后开始"
    if last is None or (first is not None and not 0 <= (last - first).days < LONGEST_NIGHTS):
        faults["last"] = "最后一晚要在第一晚当天或之后，一次最多锁 120 晚"
    if units is None or units < 1:
        faults["units"] = "请写要锁几间房"
    if fault := remark_fault(reason, most=LONGEST_REASON, missing=NO_REASON):
        faults["reason"] = fault
    if faults or room is None or first is None or last is None or units is None:
        raise Invalid(faults)
    return WantedBlock(room, Stay(first, last + dt.timedelta(days=1)), units, reason)
