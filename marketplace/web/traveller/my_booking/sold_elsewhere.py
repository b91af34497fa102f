"""A booking that a partner platform sold, as its guest finds it here: to look at, and no more.

Nothing of it names a sum: what the guest paid is between guest and platform, and what the platform
owes us is nobody else's business (ADR 0027).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import url_for
from markupsafe import Markup

from marketplace.booking.contract.buyers import PartnerSale
from marketplace.booking.reads.guest_queries import GuestBooking
from marketplace.booking.states import RehousingState
from marketplace.kernel.errors import NotFound
from marketplace.partners import account
from marketplace.web.context import now, personal, services, today
from marketplace.web.errors import words_of
from marketplace.web.i18n import translate
from marketplace.web.rendering import pages
from marketplace.web.traveller.access import SoldElsewhere
from marketplace.web.traveller.base import blueprint
from marketplace.web.traveller.listing import listing_facts
from marketplace.web.traveller.my_booking import change_texts, state_texts, vouchers


@dataclass(frozen=True, slots=True)
class Seller:
    """The platform that sold a booking, and what it calls it."""

    name: str
    reference: str
    """Its own number of the booking; empty where it gave none."""


@dataclass(frozen=True, slots=True)
class SoldElsewhereHtml(pages.Page):
    """A booking that a partner sold, in whatever state it is."""

    template: ClassVar[str] = "traveller/my_booking/sold_elsewhere.html"

    booking: vouchers.BookingShown
    stands: state_texts.Standing
    notice: str | None
    seller: Seller
    cautions_heading: str
    cautions: Sequence[Markup]
    changes: Sequence[change_texts.Made]
    qr_url: str


@dataclass(frozen=True, slots=True)
class AskSellerHtml(pages.Page):
    """What cannot be done here, and where it can."""

    template: ClassVar[str] = "traveller/my_booking/ask_seller.html"

    booking: vouchers.BookingShown
    seller: Seller
    words: str
    back_url: str


def page(found: GuestBooking, sale: PartnerSale) -> str:
    """Return the page of a booking that a partner sold."""
    heading, cautions = listing_facts.cautions(found.listing.card)
    return pages.html(
        SoldElsewhereHtml(
            booking=vouchers.shown(found, today=today()),
            stands=state_texts.standing(found, now()),
            notice=_notice(found.rehousing),
            seller=_seller(sale),
            cautions_heading=heading,
            cautions=cautions,
            changes=[change_texts.told(found, change) for change in found.changes_made],
            qr_url=url_for("traveller.qr", booking_id=found.id),
        )
    )


def _seller(sale: PartnerSale) -> Seller:
    with services().database.read() as session:
        name = account.names(session, [sale.partner_id])[sale.partner_id]
    return Seller(name, sale.external_ref)


def _notice(rehousing: RehousingState | None) -> str | None:
    """Say that the house takes no guests, and who tells the guest how it goes on."""
    if rehousing is None:
        return None
    if rehousing is RehousingState.OFFERED:
        return translate(
            "这家暂停接待了，很抱歉。附近的住处已经找好，卖给您的平台会和您商量；"
            "也可以请它全额退款。"
        )
    return translate(
        "这家暂停接待了，很抱歉。我们正在找附近的住处，找到就告诉卖给您的平台；也可以请它全额退款。"
    )


@blueprint.errorhandler(SoldElsewhere)
@personal
def ask_seller(refused: SoldElsewhere) -> tuple[str, int]:
    """Say that the platform that sold the booking is to be asked, and change nothing."""
    found = vouchers.read_booking(refused.booking_id)
    if found.sold_by is None:
        raise NotFound
    shown = pages.html(
        AskSellerHtml(
            booking=vouchers.shown(found, today=today()),
            seller=_seller(found.sold_by),
            words=words_of(refused),
            back_url=url_for("traveller.voucher", booking_id=found.id),
        )
    )
    return shown, refused.http_status
