"""What cannot be used in a request is named, field by field, in plain words."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.booking.contract.guests import name_fault
from marketplace.kernel.text import UNSEEN, clean, one_line, unkeepable
from marketplace.web.api.field_types import NAMED, SHOWN
from tests.factories import Room
from tests.support.partner import HOLDS, Program, code

FEED = "/partner/v1/feed/listings"
FREE = "/partner/v1/stays/availability"


@pytest.mark.parametrize(
    ("wish", "fields"),
    [
        ({"rooms": 0}, {"rooms"}),
        ({"rooms": "1"}, {"rooms"}),
        ({"rooms": True}, {"rooms"}),
        ({"nights": 121}, {"nights"}),
        ({"nights": 1.5}, {"nights"}),
        ({"arrive": "10.06.2027"}, {"arrive"}),
        ({"arrive": 1_800_000_000}, {"arrive"}),
        ({"arrive": "2027-05-31"}, {"arrive"}),
        ({"adults": 3}, {"adults"}),
        ({"children_ages": [18]}, {"children_ages"}),
        ({"children_ages": [-1, "x"]}, {"children_ages"}),
        ({"external_ref": ""}, {"external_ref"}),
        ({"external_ref": "a\u0000b"}, {"external_ref"}),
        ({"external_ref": "x" * 81}, {"external_ref"}),
        ({"room_type": 2**63}, {"room_type"}),
        ({"rom": 1, "nights": 0}, {"rom", "nights"}),
    ],
)
def test_what_cannot_be_held_is_named(
    partner: Program, loaded: Room, wish: dict[str, Any], fields: set[str]
) -> None:
    refused = partner.hold(loaded, **wish)
    assert code(refused) == (422, "invalid")
    assert set(refused.json["fields"]) == fields
    assert partner.get("/partner/v1/bookings?external_ref=A-1").json["items"] == []


@pytest.mark.parametrize(
    ("guest", "field"),
    [
        ({}, "lead_guest"),
        ({"lead_guest": {"name": "王秀英"}}, "lead_guest.phone"),
        ({"lead_guest": {"name": "  ", "phone": "13800138000"}}, "lead_guest.name"),
        ({"lead_guest": {"name": "王秀英", "phone": "12345"}}, "lead_guest.phone"),
        ({"lead_guest": {"name": "王秀英", "phone": "13800138000", "id": "1"}}, "lead_guest.id"),
    ],
)
def test_a_guest_must_have_a_name_and_a_telephone(
    partner: Program, loaded: Room, guest: dict[str, Any], field: str
) -> None:
    path = f"{HOLDS}/{partner.held(loaded)}"
    refused = partner.post(f"{path}/confirm", guest)
    assert code(refused) == (422, "invalid")
    assert list(refused.json["fields"]) == [field]
    assert partner.get(path).json["state"] == "held"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("nights=2", "arrive"),
        ("arrive=2027-05-31&nights=2", "arrive"),
        ("arrive=1800000000&nights=2", "arrive"),
        ("arrive=2027-02-30&nights=2", "arrive"),
        ("arrive=9999-12-31&nights=2", "arrive"),
        ("arrive=2027-06-10&nights=121", "nights"),
        ("arrive=2027-06-10&nights=2&rooms=10", "rooms"),
        ("arrive=2027-06-10&nights=2&adults=0", "adults"),
        ("arrive=2027-06-10&nights=2&who=me", "who"),
    ],
)
def test_what_cannot_be_asked_is_named(partner: Program, query: str, field: str) -> None:
    answer = partner.get(f"{FREE}?{query}")
    assert code(answer) == (422, "invalid")
    assert list(answer.json["fields"]) == [field]


@pytest.mark.parametrize(
    ("first", "last", "status"),
    [
        ("2027-06-10", "2028-07-14", 200),
        ("2027-06-10", "2028-07-15", 422),
        ("2027-06-10", "2027-06-10", 422),
        ("2027-06-11", "2027-06-10", 422),
    ],
)
def test_at_most_400_days_at_once(
    partner: Program, loaded: Room, first: str, last: str, status: int
) -> None:
    path = f"/partner/v1/stays/{loaded.listing_id}/ari?from={first}&to={last}"
    answer = partner.get(path)
    assert answer.status_code == status
    if status == 200:
        assert len(answer.json["room_types"][0]["nights"]) == 400
    else:
        assert list(answer.json["fields"]) == ["to"]


@pytest.mark.parametrize("listing", ["0", "999", str(2**63 - 1), str(2**63), "x"])
def test_no_such_listing(partner: Program, listing: str) -> None:
    path = f"/partner/v1/stays/{listing}/ari?from=2027-06-10&to=2027-06-12"
    assert code(partner.get(path)) == (404, "not_found")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("after=x", "after"),
        ("after=-1", "after"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("afterr=1", "afterr"),
        (f"after={2**63}", "after"),
    ],
)
def test_a_wrong_cursor_is_named(partner: Program, query: str, field: str) -> None:
    answer = partner.get(f"{FEED}?{query}")
    assert code(answer) == (422, "invalid")
    assert list(answer.json["fields"]) == [field]


@pytest.mark.parametrize("body", [b"[]", b"1", b"null", b'"x"'])
def test_json_that_is_no_object_names_the_body(partner: Program, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {partner.key}", "Idempotency-Key": "k1"}
    refused = partner.client.post(
        HOLDS, data=body, content_type="application/json", headers=headers
    )
    assert code(refused) == (422, "invalid")
    assert list(refused.json["fields"]) == ["body"]


# ------------------------------------------------------------------ patterns as enforced

ODD = st.one_of(
    st.text(max_size=12),
    st.text(
        st.sampled_from("A1 号\t\u3000\u200b\u200d\ufe0f\u202e\xa0\ufffd\ue000\U000e0100é"),
        max_size=8,
    ),
)


@given(ODD)
@settings(max_examples=300, deadline=None)
def test_a_reference_that_keeps_to_its_pattern_is_kept_as_it_is(text: str) -> None:
    if re.search(SHOWN, text):
        assert clean(text) == text
        assert text
        assert unkeepable(text) is None


@given(ODD)
@settings(max_examples=300, deadline=None)
def test_a_name_is_taken_where_its_pattern_says_so(text: str) -> None:
    told = re.search(NAMED, text) is not None
    if told:
        assert name_fault(one_line(text)) is None
    elif not re.search(f"[{UNSEEN}]", text):
        assert name_fault(one_line(text)) is not None


@pytest.mark.parametrize("reference", ["NT-1001", "订单 7", "a/b?c=d&e", "№ 5", "x" * 80])
def test_ordinary_references_are_taken(partner: Program, loaded: Room, reference: str) -> None:
    assert partner.hold(loaded, external_ref=reference).json["external_ref"] == reference


@pytest.mark.parametrize(
    "reference", [" A", "A ", "A\tB", "A\u200bB", "A\u3000", "\ue000", "A\xa0B"]
)
def test_references_that_look_alike_are_refused(
    partner: Program, loaded: Room, reference: str
) -> None:
    refused = partner.hold(loaded, external_ref=reference)
    assert code(refused) == (422, "invalid")
    assert list(refused.json["fields"]) == ["external_ref"]
