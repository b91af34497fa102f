"""Effects as they are kept and read back: by this release, by an older one, and not at all."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from catalog.effects import CaseDecided, LicenceEnding, StepImport
from catalog.states import CaseStatus
from marketplace.booking.effects import ClosePayments, TellOfBooking
from marketplace.kernel import effects
from marketplace.kernel.effects import Effect, Routes, UnknownEffect, on
from marketplace.payments.effects import ApplyGatewayEvent, SubmitRefund
from tests.support.effects import Ping

KEPT: list[tuple[Effect, str, dict[str, Any]]] = [
    (SubmitRefund("r1"), "refund.submit:r1", {"refund_id": "r1"}),
    (ApplyGatewayEvent(7), "inbox:7", {"inbox_id": 7}),
    (LicenceEnding(3, days_before=30), "notify.licence:3:30", {"licence_id": 3, "days_before": 30}),
    (
        CaseDecided.at(5, version=2, outcome=CaseStatus.RETURNED),
        "notify.case:5:2",
        {"case_id": 5, "outcome": "returned"},
    ),
    (
        StepImport(9, by=("staff", "1"), key="import:9:reading:0"),
        "import:9:reading:0",
        {"run_id": 9, "by": ["staff", "1"]},
    ),
    (ClosePayments("b1", key="close:b1:now"), "close:b1:now", {"booking_id": "b1"}),
    (
        ClosePayments.of_change("b1", "c1"),
        "close:c1",
        {"booking_id": "b1", "change_id": "c1"},
    ),
    (
        TellOfBooking.that("b1", "changed", mark="c1"),
        "tell:b1:changed:c1",
        {"booking_id": "b1", "what": "changed"},
    ),
]
"""As rows have them since the first release."""


@pytest.mark.parametrize(("effect", "key", "payload"), KEPT)
def test_rows_are_written_and_read_as_they_always_were(
    effect: Effect, key: str, payload: dict[str, Any]
) -> None:
    assert effect.key == key
    assert effects.payload_of(effect) == payload
    from_row = json.loads(json.dumps(payload))
    assert effects.read(type(effect), key=key, payload=from_row) == effect


def test_a_row_of_a_newer_release_is_read_without_what_only_that_knows() -> None:
    told = effects.read(Ping, key="a", payload={"n": 2, "colour": "red"})
    assert told == Ping("a", 2)
    assert effects.read(Ping, key="a", payload={}) == Ping("a")


@pytest.mark.parametrize("payload", [{}, {"refund_id": None}, {"refund_id": ["r1"]}])
def test_what_is_no_payload_of_its_class_is_unknown(payload: dict[str, Any]) -> None:
    with pytest.raises(UnknownEffect, match=r"refund\.submit"):
        effects.read(SubmitRefund, key="k", payload=payload)


def test_each_is_handed_to_its_own_handler_and_a_topic_has_one() -> None:
    seen: list[Effect] = []
    routes: Routes[list[Effect]] = Routes(on(Ping, list.append))
    routes.handle(seen, topic="test.ping", key="a", payload={"n": 3})
    assert seen == [Ping("a", 3)]
    with pytest.raises(UnknownEffect, match="pong"):
        routes.handle(seen, topic="pong", key="a", payload={})

    @dataclass(frozen=True)
    class Again:
        topic: ClassVar[str] = Ping.topic
        key: str

    with pytest.raises(ValueError, match="two handlers"):
        Routes(on(Ping, list.append), on(Again, list.append))
