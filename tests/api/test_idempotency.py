"""The same POST again: one effect, one answer, byte for byte."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.booking.lifecycle.scheduled_jobs import expire_due
from marketplace.booking.models import Booking
from marketplace.bootstrap import Services
from marketplace.kernel.clock import SetClock
from marketplace.kernel.errors import NotFound
from tests.factories import Room
from tests.support.app import BOTH
from tests.support.partner import GUEST, HOLDS, Program, code, issue, stay

pytestmark = pytest.mark.parametrize("database_kind", BOTH)


def bookings(services: Services) -> int:
    with services.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Booking)) or 0


def wish(room: Room, **other: Any) -> dict[str, Any]:
    return stay(room) | {"external_ref": "A-1"} | other


def test_a_replay_is_the_first_answer_byte_for_byte(
    partner: Program, services: Services, clock: SetClock, loaded: Room
) -> None:
    first = partner.post(HOLDS, wish(loaded), once="k1")
    clock.advance(hours=5)
    expire_due(services.money)
    again = partner.post(HOLDS, wish(loaded), once="k1")
    assert (again.status_code, again.data) == (201, first.data)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.content_type == first.content_type == "application/json"
    assert "Idempotent-Replayed" not in first.headers
    assert bookings(services) == 1


@pytest.mark.parametrize("verb", ["confirm", "extend", "cancel-quote", "cancel"])
def test_every_step_can_be_sent_again(partner: Program, loaded: Room, verb: str) -> None:
    path = f"{HOLDS}/{partner.held(loaded)}/{verb}"
    body = GUEST if verb == "confirm" else {}
    first = partner.post(path, body, once="k1")
    again = partner.post(path, body, once="k1")
    assert first.status_code == 200
    assert again.data == first.data
    assert again.headers["Idempotent-Replayed"] == "true"


def test_a_key_belongs_to_one_body_and_one_path(
    partner: Program, services: Services, loaded: Room
) -> None:
    partner.post(HOLDS, wish(loaded), once="k1")
    for path, body in ((HOLDS, wish(loaded, nights=3)), ("/partner/v1/stays/quote", stay(loaded))):
        assert code(partner.post(path, body, once="k1")) == (422, "idempotency_key_reused")
    assert bookings(services) == 1


def test_two_partners_keys_never_meet(
    partner: Program, rival: Program, trial: Program, services: Services, loaded: Room
) -> None:
    ids = {
        program.post(HOLDS, wish(loaded), once="k1").json["id"]
        for program in (trial, partner, rival)
    }
    assert len(ids) == bookings(services) == 3


def test_a_rotated_api_key_finds_the_same_answer(
    partner: Program, services: Services, loaded: Room
) -> None:
    first = partner.post(HOLDS, wish(loaded), once="k1")
    newer = Program(partner.app, issue(services, rotate=True))
    assert newer.post(HOLDS, wish(loaded), once="k1").data == first.data


def test_a_refusal_is_kept_too(partner: Program, rival: Program, loaded: Room) -> None:
    blocking = rival.held(loaded, rooms=2, adults=4)
    first = partner.post(HOLDS, wish(loaded), once="k1")
    rival.post(f"{HOLDS}/{blocking}/cancel")
    again = partner.post(HOLDS, wish(loaded), once="k1")
    assert code(first) == code(again) == (409, "sold_out")
    assert again.data == first.data
    assert again.headers["Idempotent-Replayed"] == "true"
    assert partner.post(HOLDS, wish(loaded), once="k2").status_code == 201


@pytest.mark.parametrize("other", [{"nights": 0}, {"room_type": 999}, {"expected_total_fen": 1}])
def test_what_validation_refuses_is_kept(
    partner: Program, loaded: Room, other: dict[str, Any]
) -> None:
    first = partner.post(HOLDS, wish(loaded, **other), once="k1")
    again = partner.post(HOLDS, wish(loaded, **other), once="k1")
    assert first.status_code in {404, 409, 422}
    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert again.headers["Idempotent-Replayed"] == "true"


def raw(program: Program, data: bytes, kind: str = "application/json", **headers: str) -> Any:
    given = {"Authorization": f"Bearer {program.key}", "Idempotency-Key": "k1"} | headers
    return program.client.post(HOLDS, data=data, content_type=kind, headers=given)


def test_what_cannot_be_read_is_not_kept(
    partner: Program, services: Services, loaded: Room
) -> None:
    assert code(raw(partner, b'{"room_type": 1')) == (400, "malformed_json")
    assert code(raw(partner, b"\xff")) == (400, "malformed_json")
    assert code(raw(partner, b"a=1", "application/x-www-form-urlencoded")) == (
        415,
        "unsupported_media_type",
    )
    assert code(raw(partner, b'"' + b"x" * 65_536 + b'"')) == (413, "request_entity_too_large")
    made = partner.post(HOLDS, wish(loaded), once="k1")
    assert made.status_code == 201
    assert "Idempotent-Replayed" not in made.headers


@pytest.mark.parametrize("key", ["", "x" * 256, "é", "a b"])
def test_a_post_without_a_usable_key_is_refused(
    partner: Program, services: Services, loaded: Room, key: str
) -> None:
    refused = partner.post(HOLDS, wish(loaded), **{"Idempotency-Key": key})
    assert code(refused) == (400, "idempotency_key_missing")
    assert bookings(services) == 0
    assert partner.post(HOLDS, wish(loaded), once="x" * 255).status_code == 201


def test_the_same_request_many_times_at_once_has_one_effect(
    partner: Program, services: Services, loaded: Room
) -> None:
    def send(_: int) -> tuple[int, bytes]:
        program = Program(partner.app, partner.key)
        answer = program.post(HOLDS, wish(loaded), once="k1")
        if answer.status_code == 409:
            assert answer.json["code"] == "idempotency_in_progress"
            assert int(answer.headers["Retry-After"]) > 0
        return answer.status_code, answer.data

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(16)))
    made = {body for status, body in answers if status == 201}
    assert len(made) == bookings(services) == 1
    assert {status for status, _ in answers} <= {201, 409}
    assert partner.post(HOLDS, wish(loaded), once="k1").data in made


WRITTEN_OTHERWISE = (
    """{"external_ref":"A-1","nights":2,"room_type":%d,"arrive":"2027-06-10",
        "rooms":1,"adults":2}""",
    """{ "adults" : 2, "arrive": "2027-06-10", "children_ages": [], "rooms": 1.0, "nights": 2e0,
         "external_ref": "\\u0041-1", "room_type": %d, "board": null, "extra_beds": -0.0 }""",
    """{"ro\\u006fms":1,"adults":2.00,"nights":2,"room_type":%d,"external_ref":"A\\u002d1",
        "arrive":"2027-06-10","adjoining":false,"source_province":"","quote":null}""",
)
"""One command: order of keys, spaces, escapes, numbers, and what is the default anyway."""


def test_a_command_is_the_same_however_it_is_written(
    partner: Program, services: Services, loaded: Room
) -> None:
    first = partner.post(HOLDS, wish(loaded), once="k1")
    for text in WRITTEN_OTHERWISE:
        again = raw(partner, (text % loaded.room_type_id).encode())
        assert (again.status_code, again.data) == (201, first.data)
        assert again.headers["Idempotent-Replayed"] == "true"
    assert bookings(services) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"external_ref": "A-2"},
        {"external_ref": "a-1"},
        {"nights": 2.5},
        {"nights": "2"},
        {"rooms": True},
        {"children_ages": [8]},
        {"expected_total_fen": 40_000},
    ],
)
def test_another_command_is_another(partner: Program, loaded: Room, other: dict[str, Any]) -> None:
    partner.post(HOLDS, wish(loaded), once="k1")
    again = partner.post(HOLDS, wish(loaded, **other), once="k1")
    assert code(again) == (422, "idempotency_key_reused")


def test_whole_numbers_may_be_written_with_a_point(partner: Program, loaded: Room) -> None:
    assert raw(partner, (WRITTEN_OTHERWISE[1] % loaded.room_type_id).encode()).status_code == 201


def test_what_a_refused_effect_did_is_undone_before_the_refusal_is_kept(
    partner: Program, services: Services, loaded: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    from marketplace.partners.commands import holds  # noqa: PLC0415 - the module whose part is replaced

    real = holds.place

    def place_and_refuse(*args: Any, **wish: Any) -> None:
        real(*args, **wish)
        raise NotFound

    with monkeypatch.context() as broken:
        broken.setattr(holds, "place", place_and_refuse)
        assert code(partner.post(HOLDS, wish(loaded), once="k1")) == (404, "not_found")
    assert bookings(services) == 0
    assert code(partner.post(HOLDS, wish(loaded), once="k1")) == (404, "not_found")


def test_a_failure_of_ours_is_not_kept(
    partner: Program, services: Services, loaded: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a bug")

    with monkeypatch.context() as broken:
        broken.setattr("marketplace.partners.commands.holds.place", fail)
        assert code(partner.post(HOLDS, wish(loaded), once="k1")) == (500, "internal_error")
    assert bookings(services) == 0
    assert partner.post(HOLDS, wish(loaded), once="k1").status_code == 201
