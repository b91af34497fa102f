"""Files that prove something: taken in by what they are, and who may see them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.effects import CheckDocument
from catalog.office.evidence import quota
from catalog.office.models import Document
from catalog.states import FileState
from marketplace.kernel import outbox
from marketplace.kernel.blobs import BlobReader
from marketplace.kernel.errors import DomainError, Invalid, NotFound
from marketplace.kernel.messages import Message, megabytes
from marketplace.kernel.text import one_line

MOST_BYTES = 10 * 1024 * 1024
LONGEST_NAME = 120
PDF = "application/pdf"
NO_FILE = "请选一个文件"
EMPTY = "这个文件是空的，请重新选一个"
TOO_LARGE = Message(
    "文件太大，最多 %(most)s 兆。请压缩、缩小或重新拍一张，再上传", most=megabytes(MOST_BYTES)
)
UNKNOWN = "只收 PDF、JPEG、PNG 和 WebP 文件。这个文件的内容不是其中任何一种，改文件名没有用"
SIGNATURES = (
    (re.compile(rb"%PDF-\d\.\d"), PDF),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
)
"""How each kind of file that is taken begins."""


class StillChecked(DomainError):
    """The file has not been found harmless yet."""

    code = "still_checked"
    http_status = 409
    message = "这个文件还在做安全检查，通常几分钟就好，请过一会儿再看"


class Harmful(DomainError):
    """The file was found harmful, and is not kept."""

    code = "harmful_file"
    http_status = 410
    message = "这个文件没有通过安全检查，没有收下。请换一个文件"


def media_type_of(content: bytes) -> str | None:
    """Return what a file is by its first bytes, or ``None`` when it is nothing that is taken."""
    for begins, media_type in SIGNATURES:
        if begins.match(content):
            return media_type
    return None


def clean_name(name: str) -> str:
    """Return a file's name without folders, control characters and what systems stumble over."""
    last = re.split(r"[/\\]", one_line(name))[-1]
    kept = re.sub(r'[<>:"|?*]', "", last).strip(" .")
    stem, dot, ending = kept.rpartition(".")
    if not dot or len(ending) > 10:  # noqa: PLR2004 - longer is no ending of a file's name
        return kept[:LONGEST_NAME] or "file"
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}"


def look_over(content: bytes) -> str:
    """Return what kind of file this is.

    Raises:
        Invalid: it is empty, larger than 10 MB, or nothing that is taken; the field is ``file``.
    """
    if not content:
        raise Invalid({"file": EMPTY})
    if len(content) > MOST_BYTES:
        raise Invalid({"file": TOO_LARGE})
    media_type = media_type_of(content)
    if media_type is None:
        raise Invalid({"file": UNKNOWN})
    return media_type


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file as somebody gave it, encrypted already."""

    blob: str
    """The name of the encrypted content."""
    name: str
    """What it was called where it came from."""
    media_type: str
    size: int
    """Its bytes."""
    owner_id: int
    enterprise_id: int | None


def add_document(
    session: Session, given: GivenFile, *, most_bytes: int, waits: bool, now: dt.datetime
) -> Document:
    """Keep a file that ``look_over`` let pass; where it ``waits``, its check is owed first.

    ``most_bytes`` is what all files of one account may come to.

    Raises:
        Invalid: the account has no room left; the field is ``file``.
    """
    quota.make_room(
        session, owner_id=given.owner_id, size=given.size, most_bytes=most_bytes, field="file"
    )
    row = Document(
        blob=given.blob,
        state=FileState.WAITING if waits else FileState.CLEAN,
        name=clean_name(given.name),
        media_type=given.media_type,
        size=given.size,
        owner_id=given.owner_id,
        enterprise_id=given.enterprise_id,
        given_at=now,
    )
    session.add(row)
    session.flush()
    if waits:
        outbox.owe(session, CheckDocument(row.id), now=now)
    return row


def document_for(session: Session, document_id: int) -> Document:
    """Return a file's row; raises ``NotFound``. Who may see it is for the caller to ask."""
    row = session.get(Document, document_id)
    if row is None:
        raise NotFound
    return row


def own_document(
    session: Session, document_id: int, *, owner_id: int, enterprise_id: int | None
) -> Document:
    """Return a file's row to who gave it or to the operators of its enterprise.

    Raises:
        NotFound: there is none, or it is not theirs; the two look the same.
    """
    row = document_for(session, document_id)
    of_house = enterprise_id is not None and row.enterprise_id == enterprise_id
    if row.owner_id == owner_id or of_house:
        return row
    raise NotFound


def names_of(session: Session, document_ids: Collection[int]) -> dict[int, str]:
    """Return the names of files by their ids."""
    rows = session.execute(
        sa.select(Document.id, Document.name).where(Document.id.in_(document_ids))
    )
    return {row.id: row.name for row in rows}


def content_of(document: Document, blobs: BlobReader) -> bytes:
    """Return a file's content.

    Raises:
        StillChecked, Harmful: nobody is given it. NotFound: it is gone.
    """
    if document.state is FileState.WAITING:
        raise StillChecked
    if document.state is FileState.HARMFUL:
        raise Harmful
    return blobs.get(document.blob)


def harmful_among(session: Session, document_ids: Collection[int]) -> set[int]:
    """Return those of the files that were found harmful."""
    return set(
        session.scalars(
            sa.select(Document.id).where(
                Document.id.in_(document_ids), Document.state == FileState.HARMFUL
            )
        )
    )
