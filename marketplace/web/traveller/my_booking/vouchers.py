"""A booking as the voucher, the payment page and the cancellation page show it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.views import ListingPage
from marketplace.booking.changes.change_queries import ChangeView
from marketplace.booking.reads.guest_queries import GuestBooking, guest_booking
from marketplace.booking.states import BookingState, ChangeState, RehousingState
from marketplace.kernel.money import money
from marketplace.web.context import now, services
from marketplace.web.i18n import translate
from marketplace.web.rendering import price_words
from marketplace.web.rendering.filters import clock_time
from marketplace.web.rendering.price_words import Named
from marketplace.web.traveller import presenters
from marketplace.web.traveller.my_booking import rooms_shown
from marketplace.web.traveller.my_booking.rooms_shown import RoomsShown
from marketplace.web.traveller.my_booking.state_texts import arrives, money_back
from marketplace.web.traveller.presenters import Term

JUST_NOW = dt.timedelta(minutes=30)
"""For how long the voucher says on top that a change was made."""


def read_booking(booking_id: str) -> GuestBooking:
    """Return a booking of this visitor; raises ``NotFound``."""
    with services().database.read() as session:
        return guest_booking(session, booking_id=booking_id, now=now())


@dataclass(frozen=True, slots=True)
class HouseShown:
    """What a guest needs to get there."""

    address: Named
    phone: str
    arrive_from: str
    station: Named | None
    way: Named
    """Empty when nobody has told it."""
    taxi_house: str
    """Chinese, as the two below: what a driver looks for, and what was booked."""
    taxi_address: str
    taxi_listing: str


@dataclass(frozen=True, slots=True)
class BookingShown:
    """A booking as every page about it shows it."""

    id: str
    code: str
    state: str
    listing_name: str
    listing_name_lang: str
    enterprise_name: str
    enterprise_name_lang: str
    house: HouseShown
    arrive: dt.date
    depart: dt.date
    nights: int
    rooms: Sequence[RoomsShown]
    """What is booked of each type of room; at least one."""
    lead_name: str
    total_fen: int
    paid_fen: int
    refund_fen: int
    terms: Sequence[Term]
    """What cancelling all of it costs."""
    paid_back: str | None
    held_until: str
    undo_until: str | None
    extends_left: bool
    sample: bool
    closed: bool
    """The house was stopped, and the guest has not chosen yet."""

    @property
    def several(self) -> bool:
        """Whether each of its rooms is told by itself."""
        return len(self.rooms) > 1


def shown(found: GuestBooking, *, today: dt.date) -> BookingShown:
    """Return what the templates know as ``booking``."""
    listing = price_words.named(found.listing.card.name_zh, found.listing.card.name_en)
    host = price_words.named(found.listing.card.enterprise_zh, found.listing.card.enterprise_en)
    undo_until = found.undo_until(now())
    return BookingShown(
        id=found.id,
        code=found.code,
        state=found.state.value,
        listing_name=listing.name,
        listing_name_lang=listing.name_lang,
        enterprise_name=host.name,
        enterprise_name_lang=host.name_lang,
        house=_house(found.listing),
        arrive=found.check_in,
        depart=found.check_out,
        nights=found.nights,
        rooms=rooms_shown.in_full(found, today=today),
        lead_name=found.lead_name,
        total_fen=found.total_fen,
        paid_fen=found.paid_fen,
        refund_fen=found.refund_fen,
        terms=presenters.dated_terms(found.terms(today), paid_fen=found.total_fen, today=today),
        paid_back=money_back(found) if found.refund_fen else None,
        held_until=clock_time(found.expires_at),
        undo_until=clock_time(undo_until) if undo_until else None,
        extends_left=found.may_extend(),
        sample=found.listing.card.is_sample,
        closed=found.rehousing is not None,
    )


def _house(listing: ListingPage) -> HouseShown:
    """Return what a guest needs to get there: address, telephone, from when, station, the way."""
    card, site, station = listing.card, listing.site, listing.station
    zh = f"{presenters.place_name(card.prefecture, card.county)}{card.town_zh}{site.address}"
    en = f"{card.town_en}, Jilin Province" if card.town_en else ""
    return HouseShown(
        address=price_words.named(zh, en),
        phone=site.phone,
        arrive_from=site.arrive_from,
        station=price_words.named(station.name_zh, station.name_en) if station else None,
        way=price_words.named(site.way_zh, ""),
        taxi_house=card.enterprise_zh,
        taxi_address=zh,
        taxi_listing=card.name_zh if card.name_zh != card.enterprise_zh else "",
    )


def notice(found: GuestBooking) -> str | None:
    """Say what became of the house, of money that did not fit, of a hold whose time is over."""
    if found.rehousing is not None:
        return _closed(found.rehousing)
    if found.late_money_returned:
        return translate("%(said)s%(arrives)s", said=_about_late(found), arrives=arrives())
    if found.wrong_amount and found.state is not BookingState.HELD:
        return translate(
            "%(said)s%(arrives)s",
            said=translate("金额不一样的那笔付款，会全部退回原来的付款账户。"),
            arrives=arrives(),
        )
    if found.state is BookingState.CANCELLED and found.on_its_way():
        return translate("还有一笔付款，银行的消息还没到。钱要是到了，会全部退回。请不要再付。")
    return _about_hold(found) if found.state is BookingState.HELD else _about_change(found)


def _about_late(found: GuestBooking) -> str:
    """Say why money that came for the booking bought nothing."""
    if found.confirmed_at is not None:
        return translate("您多付了一次。多付的钱会全部退回原来的付款账户。")
    if found.state is BookingState.CANCELLED:
        return translate("这个保留先取消了，付款是后来才到的，所以没有订成。钱会全部退回。")
    return translate("您的付款到得晚了，房间已经没有。钱会全部退回原来的付款账户。")


def _closed(state: RehousingState) -> str:
    """Say that the house takes no guests, and what the guest can do."""
    if state is RehousingState.OFFERED:
        return translate(
            "这家暂停接待了，很抱歉。附近的住处已经找好，不多收钱，请选一处；也可以全额退款。"
        )
    return translate(
        "这家暂停接待了，很抱歉。我们正在替您找附近的住处，找到就通知您；也可以现在全额退款。"
    )


def _about_hold(found: GuestBooking) -> str | None:
    if found.wrong_amount:
        return translate("收到的金额和应付的不一样，房间还为您留着。请打电话，我们替您处理。")
    if found.on_its_way():
        return translate("银行的消息还没到，请过一两分钟再看。请不要再付一次。")
    if not found.is_live_hold(now()):
        return translate("保留的时间已过，没有扣款。还想要的话，请重新预订。")
    return payment_trouble(found).get("")


def _about_change(found: GuestBooking) -> str | None:
    """Say what became of the payment for a change."""
    if found.returned_change is not None:
        said = _about_returned(found, found.returned_change)
        return translate("%(said)s%(arrives)s", said=said, arrives=arrives())
    change = found.waiting_change
    if change is not None:
        if found.on_its_way(change):
            return translate("改动的付款，银行的消息还没到，请过一两分钟再看。请不要再付一次。")
        if change.may_be_paid(now()):
            return payment_trouble(found, change).get("")
        return translate("要改的没有按时付款，所以没有改，也没有扣款。原来的订单照旧。")
    return None


def _about_returned(found: GuestBooking, change: ChangeView) -> str:
    """Say why a change was not made though its money came."""
    if not found.may_change:
        return translate("改动的付款到的时候，订单已经不能改了，没有改成。这笔钱会全部退回。")
    if change.state is ChangeState.WITHDRAWN:
        return translate(
            "您先说了不改，付款是后来才到的，所以没有改成。这笔钱会全部退回，原来的订单照旧。"
        )
    if change.id != found.changes[0].id:
        return translate("先前要改的那一个已经不算了，没有改成。为它付的钱会全部退回。")
    return translate(
        "改动的付款到得晚了，没有改成。这笔钱会全部退回原来的付款账户，原来的订单照旧。"
    )


def just_changed(found: GuestBooking) -> str | None:
    """Say, for a while, that the newest change was made and what became of the money."""
    made = found.changes_made
    if not made or made[0].applied_at is None or now() >= made[0].applied_at + JUST_NOW:
        return None
    if made[0].wish is None:
        if made[0].refund_fen:
            return translate("退好了，%(sum)s退回原来的付款账户。", sum=money(made[0].refund_fen))
        return translate("退好了。按取消办法，这次没有退款。")
    if made[0].pay_fen:
        return translate("改好了，补的%(sum)s收到了。", sum=money(made[0].pay_fen))
    if made[0].refund_fen:
        return translate("改好了，%(sum)s退回原来的付款账户。", sum=money(made[0].refund_fen))
    return translate("改好了。")


def payment_trouble(found: GuestBooking, change: ChangeView | None = None) -> dict[str, str]:
    """Return what went wrong with the last try to pay, for the error summary."""
    if found.last_try_failed(change):
        return {"": translate("上一次没有付成，没有扣款。可以再付一次，或换一种付款方法。")}
    return {}
