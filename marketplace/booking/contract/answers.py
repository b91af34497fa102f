"""What somebody said on the way to a booking, as drafts keep it and as pages seal it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, TypeAdapter, ValidationError

from marketplace.kernel.stay import Stay
from marketplace.pricing.nights.selection import StaySelection
from marketplace.pricing.nights.terms import Board


@dataclass(frozen=True, slots=True)
class RoomAnswer:
    """What was chosen of one kind of room, with the price that was last shown for it."""

    selection: StaySelection
    total_fen: int = 0
    """0 while none was given."""
    meals: Board | None = None
    """The meals that the price given includes, chosen or not."""
    policy: dict[str, Any] | None = None
    """The cancellation policy that goes with it."""
    sleepers: str = ""
    """Who sleeps there, in words of their own; asked where there are several kinds of room."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What has been answered so far; empty text and ``None`` stand for not asked yet."""

    listing_id: int
    rooms: tuple[RoomAnswer, ...]
    """Each kind of room by itself; at least one, all for the same nights."""
    seen_total_fen: int
    """The total of all that was last shown: what the person agreed to."""
    lead_name: str = ""
    for_family: bool | None = None
    phone: str = ""
    consent_version: str = ""
    """The version of the notice that was ticked; empty until then."""
    source_province: str = ""
    """The province they come from, in Chinese, when they said so."""
    quote_id: str | None = None
    """The price that was given for them, to the fen and with what cancelling costs."""
    price_until: dt.datetime | None = None
    """Until when that price is honoured."""
    question: str = ""
    """What was asked of the search before, for the way back to it."""
    booking_id: str | None = None
    """The hold made from these answers: a second press finds it instead of making another."""

    @property
    def stay(self) -> Stay:
        """The nights of all rooms."""
        return self.rooms[0].selection.stay

    @property
    def selections(self) -> tuple[StaySelection, ...]:
        """What is chosen of each kind of room."""
        return tuple(room.selection for room in self.rooms)

    @property
    def several(self) -> bool:
        """Whether there are several kinds of room."""
        return len(self.rooms) > 1

    @property
    def complete(self) -> bool:
        """Whether everything is answered that a hold needs."""
        return bool(self.lead_name and self.phone and self.consent_version)

    def is_honoured(self, now: dt.datetime) -> bool:
        """Whether the price that was given still holds."""
        return self.price_until is not None and now < self.price_until

    def shown(self, *, whole: bool) -> Answers:
        """Return what a page shows of them: the stay and its price.

        ``whole``: also who stays and the telephone, as the last page does.
        """
        bare = replace(
            self,
            quote_id=None,
            price_until=None,
            booking_id=None,
            consent_version="",
            source_province="",
            question="",
        )
        if whole:
            return bare
        rooms = tuple(replace(room, sleepers="") for room in self.rooms)
        return replace(bare, rooms=rooms, lead_name="", for_family=None, phone="")

    def with_sleepers(self, sleepers: Sequence[str]) -> tuple[RoomAnswer, ...]:
        """Return the rooms with who sleeps in each."""
        named = zip(self.rooms, sleepers, strict=True)
        return tuple(replace(room, sleepers=words) for room, words in named)


def _in_shape(kept: Any) -> Any:
    """Bring answers into shape that were kept before a stay was one thing, or had several rooms.

    They are encrypted, so no migration reads them; drafts are erased after 30 days.
    """
    if not isinstance(kept, dict) or not kept.keys() & {"selection", "arrive"}:
        return kept
    rest = _selected(kept)
    room = {name: rest.pop(name) for name in ("selection", "meals", "policy") if name in rest}
    return rest | {"rooms": [room | {"total_fen": rest.get("seen_total_fen", 0)}]}


def _selected(kept: dict[str, Any]) -> dict[str, Any]:
    rest = dict(kept)
    if "arrive" not in rest:
        return rest
    arrive = dt.date.fromisoformat(rest.pop("arrive"))
    party = {name: rest.pop(name) for name in ("adults", "children_ages")}
    chosen = {name: rest.pop(name) for name in ("room_type_id", "rooms")}
    for name in ("board", "extra_beds", "adjoining"):
        if name in rest:
            chosen[name] = rest.pop(name)
    departs = arrive + dt.timedelta(days=rest.pop("nights"))
    stay = {"check_in": arrive, "check_out": departs}
    return rest | {"selection": {**chosen, "stay": stay, "party": party}}


KeptAnswers: TypeAlias = Annotated[Answers, BeforeValidator(_in_shape)]
"""Answers as a column or a form holds them, of today or of an earlier version."""
_KEPT: TypeAdapter[Answers] = TypeAdapter(KeptAnswers)


def as_facts(answers: Answers) -> dict[str, Any]:
    """Return answers as plain JSON, for a page to carry."""
    facts: dict[str, Any] = _KEPT.dump_python(answers, mode="json", exclude_defaults=True)
    return facts


def of_facts(facts: Mapping[str, Any] | None) -> Answers | None:
    """Return the answers that ``as_facts`` made these of; ``None`` when they say none."""
    if facts is None:
        return None
    try:
        return _KEPT.validate_python(dict(facts))
    except ValidationError:
        return None
