"""Telephone numbers, however they are written."""

# ruff: noqa: RUF001 - signs that look like others are what is tested here

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel import crypto, phones
from marketplace.kernel.phone_index import index_of, indexes_of
from marketplace.kernel.phones import PhoneFault


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("015888888888", "15888888888"),
        ("0 138 0013 8000", "13800138000"),
        ("138 0013 7000", "13800137000"),
        ("+86 138-0013-7000", "13800137000"),
        ("（+86）13800137000", "13800137000"),
        ("０１３８００１３８０００", "13800138000"),
        ("手机：138\u20110013\u20118000", "13800138000"),
        ("+86 0138 0013 8000", "13800138000"),
        ("16400138000", "16400138000"),  # newer than any table
        ("0433-1234567", "04331234567"),
        ("(0433) 1234567", "04331234567"),
        ("+86-433-1234567", "04331234567"),
        ("86 433 1234567", "04331234567"),
        ("0086 10 6555 1234", "01065551234"),
        ("400-123-4567", "4001234567"),
        ("0433-1234567转8001", "04331234567转8001"),
        ("0433-1234567 转接：8001", "04331234567转8001"),
        ("0433-1234567（分机 8001）", "04331234567转8001"),
        ("0433-1234567-8001", "04331234567转8001"),
        ("04331234567-1", "04331234567转1"),  # no eight digits behind 0433
        ("(0431)12345678-66", "043112345678转66"),
        ("86-0433-1234567", "04331234567"),
        ("0086 0431 1234 5678", "043112345678"),
        ("86 010 6555 1234", "01065551234"),
        ("0433 1234567 ext. 8001", "04331234567转8001"),
        ("0433-1234567#8001", "04331234567转8001"),
        ("０４３３－１２３４５６７轉８００１", "04331234567转8001"),
        ("400 123 4567 转 2", "4001234567转2"),
        ("+852 9123 4567", "+85291234567"),
        ("852 9123 4567", "+85291234567"),
        ("00853 6612 3456", "+85366123456"),
        ("+886 0912 345 678", "+886912345678"),
        ("+44 (0)20 7946 0958", "+442079460958"),
        ("+82 10-1234-5678", "+821012345678"),
        ("+1 415 555 0100 x12", "+14155550100转12"),
        ("联系电话：0433-1234567", "04331234567"),
        ("13800138000。", "13800138000"),
        ("【13800138000】", "13800138000"),
        ("13800138000；", "13800138000"),
        ("886-0912-345678", "+886912345678"),
        ("00886 0912 345678", "+886912345678"),
    ],
)
def test_a_number_has_one_form(typed: str, kept: str) -> None:
    assert phones.read(typed).kept == kept
    assert phones.read(kept).kept == kept


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", phones.NONE_TYPED),
        ("手机", phones.NONE_TYPED),
        ("我的电话", phones.LETTERS),
        ("1380013800", phones.TOO_SHORT),
        ("138001380000", phones.TOO_LONG),
        ("12345678901", phones.NO_SUCH_MOBILE),
        ("1234567", phones.TOO_SHORT),
        ("2345678", phones.NO_AREA_CODE),
        ("91234567", phones.NO_AREA_CODE),
        ("0912345678", phones.NO_SUCH_LANDLINE),
        ("0433-12345", phones.NO_SUCH_LANDLINE),
        ("+852 912", phones.NO_SUCH_ABROAD),
        ("+852 9123456", phones.NO_SUCH_ABROAD),
        ("00853 661234567", phones.NO_SUCH_ABROAD),
        ("+999 12345678", phones.NO_SUCH_ABROAD),
        ("13800138000/13900139000", phones.TWO_NUMBERS),
        ("0433-1234567转80018001", phones.LONG_EXTENSION),
        ("4155550100", phones.NO_AREA_CODE),
    ],
)
def test_what_was_not_understood_is_told(typed: str, message: str) -> None:
    with pytest.raises(PhoneFault) as caught:
        phones.read(typed)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("kept", "yes"),
    [
        ("13800138000", True),
        ("015888888888", True),
        ("04331234567", False),
        ("4001234567", False),
        ("+85291234567", True),
        ("+85221234567", False),
        ("+886912345678", True),
        ("+14155552671", True),
        ("13800138000转12", False),
        ("04331234567转8001", False),
        ("", False),
        ("138 0013 7000", True),
    ],
)
def test_texts_go_to_mobiles_alone(kept: str, yes: bool) -> None:
    assert phones.takes_texts(kept) is yes


def test_an_old_entry_is_found_by_its_number() -> None:
    found = indexes_of("13800137000")
    for old in (
        "13800137000",
        "013800137000",
        "138 0013 7000",
        "138-0013-7000",
        "+8613800137000",
        "+86 138 0013 7000",
    ):
        assert crypto.blind_index("phone", old) in found
    assert index_of("04331234567转8001") == index_of("04331234567")
    assert indexes_of("04331234567") == (index_of("04331234567"),)


@given(st.text(max_size=30) | st.text("0123456789+ -()转86x", max_size=20))
def test_a_kept_number_stays_what_it_is(typed: str) -> None:
    kept = phones.normal(typed)
    assert kept is None or phones.normal(kept) == phones.normal(phones.shown(kept)) == kept


def test_a_number_that_no_table_knows_keeps_its_nought_when_shown() -> None:
    # Seven digits where there are eight by now.
    assert phones.normal(phones.shown("07552345678")) == "07552345678"
    assert phones.normal(phones.shown("04318888123转12")) == "04318888123转12"
