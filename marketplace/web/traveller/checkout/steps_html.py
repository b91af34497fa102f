"""What the three steps of booking show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from marketplace.web.rendering import pages
from marketplace.web.traveller.presenters import Term


@dataclass(frozen=True, slots=True)
class DraftRoom:
    """One kind of room that was chosen, with its people and its price."""

    name: str
    name_lang: str
    rooms: int
    adults: int
    children: int
    people: str
    """The children with their ages."""
    extras: Sequence[tuple[str, str, str]]
    """Meals, beds and rooms: label, value, and where another is chosen."""
    total_fen: int
    terms: Sequence[Term]
    sleepers: str
    """Who sleeps there, in words of their own; nothing while it is not said."""

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Meals and beds without where they are changed."""
        return [(label, value) for label, value, _ in self.extras]


@dataclass(frozen=True, slots=True)
class DraftShown:
    """What was chosen and answered so far."""

    lead_name: str
    for_whom: str
    """``self``, ``family``, or nothing while it is not said."""
    province: str
    phone: str
    listing_name: str
    listing_name_lang: str
    enterprise_name: str
    arrive: dt.date
    depart: dt.date
    nights: int
    kinds: Sequence[DraftRoom]
    """Each kind of room; at least one."""
    near: tuple[str, str, str] | None
    """Of several: whether they are wanted near each other, as label, value and address."""
    total_fen: int
    sample: bool
    price_until: str | None
    """Until what time of day the price is honoured."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What a device began to book last, and where that goes on."""

    draft: DraftShown
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepHtml(pages.Page):
    """One question of the way to a booking."""

    draft: DraftShown
    shown: Mapping[str, str]
    """Hidden fields: which answers, and what the page shows of them."""
    errors: Mapping[str, str]
    action: str
    back_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoHtml(StepHtml):
    """Who stays."""

    template: ClassVar[str] = "traveller/checkout/book_who.html"

    provinces: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneHtml(StepHtml):
    """The telephone, and the consent."""

    template: ClassVar[str] = "traveller/checkout/book_phone.html"

    consent_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SleepersHtml(StepHtml):
    """Who sleeps where, of several kinds of room; it may be left out."""

    template: ClassVar[str] = "traveller/checkout/book_sleepers.html"

    sleepers: Sequence[str]
    """As typed, one for each kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckHtml(StepHtml):
    """Everything once more."""

    template: ClassVar[str] = "traveller/checkout/book_check.html"

    who_url: str
    sleepers_url: str
    phone_url: str
    dates_url: str
    payee: str
