"""Photographs as they are given: looked at without decoding, kept encrypted, left to the worker.

Nothing of the file as it was given is kept once its sizes are made: not its name, and none of the
data inside that says where and with which device it was taken.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.effects import DevelopPhoto
from catalog.office.evidence import quota
from catalog.office.models import Photo
from catalog.office.photos.photo_problems import PROBLEM_TEXTS
from catalog.office.photos.photo_texts import alt_faults
from catalog.states import PhotoProblem, PhotoState
from marketplace.kernel import outbox
from marketplace.kernel.errors import Invalid
from marketplace.kernel.messages import Message, megabytes

MOST_BYTES = 10 * 1024 * 1024
MOST_WAITING = 12
"""Photographs of one account that may wait for the worker at a time."""
APPLE_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")
SIGNATURES = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|RIFF....WEBP|....ftyp", re.DOTALL)
"""How the files begin that are taken."""

TOO_LARGE = Message("照片文件太大，请选 %(most)s MB 以内的", most=megabytes(MOST_BYTES))
NO_FILE = "请选一张照片"
APPLE = "这是 HEIC 格式的照片，请先在手机上另存为 JPEG 再上传"
WAITING = Message("已有 %(most)s 张照片在处理，请过几分钟再上传", most=MOST_WAITING)
STILL_MADE = "有照片还在处理，请过几分钟再提交"
NOT_MADE = "有照片没能处理好，请去掉它，再上传一张"


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the worker is with a photograph."""

    state: PhotoState
    problem: str
    """Why it could not be made, as a message id; empty otherwise."""


def look_over(content: bytes, *, alt_zh: str, alt_en: str) -> None:
    """Refuse what can be seen to be of no use without decoding anything.

    Raises:
        Invalid: the file (field ``photo``) or its description (``alt_zh``, ``alt_en``) cannot be
            used; all faults at once.
    """
    faults = alt_faults(alt_zh, alt_en)
    if fault := _file_fault(content):
        faults["photo"] = fault
    if faults:
        raise Invalid(faults)


def _file_fault(content: bytes) -> str:
    if not content:
        return NO_FILE
    if len(content) > MOST_BYTES:
        return TOO_LARGE
    if content[4:8] == b"ftyp" and content[8:12] in APPLE_BRANDS and b"avif" not in content[:64]:
        return APPLE
    return "" if SIGNATURES.match(content) else PROBLEM_TEXTS[PhotoProblem.NO_PICTURE]


@dataclass(frozen=True, slots=True)
class GivenPhoto:
    """A photograph as somebody gave it, encrypted already."""

    original: str
    """The name of the encrypted file."""
    size: int
    """Its bytes."""
    alt_zh: str
    alt_en: str
    owner_id: int
    enterprise_id: int | None


def add_photo(session: Session, given: GivenPhoto, *, most_bytes: int, now: dt.datetime) -> Photo:
    """Keep a photograph that ``look_over`` let pass, and owe its making; nothing shows it yet.

    ``most_bytes`` is what all files of one account may come to.

    Raises:
        Invalid: too many of the account's photographs wait, or it has no room left.
    """
    quota.make_room(
        session, owner_id=given.owner_id, size=given.size, most_bytes=most_bytes, field="photo"
    )
    waiting = session.scalar(
        sa.select(sa.func.count())
        .select_from(Photo)
        .where(Photo.owner_id == given.owner_id, Photo.state == PhotoState.WAITING)
    )
    if (waiting or 0) >= MOST_WAITING:
        raise Invalid({"photo": WAITING})
    photo = Photo(
        owner_id=given.owner_id,
        enterprise_id=given.enterprise_id,
        alt_zh=given.alt_zh.strip(),
        alt_en=given.alt_en.strip(),
        state=PhotoState.WAITING,
        original=given.original,
        size=given.size,
        width=0,
        height=0,
        sizes={},
        given_at=now,
    )
    session.add(photo)
    session.flush()
    outbox.owe(session, DevelopPhoto(photo.id), now=now)
    return photo


def standings(session: Session, photo_ids: Collection[int]) -> dict[int, Standing]:
    """Return how far photographs are, by id."""
    rows = session.execute(
        sa.select(Photo.id, Photo.state, Photo.problem).where(Photo.id.in_(photo_ids))
    )
    return {
        row.id: Standing(row.state, PROBLEM_TEXTS[row.problem] if row.problem else "")
        for row in rows
    }


def unmade(session: Session, photo_ids: Collection[int]) -> str:
    """Return what keeps photographs from being shown, as a message id; empty when nothing does."""
    states = {standing.state for standing in standings(session, photo_ids).values()}
    if PhotoState.FAILED in states:
        return NOT_MADE
    return STILL_MADE if PhotoState.WAITING in states else ""
