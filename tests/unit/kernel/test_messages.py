"""Messages that carry their numbers."""

from __future__ import annotations

import pickle

from marketplace.kernel.errors import DomainError, Invalid
from marketplace.kernel.messages import Message, filled, narrowed, params_of

NIGHTS = Message("请写 1 到 %(most)s 之间的晚数", most=120)


def test_a_message_is_its_id_and_knows_its_numbers() -> None:
    assert NIGHTS == "请写 1 到 %(most)s 之间的晚数"
    assert {NIGHTS: "English"}["请写 1 到 %(most)s 之间的晚数"] == "English"
    assert filled(NIGHTS) == "请写 1 到 120 之间的晚数"
    assert filled(pickle.loads(pickle.dumps(NIGHTS))) == filled(NIGHTS)  # noqa: S301 - our own


def test_a_plain_text_is_filled_by_what_is_given_alone() -> None:
    assert filled("100%") == "100%"
    assert filled("还有%(n)s间", n=2) == "还有2间"
    assert params_of("还有%(n)s间") == {}


def test_a_narrower_limit_takes_the_place_of_the_own_one_and_of_no_other() -> None:
    assert filled(narrowed(NIGHTS, most=30, least=2)) == "请写 1 到 30 之间的晚数"
    assert filled(narrowed("100%", most=30)) == "100%"


def test_two_faults_of_one_form_have_each_their_own_most() -> None:
    error = Invalid({"a": NIGHTS, "b": Message("最多 %(most)s 间", most=9)})
    assert [filled(said) for said in error.fields.values()] == [
        "请写 1 到 120 之间的晚数",
        "最多 9 间",
    ]


def test_a_refusal_says_its_numbers() -> None:
    assert str(DomainError(Message("最多 %(most)s 间", most=9))) == "最多 9 间"
    assert str(DomainError("最多 %(most)s 间", most=9)) == "最多 9 间"
