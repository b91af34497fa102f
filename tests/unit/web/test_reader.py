"""Reading a form: every kind of field, all faults at once, the parts of a long form."""

from __future__ import annotations

import datetime as dt
import enum

import pytest
from werkzeug.datastructures import MultiDict

from marketplace.kernel.errors import Invalid
from marketplace.kernel.messages import filled
from marketplace.kernel.typed import Unit
from marketplace.web.forms.reader import FormReader, Number, Yuan

ROOMS = Number(1, 9, "请写几间", Unit.ROOMS)
PRICE = Yuan(100, 10_000_000, "价格不对")
AGE = Number(0, 17, "请写周岁", Unit.AGE)


class Meal(enum.StrEnum):
    NONE = "none"
    FULL = "full"


def test_all_faults_are_told_at_once_and_what_was_typed_is_kept() -> None:
    form = FormReader({"rooms": "许多", "price": "0.5", "arrive": "2027-02-29", "phone": "13800"})
    form.number("rooms", ROOMS, unset=1)
    form.yuan("price", PRICE)
    form.date("arrive")
    form.phone("phone")
    with pytest.raises(Invalid) as refused:
        form.refuse_faults()
    assert {name: filled(said) for name, said in refused.value.fields.items()} == {
        "rooms": "请写几间",
        "price": "价格不对",
        "arrive": "那年的2月只有28天，没有29日",
        "phone": "手机号码是11位数字，这里少了，请再数一数",
    }
    assert form.line("rooms") == "许多"


def test_what_can_be_read_is_no_fault() -> None:
    form = FormReader(
        {
            "rooms": " 三间 ",
            "price": "¥1,280.50",
            "arrive": "2027年7月1日",
            "phone": "138 0013 8000",
            "meal": "full",
            "ok": "1",
        }
    )
    assert form.number("rooms", ROOMS, unset=1) == 3
    assert form.yuan("price", PRICE) == 128_050
    assert form.date("arrive") == form.day("arrive") == dt.date(2027, 7, 1)
    assert form.phone("phone") == "13800138000"
    assert form.choice("meal", Meal) is Meal.FULL
    assert form.ticked("ok")
    form.refuse_faults()


def test_what_is_not_there_is_unset_unless_it_is_needed() -> None:
    form = FormReader({"rooms": "  "})
    assert form.number("rooms", ROOMS, unset=1) == 1
    assert form.yuan("price", PRICE) is None
    assert form.date("arrive") is None
    assert form.choice("meal", Meal) is None
    assert not form.ticked("ok")
    assert form.faults == {}
    assert form.needed_number("rooms", ROOMS) is None
    assert form.faults == {"rooms": "请写几间"}


def test_the_first_thing_said_of_a_field_stays_and_may_be_taken_back() -> None:
    form = FormReader()
    form.say("arrive", "一")
    form.say("arrive", "二")
    assert form.faults == {"arrive": "一"}
    form.unsay("arrive")
    assert form.faults == {}


@pytest.mark.parametrize(
    ("sent", "fen"),
    [
        ("12000000", 12_000_000),
        ("-4200", -4200),
        ("0", 0),
        ("", None),
        ("1.5", None),
        ("\uff11\uff12", None),
        ("1_000", None),
        ("9" * 16, None),
    ],
)
def test_a_sum_that_was_shown_comes_back_whole(sent: str, fen: int | None) -> None:
    assert FormReader({"refund_fen": sent}).shown_fen("refund_fen") == fen


def test_a_part_reads_its_own_names_and_tells_its_faults_to_the_whole() -> None:
    form = FormReader({"site_0_rooms": "2", "site_1_rooms": "0", "site_1_id": "7"})
    first, second = form.part("site_0_"), form.part("site_1_")
    assert first.needed_number("rooms", ROOMS) == 2
    assert second.needed_number("rooms", ROOMS) is None
    assert (first.key("id"), second.key("id")) == (None, 7)
    assert form.faults == {"site_1_rooms": "请写几间"}


def test_ages_are_read_one_by_one() -> None:
    form = FormReader({"age_1": "满7岁", "age_2": "18"})
    assert form.ages(2, AGE) == (7,)
    assert form.faults == {"age_2": "请写周岁"}


def test_texts_keep_their_lines_and_passwords_all_they_have() -> None:
    form = FormReader({"why": " 维\x00修\n二楼 ", "password": " ab\u200bc "})
    assert (form.text("why"), form.line("why")) == ("维修\n二楼", "维修 二楼")
    assert form.secret("password", 4) == " ab\u200b"


def test_a_choice_of_several_keeps_each_value() -> None:
    form = FormReader(MultiDict([("room", "1"), ("room", "x"), ("room", "3")]))
    assert form.all_sent("room") == ["1", "x", "3"]
    assert form.keys("room", 2) == [1, 0]


@pytest.mark.parametrize(("sent", "page"), [("3", 3), ("0", 1), ("-1", 1), ("last", 1), ("", 1)])
def test_a_page_that_makes_no_sense_is_the_first(sent: str, page: int) -> None:
    assert FormReader({"page": sent}).page() == page
