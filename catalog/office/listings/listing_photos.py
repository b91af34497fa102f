"""What a photograph of a listing's document shows, and what of it must stay in sight. Pure.

Beside ``id`` and its descriptions a photograph says ``room`` (the key of a room type), or
``subject`` where it shows no room, and ``focus``. What is as usual is left out: the place as a
whole, and the centre.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from catalog.office.cases.case_facts import Facts
from catalog.vocabulary import Focus, PhotoSubject

ROOM = "room-"
"""Begins the choice of a room type in a form; its key follows."""
NO_CHOICE = "请从列出的选项里选"
ROOM_GONE = "这个房型已经去掉了，请重新选照片上是什么"


def room_keys(rooms: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the keys by which photographs name room types, in their order.

    A room type of the listing has its id; one that the draft adds has a key of the draft, which
    stays while others come and go.
    """
    keys = [str(room["id"]) if room.get("id") else room.get("key") or "" for room in rooms]
    free = (key for number in itertools.count(1) if (key := f"new{number}") not in keys)
    return [key or next(free) for key in keys]


def subject_chosen(photo: Mapping[str, Any]) -> str:
    """Return what a photograph shows as the value of a form's choice."""
    if photo.get("room"):
        return f"{ROOM}{photo['room']}"
    return photo.get("subject") or PhotoSubject.HOUSE.value


def placed(subject: str, focus: str) -> Facts:
    """Return what the choices of a form say; what is as usual is left out."""
    said: Facts = {}
    if subject.startswith(ROOM):
        said["room"] = subject.removeprefix(ROOM)
    elif subject not in ("", PhotoSubject.HOUSE):
        said["subject"] = subject
    if focus not in ("", Focus.CENTRE):
        said["focus"] = focus
    return said


def placing_faults(photo: Mapping[str, Any], rooms: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return what is wrong with ``subject`` and ``focus``, by field."""
    faults = {}
    if photo.get("room"):
        if photo["room"] not in room_keys(rooms):
            faults["subject"] = ROOM_GONE
    elif photo.get("subject") and photo["subject"] not in set(PhotoSubject):
        faults["subject"] = NO_CHOICE
    if photo.get("focus") and photo["focus"] not in set(Focus):
        faults["focus"] = NO_CHOICE
    return faults


def left_to_house(photos: Sequence[Facts], rooms: Sequence[Mapping[str, Any]]) -> list[Facts]:
    """Return the photographs; those of a room type that is not there show the place as a whole."""
    keys = room_keys(rooms)
    return [
        {name: value for name, value in photo.items() if name != "room" or value in keys}
        for photo in photos
    ]


def subject_of(photo: Mapping[str, Any]) -> PhotoSubject:
    """Return what a photograph shows that shows no room type."""
    return PhotoSubject(photo.get("subject") or PhotoSubject.HOUSE)


def focus_of(photo: Mapping[str, Any]) -> Focus:
    """Return what of a photograph has to stay in sight."""
    return Focus(photo.get("focus") or Focus.CENTRE)


def room_choices(rooms: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str, int]]:
    """Yield of every room type the value of a form's choice, its Chinese name and its number."""
    for number, (key, room) in enumerate(zip(room_keys(rooms), rooms, strict=True), 1):
        yield f"{ROOM}{key}", room.get("name_zh") or "", number
