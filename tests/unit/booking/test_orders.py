"""An order of several items is the sum of its single ones, to the fen."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from marketplace.booking import settlement
from marketplace.booking.contract.buyers import DoorSale
from marketplace.booking.contract.cancellation_rules import (
    CancelQuote,
    ChangedBefore,
    Sold,
    cancel_quote,
    no_show_quote,
)
from marketplace.booking.contract.holding import part_rows, wants_of
from marketplace.booking.contract.orders import ItemOrder, ItemSource, ItemTerms, Order, PartSold
from marketplace.booking.items import BookingItem
from marketplace.booking.models import Booking
from marketplace.booking.states import BookingKind, ItemKind
from marketplace.inventory.service import Want
from marketplace.kernel.clock import shanghai_midnight
from marketplace.kernel.money import share_of
from marketplace.kernel.stay import Stay
from marketplace.pricing.nights.quote import Quote
from marketplace.pricing.nights.selection import COUPLE, StaySelection
from tests.unit.booking.test_cancellation_rules import policies

FIRST = dt.date(2027, 7, 1)
LAST = FIRST + dt.timedelta(days=9)
FEN = st.integers(0, 3_000_000)


@st.composite
def items(draw: st.DrawFn) -> ItemOrder:
    days = Stay.of(FIRST + dt.timedelta(days=draw(st.integers(0, 5))), draw(st.integers(1, 6)))
    parts = tuple(PartSold(day, draw(FEN), draw(FEN), draw(FEN)) for day in days.days())
    listed, total = sum(part.list_fen for part in parts), sum(part.sold_fen for part in parts)
    price = Quote(
        days, 1, lines=(), extras=(), reductions=(), nights=(), list_fen=listed, total_fen=total
    )
    return ItemOrder(
        kind=ItemKind.ROOM,
        source=ItemSource(draw(st.integers(1, 3)), 1, draw(st.integers(1, 3))),
        chosen=StaySelection(1, days, draw(st.integers(1, 4)), COUPLE),
        terms=ItemTerms(None, price, draw(st.integers(0, 3_000)), draw(policies())),
        parts=parts,
    )


ORDERS = st.lists(items(), min_size=1, max_size=4).map(tuple)


def order_of(*ordered: ItemOrder) -> Order:
    return Order(BookingKind.STAY, 1, DoorSale("王秀英"), ordered)


def written(number: int, item: ItemOrder) -> BookingItem:
    return BookingItem(
        booking_id="b",
        number=number,
        enterprise_id=item.source.enterprise_id,
        pool_id=item.source.pool_id,
        first_day=item.chosen.stay.check_in,
        last_day=item.chosen.stay.check_out,
        units=item.chosen.rooms,
        total_fen=item.total_fen,
        commission_bp=item.terms.commission_bp,
        policy=item.terms.policy,
    )


@given(ORDERS)
def test_prices_and_days_are_those_of_the_single_ones(ordered: tuple[ItemOrder, ...]) -> None:
    whole, single = order_of(*ordered), [order_of(item) for item in ordered]
    assert whole.total_fen == sum(each.total_fen for each in single)
    assert whole.list_fen == sum(each.list_fen for each in single)
    assert whole.starts_on == min(each.starts_on for each in single)
    assert whole.ends_on == max(each.ends_on for each in single)


@given(ORDERS)
def test_the_commission_of_an_item_is_the_same_alone_and_among_others(
    ordered: tuple[ItemOrder, ...],
) -> None:
    for number, item in enumerate(ordered, 1):
        alone = part_rows(written(1, item), item.parts)
        among = part_rows(written(number, item), item.parts)
        assert [row | {"item": 1} for row in among] == alone
        whole = share_of(item.total_fen, item.terms.commission_bp)
        assert sum(row["commission_fen"] for row in among) == whole


def units(wants: list[Want]) -> dict[tuple[int, dt.date], int]:
    found: dict[tuple[int, dt.date], int] = {}
    for want in wants:
        for day in want.stay.days():
            found[want.pool_id, day] = found.get((want.pool_id, day), 0) + want.units
    return found


@given(ORDERS)
def test_claims_are_those_of_the_single_ones_and_none_overlaps(
    ordered: tuple[ItemOrder, ...],
) -> None:
    numbered = [written(number, item) for number, item in enumerate(ordered, 1)]
    wants = wants_of(Booking(items=numbered))
    single = [Want(item.pool_id, item.days, item.units) for item in numbered]
    assert units(wants) == units(single)
    places = [(want.pool_id, day) for want in wants for day in want.stay.days()]
    assert len(places) == len(set(places))


def ended(items: Sequence[BookingItem], days_before: int | None) -> Counter[str]:
    """What is kept and goes back in all, what each house and we earn; ``None`` is a no-show."""
    booking = Booking(items=list(items))
    paid_fen = sum(item.total_fen for item in items)
    if days_before is None:
        quote = no_show_quote(booking.sold, paid_fen=paid_fen, today=LAST)
    else:
        quote = cancel_quote(
            sold=booking.sold,
            paid_fen=paid_fen,
            confirmed_at=None,
            now=shanghai_midnight(FIRST - dt.timedelta(days=days_before)),
        )
    found = Counter(fee=quote.fee_fen, back=quote.refund_fen)
    for share in settlement.kept_shares(booking.items, quote.fees):
        found[f"house {share.enterprise_id}"] += share.fen - share.commission_fen
        found["commission"] += share.commission_fen
    return found


@given(ORDERS, st.none() | st.integers(0, 90))
def test_what_is_kept_of_it_is_what_is_kept_of_the_single_ones(
    ordered: tuple[ItemOrder, ...], days_before: int | None
) -> None:
    whole = ended([written(number, item) for number, item in enumerate(ordered, 1)], days_before)
    single: Counter[str] = Counter()
    for item in ordered:
        single.update(ended([written(1, item)], days_before))
    assert whole == single


@given(ORDERS, st.integers(0, 90), st.data())
def test_a_sum_that_is_not_the_fees_is_split_over_them(
    ordered: tuple[ItemOrder, ...], days_before: int, data: st.DataObject
) -> None:
    """Each owes what changes before left of it, up to its price; together up to what was paid."""
    sold = [
        Sold(
            item.terms.policy,
            item.total_fen,
            item.chosen.stay.check_in,
            ChangedBefore(owed_fen=data.draw(st.integers(0, 1_000_000))),
        )
        for item in ordered
    ]
    now = shanghai_midnight(FIRST - dt.timedelta(days=days_before))
    paid_fen = data.draw(st.integers(0, sum(each.total_fen for each in sold)))

    def quote(sold: list[Sold], paid_fen: int) -> CancelQuote:
        return cancel_quote(sold=sold, paid_fen=paid_fen, confirmed_at=None, now=now)

    own, found = quote(sold, 10**9), quote(sold, paid_fen)
    assert own.fees == tuple(quote([each], each.total_fen).fee_fen for each in sold)
    assert found.fee_fen == min(own.fee_fen, paid_fen)
    assert min(found.fees) >= 0
    assert all(less <= fee for less, fee in zip(found.fees, own.fees, strict=True))
