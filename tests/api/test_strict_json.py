"""What two readers of one request could understand differently is refused by name."""

from __future__ import annotations

import gzip
import json

import pytest
from werkzeug.test import TestResponse

from marketplace.kernel.stay import LONGEST_NIGHTS
from marketplace.offers.quoting.stay_offers import MOST_ROOMS
from marketplace.pricing.nights.terms import MOST_EXTRA_BEDS, OLDEST_CHILD
from marketplace.web.partner_api.field_types import MOST_CHILDREN, MOST_GUESTS
from tests.factories import Room
from tests.support.described import as_described
from tests.support.partner import HOLDS, Program, code, stay

FREE = "/partner/v1/stays/availability?arrive=2027-06-10&nights=2"
PATHS = [
    f"{HOLDS}/{'0' * 32}",
    "/partner/v1/listings/1",
    "/partner/v1/events",
    "/partner/v1/bookings",
    "/partner/v1/feed/listings",
]
MOST_BEDS = MOST_ROOMS * MOST_EXTRA_BEDS
BOM = b"\xef\xbb\xbf"


def raw(program: Program, path: str, body: bytes) -> TestResponse:
    headers = {"Authorization": f"Bearer {program.key}", "Idempotency-Key": "the-only"}
    return program.client.post(path, data=body, content_type="application/json", headers=headers)


def wish(room: Room) -> str:
    return json.dumps(stay(room) | {"external_ref": "A-1"})


class TestTwice:
    @pytest.mark.parametrize(
        ("more", "name"),
        [
            ('"nights": 60', "nights"),
            ('"nights": 2', "nights"),
            ('"n\\u0069ghts": 60', "nights"),
            ('"x": {"deep": [1, {"y": 1, "y": 1}]}', "y"),
            ('"x": 1, "x": 1', "x"),
        ],
    )
    def test_a_field_that_is_there_twice_is_named_and_nothing_is_held(
        self, partner: Program, loaded: Room, more: str, name: str
    ) -> None:
        refused = raw(partner, HOLDS, f"{wish(loaded)[:-1]}, {more}}}".encode())
        assert code(refused) == (422, "invalid")
        assert list(refused.json["fields"]) == [name]
        # Nothing was begun under the key: corrected, the same one holds the rooms.
        assert raw(partner, HOLDS, wish(loaded).encode()).status_code == 201

    def test_so_it_is_in_every_command(self, partner: Program, loaded: Room) -> None:
        path = f"{HOLDS}/{partner.held(loaded)}"
        guest = '"name": "王秀英", "phone": "13800138000", "phone": "13800138001"'
        refused = raw(partner, f"{path}/confirm", f'{{"lead_guest": {{{guest}}}}}'.encode())
        assert code(refused) == (422, "invalid")
        assert list(refused.json["fields"]) == ["phone"]
        assert partner.get(path).json["state"] == "held"

    def test_two_objects_may_each_have_it(self, partner: Program, loaded: Room) -> None:
        refused = raw(
            partner, HOLDS, f'{wish(loaded)[:-1]}, "x": [{{"a": 1}}, {{"a": 1}}]}}'.encode()
        )
        assert list(refused.json["fields"]) == ["x"]

    @pytest.mark.parametrize(
        ("query", "names"),
        [("&nights=2", ["nights"]), ("&nights=60", ["nights"]), ("&%6eights=3", ["nights"]),
         ("&who=a&who=b", ["who"]), ("&nights=3&arrive=2027-06-11", ["arrive", "nights"])],
    )  # fmt: skip
    def test_a_parameter_that_is_there_twice_is_named(
        self, partner: Program, loaded: Room, query: str, names: list[str]
    ) -> None:
        refused = partner.get(FREE + query)
        assert code(refused) == (422, "invalid")
        assert list(refused.json["fields"]) == names

    def test_on_every_path(self, partner: Program) -> None:
        for path in PATHS:
            assert code(partner.get(f"{path}?limit=1&limit=1")) == (422, "invalid")

    def test_who_has_no_key_is_told_of_that_alone(self, partner: Program) -> None:
        assert partner.client.get(f"{FREE}&nights=2").status_code == 401


