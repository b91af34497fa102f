"""What every form with a file shares: limits, and that a refused form leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from limits import parse
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from catalog.office.cases.case_facts import Facts
from catalog.office.cases.case_lifecycle import StaleForm
from catalog.office.evidence.documents import MOST_BYTES, GivenFile, add_document, look_over
from catalog.office.models import Document, ReviewCase
from catalog.office.photos.photo_intake import GivenPhoto, add_photo
from catalog.states import CASE_EDITABLE, WrongCaseState
from marketplace.web.auth import staff
from marketplace.web.context import address, now, services
from marketplace.web.forms import reader
from marketplace.web.protection import limits

OF_ACCOUNT = parse("120 per hour")
OF_ADDRESS = parse("240 per hour")
"""A county's office and its applicants share one address."""


def content_of(file: FileStorage | None) -> bytes:
    """Return a file's bytes, one more than the most where there are more; empty without a file."""
    return file.stream.read(MOST_BYTES + 1) if file is not None else b""


def refuse_overtaken(case: ReviewCase) -> None:
    """Refuse a form that cannot be saved any more before its file is looked at.

    Raises:
        StaleForm, WrongCaseState.
    """
    if (reader.posted().key("version") or 0) != case.version:
        raise StaleForm(extra={"version": case.version})
    if case.status not in CASE_EDITABLE:
        raise WrongCaseState(extra={"state": case.status.value})


@contextmanager
def kept(content: bytes) -> Iterator[tuple[Session, str]]:
    """Keep a form's file and open the transaction that names it; without it, the file goes.

    Raises:
        TooManyTries: this account or this network address has sent too many files.
    """
    limits.spend(OF_ACCOUNT, "file", str(staff().account.id))
    limits.spend(OF_ADDRESS, "file-address", address())
    blobs = services().blobs
    name = blobs.put_sealed(content)
    try:
        with services().database.write() as session:
            yield session, name
    except BaseException:
        blobs.drop(name)
        raise


def add_given_photo(session: Session, name: str, content: bytes, alt: dict[str, str]) -> Facts:
    """Add a photograph that was kept as ``name``; returns how a case names it."""
    account = staff().account
    photo = add_photo(
        session,
        GivenPhoto(
            original=name,
            size=len(content),
            alt_zh=alt["alt_zh"],
            alt_en=alt["alt_en"],
            owner_id=account.id,
            enterprise_id=account.enterprise_id,
        ),
        most_bytes=services().settings.upload_quota_bytes,
        now=now(),
    )
    return {"id": photo.id, "alt_zh": photo.alt_zh, "alt_en": photo.alt_en}


def add_given_document(session: Session, blob: str, content: bytes, file_name: str) -> Document:
    """Add a file that was kept as ``blob``."""
    account = staff().account
    return add_document(
        session,
        GivenFile(
            blob=blob,
            name=file_name,
            media_type=look_over(content),
            size=len(content),
            owner_id=account.id,
            enterprise_id=account.enterprise_id,
        ),
        most_bytes=services().settings.upload_quota_bytes,
        waits=bool(services().settings.scanner),
        now=now(),
    )
