"""What photographs of a draft show: rooms keep their names while others come and go."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.office.listings.listing_lines import lines
from catalog.office.listings.listing_photos import (
    NO_CHOICE,
    ROOM_GONE,
    left_to_house,
    placed,
    placing_faults,
    room_keys,
    subject_chosen,
)

ROOMS = [
    {"id": 7, "name_zh": "双床房", "name_en": "Twin room"},
    {"id": None, "name_zh": "家庭房", "name_en": ""},
    {"id": None, "key": "new1", "name_zh": "大床房", "name_en": "Double room"},
]


def test_room_types_of_a_draft_keep_their_keys_while_others_go() -> None:
    assert room_keys(ROOMS) == ["7", "new2", "new1"]
    assert room_keys(ROOMS[2:]) == ["new1"]
    assert room_keys([{"id": None}] * 2) == ["new1", "new2"]
    assert room_keys([]) == []


@pytest.mark.parametrize(
    ("subject", "focus", "said"),
    [
        ("house", "centre", {}),
        ("", "", {}),
        ("room-7", "centre", {"room": "7"}),
        ("bath", "top_left", {"subject": "bath", "focus": "top_left"}),
        ("cellar", "middle", {"subject": "cellar", "focus": "middle"}),
    ],
)
def test_what_is_as_usual_is_not_written(subject: str, focus: str, said: dict[str, Any]) -> None:
    assert placed(subject, focus) == said
    assert subject_chosen(said) == (subject or "house")


@pytest.mark.parametrize(
    ("photo", "faults"),
    [
        ({}, {}),
        ({"room": "7"}, {}),
        ({"room": "new1", "focus": "bottom"}, {}),
        ({"room": "8"}, {"subject": ROOM_GONE}),
        ({"subject": "cellar"}, {"subject": NO_CHOICE}),
        ({"focus": "0% 0%"}, {"focus": NO_CHOICE}),
    ],
)
def test_only_what_is_offered_can_be_chosen(photo: dict[str, Any], faults: dict[str, str]) -> None:
    assert placing_faults(photo, ROOMS) == faults


def test_photographs_of_a_room_that_goes_are_left_to_the_house() -> None:
    photos = [
        {"id": 1, "alt_zh": "双床房的两张床", "room": "7", "focus": "left"},
        {"id": 2, "alt_zh": "大床房的窗户", "room": "new1"},
        {"id": 3, "alt_zh": "卫生间的扶手", "subject": "bath"},
    ]
    assert left_to_house(photos, ROOMS) == photos
    assert left_to_house(photos, ROOMS[1:]) == [
        {"id": 1, "alt_zh": "双床房的两张床", "focus": "left"},
        *photos[1:],
    ]


@pytest.mark.parametrize(
    ("photo", "words"),
    [
        ({}, ("整体", "The place as a whole")),
        ({"room": "7"}, ("双床房", "Twin room")),
        ({"room": "new2"}, ("家庭房", "家庭房")),
        (
            {"subject": "bath", "focus": "top_left"},
            ("卫生间，裁图时留住：左上", "Bathroom, kept when cut: top left"),
        ),
    ],
)
def test_a_reviewer_reads_what_it_shows(photo: dict[str, Any], words: tuple[str, str]) -> None:
    row = {"id": 4, "alt_zh": "窗边的床", "alt_en": "Bed at the window"} | photo
    line = lines({"kind": "stay", "rooms": ROOMS, "photos": [row]})[-1]
    assert (line.zh, line.en) == (
        f"1. 窗边的床（{words[0]}）",
        f"1. Bed at the window ({words[1]})",
    )