class TestByteOrderMark:
    def test_a_body_is_read_behind_it(self, partner: Program, loaded: Room) -> None:
        assert raw(partner, HOLDS, BOM + wish(loaded).encode()).status_code == 201

    def test_it_makes_no_other_request_of_it(self, partner: Program, loaded: Room) -> None:
        first = raw(partner, HOLDS, wish(loaded).encode())
        again = raw(partner, HOLDS, BOM + wish(loaded).encode())
        assert again.headers["Idempotent-Replayed"] == "true"
        assert again.get_data() == first.get_data()

    def test_alone_it_is_an_empty_body(self, partner: Program, loaded: Room) -> None:
        path = f"{HOLDS}/{partner.held(loaded)}/extend"
        assert raw(partner, path, BOM).status_code == 200

    @pytest.mark.parametrize(
        "body", [BOM + BOM + b"{}", b"\xff\xfe{\x00}\x00", "{}".encode("utf-16-be"), b" " + BOM]
    )
    def test_what_is_no_utf_8_is_no_json(self, partner: Program, body: bytes) -> None:
        assert code(raw(partner, HOLDS, body)) == (400, "malformed_json")

    @pytest.mark.parametrize("body", [b"[" * 30_000, b'{"a":' * 5_000, b"1" * 5_000, b"NaN"])
    def test_nor_is_what_no_reader_gets_to_the_end_of(self, partner: Program, body: bytes) -> None:
        assert raw(partner, HOLDS, body).status_code in (400, 422)


class TestNumbers:
    @pytest.mark.parametrize(
        "typed",
        ["1_0", "+2", "%2B2", "%202", "2%20", "2.0", "2.", "2e0", "02", "0x2", "-0.0",
         "\uff12", "\u0662", "two", ""],
    )  # fmt: skip
    def test_a_number_has_one_writing(self, partner: Program, loaded: Room, typed: str) -> None:
        logs = ("limit", "afterChangeNumber", "after")
        for path, names in (
            (FREE, ("rooms", "adults", "children", "after", "limit")),
            ("/partner/v1/events?", logs),
            ("/partner/v1/feed/listings?", logs),
        ):
            for name in names:
                refused = partner.get(f"{path}&{name}={typed}")
                assert code(refused) == (422, "invalid"), (path, name)
                assert list(refused.json["fields"]) == [name]

    def test_digits_alone_are_read(self, partner: Program, loaded: Room) -> None:
        assert partner.get(f"{FREE}&rooms=1&adults=2&children=0").json["items"]


