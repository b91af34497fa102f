"""Files that prove something: taken in by what they are, and who may see them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.office.models import Document
from marketplace.kernel.blobs import BlobStore
from marketplace.kernel.errors import Invalid, NotFound
from marketplace.kernel.text import one_line

MOST_BYTES = 10 * 1024 * 1024
LONGEST_NAME = 120
PDF = "application/pdf"
NO_FILE = "请选一个文件"
EMPTY = "这个文件是空的，请重新选一个"
TOO_LARGE = "文件太大，最多 10 兆。请压缩、缩小或重新拍一张，再上传"
UNKNOWN = "只收 PDF、JPEG、PNG 和 WebP 文件。这个文件的内容不是其中任何一种，改文件名没有用"
SIGNATURES = (
    (re.compile(rb"%PDF-\d\.\d"), PDF),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
)
"""How each kind of file that is taken begins."""


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


def add_document(
    session: Session,
    *,
    blobs: BlobStore,
    name: str,
    content: bytes,
    owner_id: int,
    enterprise_id: int | None,
    now: dt.datetime,
) -> Document:
    """Keep a file just as it was given.

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
    row = Document(
        blob=blobs.put(content),
        name=clean_name(name),
        media_type=media_type,
        size=len(content),
        owner_id=owner_id,
        enterprise_id=enterprise_id,
        given_at=now,
    )
    session.add(row)
    session.flush()
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
