"""Words of cure and of measured waters are found; harmless words are not."""

from __future__ import annotations

import pytest

from catalog.office.forbidden_claims import look_through


@pytest.mark.parametrize(
    ("text", "cures", "waters"),
    [
        ("泉水能治疗风湿病", ("治疗", "风湿病"), ()),
        ("降血压、降血糖", ("降血压", "降血糖"), ()),
        ("氡泉，含偏硅酸", (), ("氡", "偏硅酸")),
        ("The spring cures arthritis", ("cures", "arthritis"), ()),
        ("Rich in radon and trace elements", (), ("radon", "trace elements")),
        ("早课打八段锦，晚餐有药膳，水温四十度", (), ()),
        ("A secure, curious place to rest; a bath after the walk", (), ()),
        ("", (), ()),
    ],
)
def test_what_is_found(text: str, cures: tuple[str, ...], waters: tuple[str, ...]) -> None:
    found = look_through([text])
    assert (found.cures, found.waters) == (cures, waters)


def test_every_text_is_read_and_each_word_named_once() -> None:
    found = look_through(["能治愈", "也能根治", "治愈，治愈"])
    assert found.cures == ("治愈", "根治")


def test_a_caution_may_name_an_illness_and_promise_nothing() -> None:
    caution = "心脏病、高血压患者不宜"
    assert look_through(["泡汤放松", caution], cautions=[caution, ""]).cures == ()
    assert look_through([caution]).cures == ("心脏病", "高血压")
    bold = "高血压患者泡了能降压"
    assert look_through([bold], cautions=[bold]).cures == ("降压",)