class TestWhatIsSaid:
    """A refusal says the whole rule of a field, also the end of it that is seldom reached."""

    @pytest.mark.parametrize(
        ("given", "name", "said"),
        [
            ({"adults": MOST_GUESTS + 1}, "adults", f"from 1 to {MOST_GUESTS}"),
            ({"rooms": MOST_ROOMS + 1}, "rooms", f"from 1 to {MOST_ROOMS}"),
            ({"nights": LONGEST_NIGHTS + 1}, "nights", f"from 1 to {LONGEST_NIGHTS}"),
            ({"extra_beds": MOST_BEDS + 1}, "extra_beds", f"from 0 to {MOST_BEDS}"),
            ({"children_ages": [OLDEST_CHILD + 1]}, "children_ages", f"from 0 to {OLDEST_CHILD}"),
            (
                {"children_ages": [1] * (MOST_CHILDREN + 1)},
                "children_ages",
                f"at most {MOST_CHILDREN}",
            ),
            ({"arrive": "9999-12-31"}, "arrive", "2199"),
            ({"external_ref": " A-1 "}, "external_ref", "without a space at either end"),
            ({"external_ref": "A" * 81}, "external_ref", "1 to 80"),
            ({"external_ref": "A\ue000"}, "external_ref", "can be seen"),
        ],
    )
    def test_of_a_field(
        self, partner: Program, loaded: Room, given: dict[str, object], name: str, said: str
    ) -> None:
        refused = partner.hold(loaded, **given)
        assert code(refused) == (422, "invalid")
        assert list(refused.json["fields"]) == [name]
        assert said in refused.json["fields"][name]

    @pytest.mark.parametrize("name", ["王\ue000", "王" * 41])
    def test_of_a_name(self, partner: Program, loaded: Room, name: str) -> None:
        path = f"{HOLDS}/{partner.held(loaded)}/confirm"
        refused = partner.post(path, {"lead_guest": {"name": name, "phone": "13800138000"}})
        assert list(refused.json["fields"]) == ["lead_guest.name"]
        said = refused.json["fields"]["lead_guest.name"]
        assert "at most 40 characters" in said
        assert "can be shown" in said

    @pytest.mark.parametrize(
        ("path", "name", "said"),
        [
            (f"{FREE}&children={MOST_CHILDREN + 1}", "children", f"from 0 to {MOST_CHILDREN}"),
            (f"{FREE}&limit=201", "limit", "200 of other lists"),
            ("/partner/v1/bookings?limit=201", "limit", "200 of other lists"),
            ("/partner/v1/events?limit=1001", "limit", "1000 of the events"),
            ("/partner/v1/feed/listings?limit=501", "limit", "500 of the feed"),
            ("/partner/v1/bookings?to=9999-12-31", "to", "2199"),
            ("/partner/v1/bookings?from=9999-12-31", "from", "2199"),
        ],
    )
    def test_of_a_parameter(self, partner: Program, path: str, name: str, said: str) -> None:
        refused = partner.get(path)
        assert code(refused) == (422, "invalid")
        assert list(refused.json["fields"]) == [name]
        assert said in refused.json["fields"][name]


@pytest.mark.parametrize("charset", ["gbk", "GB18030", "utf-16", "latin-1", ""])
@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_another_charset_is_refused_and_nothing_is_begun(
    partner: Program, loaded: Room, charset: str, encoding: str
) -> None:
    headers = {"Authorization": f"Bearer {partner.key}", "Idempotency-Key": "the-only"}
    body = json.dumps(stay(loaded) | {"external_ref": "桂林-1"}, ensure_ascii=False).encode(
        encoding
    )
    kind = f'application/json; charset="{charset}"'
    refused = partner.client.post(HOLDS, data=body, content_type=kind, headers=headers)
    assert code(as_described(partner.app, refused)) == (415, "unsupported_media_type")
    assert "UTF-8" in refused.json["detail"]
    for charset_of_json in ("utf-8", "UTF-8", '"utf-8"'):
        kind = f"application/json; charset={charset_of_json}"
        held = partner.client.post(HOLDS, data=wish(loaded), content_type=kind, headers=headers)
        assert held.status_code == 201


@pytest.mark.parametrize("given", ["%FF", "%e6%a1", "A%C3%28", "%ED%A0%80"])
def test_a_query_that_is_no_utf_8_is_refused_not_guessed_at(partner: Program, given: str) -> None:
    refused = partner.get(f"/partner/v1/bookings?external_ref={given}")
    assert code(as_described(partner.app, refused)) == (400, "bad_request")
    assert "UTF-8" in refused.json["detail"]


@pytest.mark.parametrize("coding", ["gzip", "br", "gzip, identity", "x"])
def test_a_compressed_body_is_called_so_and_nothing_is_begun(
    partner: Program, loaded: Room, coding: str
) -> None:
    for body in (gzip.compress(wish(loaded).encode()), wish(loaded).encode()):
        headers = {
            "Authorization": f"Bearer {partner.key}",
            "Idempotency-Key": "the-only",
            "Content-Encoding": coding,
        }
        refused = partner.client.post(
            HOLDS, data=body, content_type="application/json", headers=headers
        )
        assert code(as_described(partner.app, refused)) == (415, "unsupported_media_type")
        assert refused.json["detail"] == "Send the content uncompressed"
    assert raw(partner, HOLDS, wish(loaded).encode()).status_code == 201
