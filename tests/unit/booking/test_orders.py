"""An order of several items is the sum of its single ones, to the fen."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from marketplace.booking import settlement
from marketplace.booking.contract.buyers import DoorSale
from marketplace.booking.contract.holding import part_rows, wants_of
from marketplace.booking.contract.orders import ItemOrder, ItemSource, ItemTerms, Order, PartSold
from marketplace.booking.items import BookingItem
from marketplace.booking.models import Booking
from marketplace.booking.states import BookingKind, ItemKind
from marketplace.inventory.service import Want
from marketplace.kernel.money import share_of
from marketplace.kernel.stay import Stay
from marketplace.pricing.nights.quote import Quote
from marketplace.pricing.nights.selection import COUPLE, StaySelection

FIRST = dt.date(2027, 7, 1)
FEN = st.integers(0, 3_000_000)


@st.composite
def items(draw: st.DrawFn) -> ItemOrder:
    days = Stay.of(FIRST + dt.timedelta(days=draw(st.integers(0, 5))), draw(st.integers(1, 6)))
    parts = tuple(PartSold(day, draw(FEN), draw(FEN), draw(FEN)) for day in days.days())
    listed, total = sum(part.list_fen for part in parts), sum(part.sold_fen for part in parts)
    price = Quote(days, 1, lines=(), extras=(), reductions=(), nights=(), list_fen=listed,
                  total_fen=total)  # fmt: skip
    return ItemOrder(
        kind=ItemKind.ROOM,
        source=ItemSource(draw(st.integers(1, 3)), 1, draw(st.integers(1, 3))),
        chosen=StaySelection(1, days, draw(st.integers(1, 4)), COUPLE),
        terms=ItemTerms(None, price, draw(st.integers(0, 3_000)), {}),
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


@given(ORDERS, st.data())
def test_what_is_kept_is_split_to_the_fen(
    ordered: tuple[ItemOrder, ...], data: st.DataObject
) -> None:
    numbered = [written(number, item) for number, item in enumerate(ordered, 1)]
    left = [data.draw(st.integers(0, item.total_fen)) for item in numbered]
    fen = data.draw(st.integers(0, sum(left)))
    shares = settlement.shared(numbered, fen, by=left)
    assert sum(share.fen for share in shares) == fen
    for item, to_come, share in zip(numbered, left, shares, strict=True):
        assert share.enterprise_id == item.enterprise_id
        assert 0 <= share.fen <= to_come
        assert share.commission_fen == share_of(share.fen, item.commission_bp)


@given(ORDERS, st.data())
def test_where_nothing_is_to_come_the_prices_weigh(
    ordered: tuple[ItemOrder, ...], data: st.DataObject
) -> None:
    numbered = [written(number, item) for number, item in enumerate(ordered, 1)]
    fen = data.draw(st.integers(0, sum(item.total_fen for item in numbered)))
    shares = settlement.shared(numbered, fen, by=[0] * len(numbered))
    assert sum(share.fen for share in shares) == fen
