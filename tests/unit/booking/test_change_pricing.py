"""What a change costs: only nights to come, and back again to the fen."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.booking.changes.change_checks import counts_at_list
from marketplace.booking.changes.change_pricing import (
    Cuts,
    Keeping,
    NightSold,
    Reckoned,
    SoldStay,
    Tariffed,
    fee_bp_of,
    kind_of,
    reckon,
)
from marketplace.booking.contract.cancellation_rules import STAY_POLICY
from marketplace.booking.states import FREE_CAUSES, ChangeKind, ReasonCode
from marketplace.kernel.money import share_of
from marketplace.kernel.stay import Stay
from marketplace.pricing.nights.quote import Ask, quote
from marketplace.pricing.nights.selection import Party, StaySelection
from marketplace.pricing.nights.terms import Board, Terms, Tier
from marketplace.settings import ROOT
from tests.support.changing import altered
from tests.unit.pricing.tariffs import BOOKED_ON, asks, calendars, terms

ARRIVE = dt.date(2027, 7, 1)
STAY = StaySelection(1, Stay.of(ARRIVE, 40), rooms=1, party=Party(2), board=Board.ROOM_ONLY)


def booked_as(ask: Ask) -> StaySelection:
    return StaySelection(1, ask.stay, ask.rooms, ask.party, Board.ROOM_ONLY)


def sold(ask: Ask, rates: dict[dt.date, int], terms: Terms) -> list[NightSold]:
    made = quote(ask=ask, rates=rates, terms=terms)
    return [
        NightSold(night.day, night.rate_fen, night.list_fen, night.sold_fen)
        for night in made.nights
    ]


def change(
    was: StaySelection,
    wish: StaySelection,
    ask: Ask,
    tariffed: Tariffed,
    nights: list[NightSold],
    *,
    first: dt.date,
    **money: object,
) -> Reckoned:
    facts: dict[str, object] = {"keeping": Keeping()} | money
    return reckon(
        SoldStay(was, BOOKED_ON, nights, tariffed),
        wish,
        tariffed,
        first=first,
        **facts,  # type: ignore[arg-type]
    )


@given(
    ask=asks(),
    fens=calendars(),
    terms=terms(),
    more=st.integers(1, 40),
    used=st.integers(0, 100),
)
def test_extended_and_left_early_on_the_same_day_the_sum_is_the_first(
    ask: Ask, fens: list[int], terms: Terms, more: int, used: int
) -> None:
    if ask.stay.nights + more > 120:
        return
    was = booked_as(ask)
    wish = altered(was, check_out=was.stay.check_out + dt.timedelta(days=more))
    rates = {day: fens[index % len(fens)] for index, day in enumerate(wish.stay.days())}
    first = was.stay.check_in + dt.timedelta(days=min(used, ask.stay.nights))
    before = sold(ask, rates, terms)
    tariffed = Tariffed(terms, rates)
    there = change(was, wish, ask, tariffed, before, first=first)
    gone = [night for night in before if night.day < first]
    if there.rest_fen == 0:
        return  # nights to come that cost nothing more: a sum that cannot fall is not given back
    assert there.rest is not None
    # The nights to come as they were written after the extension.
    after = [*gone, NightSold(first, 1, there.rest_fen, there.rest_fen)]
    back = change(wish, was, ask, tariffed, after, first=first, taken_back=True)
    assert there.difference_fen + back.difference_fen == 0
    assert back.rest_fen == sum(night.sold_fen for night in before if night.day >= first)
    assert (there.pay_fen > 0) + (there.refund_fen > 0) <= 1


@given(ask=asks(), fens=calendars(), terms=terms(), fee_bp=st.integers(0, 10_000))
def test_never_more_is_kept_than_what_is_given_up(
    ask: Ask, fens: list[int], terms: Terms, fee_bp: int
) -> None:
    if ask.stay.nights == 1:
        return
    was = booked_as(ask)
    rates = {day: fens[index % len(fens)] for index, day in enumerate(ask.stay.days())}
    half = was.stay.check_in + dt.timedelta(days=ask.stay.nights // 2)
    for first in (dt.date.min, half):
        wish = altered(was, check_out=half if half > was.stay.check_in else was.stay.check_out)
        found = change(
            was,
            wish,
            ask,
            Tariffed(terms, rates),
            sold(ask, rates, terms),
            first=first,
            keeping=Keeping(fee_bp, at_list=True),
        )
        assert 0 <= found.fee_fen <= max(0, -found.difference_fen)
        assert found.refund_fen >= 0


@given(
    ask=asks(),
    fens=calendars(),
    terms=terms(),
    fee_bp=st.integers(0, 10_000),
    at_list=st.booleans(),
    before=st.tuples(st.integers(0, 500_000), st.integers(0, 10_000)),
)
def test_what_is_kept_is_the_sum_of_its_causes(  # each part of what there is
    *, ask: Ask, fens: list[int], terms: Terms, fee_bp: int, at_list: bool, before: tuple[int, int]
) -> None:
    if ask.stay.nights == 1:
        return
    was = booked_as(ask)
    rates = {day: fens[index % len(fens)] for index, day in enumerate(ask.stay.days())}
    half = was.stay.check_in + dt.timedelta(days=ask.stay.nights // 2)
    nights = sold(ask, rates, terms)
    given_up_before, kept_bp = before
    cuts = Cuts(given_up_before, share_of(given_up_before, kept_bp))
    found = change(
        was,
        altered(was, check_out=half),
        ask,
        Tariffed(terms, rates),
        nights,
        first=half,
        keeping=Keeping(fee_bp, at_list),
        cuts=cuts,
    )
    kept, given_up = found.kept, max(0, -found.difference_fen)
    used = sum(night.list_fen - night.sold_fen for night in nights if night.day < half)
    due = share_of(given_up + given_up_before, fee_bp) + (used if at_list else 0) - cuts.kept_fen
    assert found.fee_fen == min(max(0, due), given_up)
    assert min(kept.by_policy_fen, kept.of_today_fen, kept.for_used_fen) >= 0
    assert kept.for_used_fen <= max(0, used) or not at_list
    if not at_list:
        assert kept.for_used_fen == 0, "no night is called used where none is charged"
    if not given_up_before:
        assert kept.of_today_fen == 0


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, None),
        ({"check_out": STAY.stay.check_out + dt.timedelta(days=1)}, ChangeKind.EXTEND),
        ({"check_out": STAY.stay.check_out - dt.timedelta(days=1)}, ChangeKind.SHORTEN),
        ({"check_in": ARRIVE + dt.timedelta(days=1)}, ChangeKind.MOVE),
        ({"room_type_id": 2}, ChangeKind.ROOM),
        ({"adults": 3}, ChangeKind.PARTY),
    ],
)
def test_a_change_has_a_kind(changes: dict[str, object], kind: ChangeKind | None) -> None:
    wish = altered(STAY, **changes)
    assert kind_of(STAY, wish) is kind


WISHES = {
    ChangeKind.SHORTEN: altered(STAY, check_out=ARRIVE + dt.timedelta(days=20)),
    ChangeKind.EXTEND: altered(STAY, check_out=ARRIVE + dt.timedelta(days=60)),
    ChangeKind.ROOM: replace(STAY, room_type_id=2),
}


class TestFee:
    def fee(self, kind: ChangeKind, today: dt.date, **facts: object) -> int:
        given_facts: dict[str, object] = {
            "cause": ReasonCode.TRAVELLER_OTHER,
            "taken_back": False,
            "first": dt.date.min,
        } | facts
        return fee_bp_of(
            was=STAY,
            wish=WISHES[kind],
            policy=STAY_POLICY,
            today=today,
            **given_facts,  # type: ignore[arg-type]
        )

    def test_notice_counts_to_the_new_day_of_departure(self) -> None:
        gone = ARRIVE + dt.timedelta(days=20)
        assert self.fee(ChangeKind.SHORTEN, gone - dt.timedelta(days=30)) == 0
        assert self.fee(ChangeKind.SHORTEN, gone - dt.timedelta(days=29)) == 2000
        assert self.fee(ChangeKind.SHORTEN, gone) == 8000

    def test_of_other_changes_to_the_first_night_to_come(self) -> None:
        assert self.fee(ChangeKind.ROOM, ARRIVE - dt.timedelta(days=14)) == 4000
        today = ARRIVE + dt.timedelta(days=3)
        assert self.fee(ChangeKind.ROOM, today, first=today) == 8000

    @pytest.mark.parametrize(
        "cause",
        [ReasonCode.HEALTH_PROVEN, ReasonCode.OPERATOR_FAULT, ReasonCode.FORCE_MAJEURE],
    )
    def test_a_cause_that_is_not_the_travellers_costs_nothing(self, cause: ReasonCode) -> None:
        assert self.fee(ChangeKind.SHORTEN, ARRIVE, cause=cause) == 0

    def test_nor_does_staying_longer(self) -> None:
        assert self.fee(ChangeKind.EXTEND, ARRIVE) == 0

    def test_nor_does_a_change_of_the_same_day_that_is_taken_back(self) -> None:
        assert self.fee(ChangeKind.SHORTEN, ARRIVE, taken_back=True) == 0


DOCS = (ROOT / "docs" / "prices.md").read_text(encoding="utf-8")
ROW = re.compile(
    r"^\| (\d+) nights \| (\S+) \| (\d+) nights \| (\w*) ?\| (\S+) \| (\S+) \| (\w+) (\S+) \|$",
    re.M,
)
ROWS = ROW.findall(DOCS)


def fen(yuan: str) -> int:
    return int(yuan.replace(",", "").replace(".", ""))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: "-".join(row[:4]))
def test_the_examples_of_the_documentation(row: tuple[str, ...]) -> None:
    booked, day, wished, cause_word, difference, kept, way, settled = row
    today = dt.date.fromisoformat(day)
    rates: dict[dt.date, int] = defaultdict(lambda: 20_000)
    was = altered(STAY, check_out=ARRIVE + dt.timedelta(days=int(booked)))
    wish = altered(STAY, check_out=ARRIVE + dt.timedelta(days=int(wished)))
    terms = Terms(tiers=(Tier(30, 1500),))
    in_stay = today >= ARRIVE
    first = today if in_stay else dt.date.min
    cause = ReasonCode(cause_word) if cause_word else ReasonCode.TRAVELLER_OTHER
    kind = kind_of(was, wish)
    assert kind is not None
    fee_bp = fee_bp_of(
        was=was,
        wish=wish,
        policy=STAY_POLICY,
        cause=cause,
        taken_back=False,
        today=today,
        first=first,
    )
    ask = Ask(was.stay, BOOKED_ON)
    found = change(
        was,
        wish,
        ask,
        Tariffed(terms, rates),
        sold(ask, rates, terms),
        first=first,
        keeping=Keeping(
            fee_bp,
            counts_at_list(kind, cause, in_stay=in_stay, taken_back=False),
            kind is ChangeKind.SHORTEN and cause in FREE_CAUSES,
        ),
    )
    assert found.difference_fen == fen(difference)
    assert found.fee_fen == fen(kept)
    assert (found.pay_fen if way == "pay" else found.refund_fen) == fen(settled)


def test_the_documentation_has_examples() -> None:
    assert len(ROWS) == 7
