"""Who buys a booking: a traveller on our pages, a partner platform, a guest at the door."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class WebBuyer:
    """Who books on our pages; phone and name are personal data."""

    lead_name: str
    phone: str
    address: str
    """The network address the request came from; only its blind index is kept."""
    consent_version: str
    consent_recipient: str
    for_family: bool = False
    language: str = "zh"


@dataclass(frozen=True, slots=True)
class PartnerSale:
    """The partner platform that books, on account."""

    partner_id: int
    external_ref: str
    test: bool = False


@dataclass(frozen=True, slots=True)
class DoorSale:
    """Who came to the operator's door and pays there; name and phone are personal data."""

    lead_name: str
    phone: str = ""


Buyer: TypeAlias = WebBuyer | PartnerSale | DoorSale
