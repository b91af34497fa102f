"""Tables of the directory office: cases, documents, evidence, licences, suspensions."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalog.states import CaseStatus, FileState, PhotoProblem, PhotoState
from catalog.vocabulary import CaseKind, Focus, LicenceKind, PhotoSubject, SuspensionCause
from marketplace.kernel.crypto import EncryptedString
from marketplace.kernel.db import Base, BigKey, Key


class ReviewCase(Base):
    """Something that an applicant or operator asks of the office, from draft to decision."""

    __tablename__ = "review_case"
    __table_args__ = (
        sa.Index("ix_review_case_queue", "status", "applied_at"),
        sa.Index("ix_review_case_author", "author_id", "status"),
    )

    id: Mapped[Key]
    """Surrogate key; part of the page's address."""
    kind: Mapped[CaseKind]
    """What is asked."""
    status: Mapped[CaseStatus] = mapped_column(default=CaseStatus.DRAFT)
    """Where it stands."""
    author_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("staff_user.id"))
    """Whose case it is."""
    enterprise_id: Mapped[int | None] = mapped_column(
        BigKey, sa.ForeignKey("enterprise.id"), index=True
    )
    """The entry it is about; empty for an application until it is accepted."""
    listing_id: Mapped[int | None] = mapped_column(BigKey, sa.ForeignKey("listing.id"), index=True)
    """The listing it is about; empty for a new one until it is accepted."""
    document: Mapped[dict[str, Any]]
    """The facts as they shall be; partial while it is a draft."""
    base: Mapped[dict[str, Any]]
    """The facts as they were when it was opened or last submitted; empty for something new."""
    contact: Mapped[str | None] = mapped_column(EncryptedString("review_case.contact"))
    """Name and phone of whom to ask, as JSON, encrypted; erased a year after the decision."""
    open_for: Mapped[str | None] = mapped_column(sa.String(60), unique=True)
    """What an open case is about, for example ``listing:7``: one at a time."""
    credit_code: Mapped[str | None] = mapped_column(sa.String(18), unique=True)
    """The credit code of an application while it is before the office: one at a time."""
    version: Mapped[int] = mapped_column(default=1)
    """Counts the changes; a form that shows an older one is refused."""
    opened_at: Mapped[dt.datetime]
    """When the draft was begun."""
    updated_at: Mapped[dt.datetime]
    """When it last changed."""
    applied_at: Mapped[dt.datetime | None]
    """When it was last submitted; the queue is in this order."""
    reviewer_id: Mapped[int | None] = mapped_column(BigKey, sa.ForeignKey("staff_user.id"))
    """Who took it up."""
    decided_at: Mapped[dt.datetime | None]
    """When it was last returned, accepted or refused."""
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    """Values of ``ReturnReason`` of the last decision."""
    remark: Mapped[str] = mapped_column(sa.Text, default="")
    """What the reviewer wrote to the author with the last decision."""
    overrides: Mapped[list[Any]] = mapped_column(default=list)
    """Words of cure that a reviewer let pass: ``{"word", "reason", "by"}``."""


class Document(Base):
    """A file that proves something; kept as it was given, encrypted."""

    __tablename__ = "document"
    __table_args__ = (sa.Index("ix_document_state", "state"),)

    id: Mapped[Key]
    """Surrogate key; part of the address under which staff may see it."""
    blob: Mapped[str] = mapped_column(sa.String(64))
    """Its name in the blob store."""
    state: Mapped[FileState] = mapped_column(default=FileState.CLEAN)
    """Whether it was found harmless."""
    name: Mapped[str] = mapped_column(sa.String(120))
    """The file's name as it was given, cleaned."""
    media_type: Mapped[str] = mapped_column(sa.String(40))
    """What the content is, by its first bytes and never by its name."""
    size: Mapped[int]
    """Bytes."""
    owner_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("staff_user.id"), index=True)
    """Who gave it."""
    enterprise_id: Mapped[int | None] = mapped_column(
        BigKey, sa.ForeignKey("enterprise.id"), index=True
    )
    """Whose operators may see it besides its owner."""
    given_at: Mapped[dt.datetime]
    """When."""


class Evidence(Base):
    """Where one fact comes from, its date, and who verified it."""

    __tablename__ = "evidence"

    subject_kind: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    """``enterprise`` or ``listing``."""
    subject_id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    """Which one."""
    fact: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    """The fact's name in the case's document, for example ``hospital_km`` or ``grade:a_level``."""
    source: Mapped[str] = mapped_column(sa.String(300))
    """Where it comes from."""
    source_date: Mapped[str] = mapped_column(sa.String(10), default="")
    """The source's date, as precise as it is known."""
    document_id: Mapped[int | None] = mapped_column(BigKey, sa.ForeignKey("document.id"))
    """The file that shows it."""
    verified_by: Mapped[int | None] = mapped_column(BigKey, sa.ForeignKey("staff_user.id"))
    """The reviewer who found it right."""
    verified_at: Mapped[dt.datetime | None]
    """When."""


class Licence(Base):
    """A licence of an enterprise; the latest of each kind counts."""

    __tablename__ = "licence"
    __table_args__ = (sa.Index("ix_licence_expires_on", "expires_on"),)

    id: Mapped[Key]
    """Surrogate key."""
    enterprise_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("enterprise.id"), index=True)
    """Whose licence it is."""
    kind: Mapped[LicenceKind]
    """What it allows."""
    number: Mapped[str] = mapped_column(sa.String(60))
    """Its number as printed on it."""
    issued_by: Mapped[str] = mapped_column(sa.String(120), default="")
    """The authority that issued it."""
    expires_on: Mapped[dt.date | None]
    """The last day it is valid, Asia/Shanghai; empty when it is valid without end."""
    document_id: Mapped[int | None] = mapped_column(BigKey, sa.ForeignKey("document.id"))
    """The scan."""
    verified_by: Mapped[int | None] = mapped_column(BigKey, sa.ForeignKey("staff_user.id"))
    """The reviewer who found it right."""
    verified_at: Mapped[dt.datetime]
    """When."""
    replaced_at: Mapped[dt.datetime | None]
    """When a newer one of its kind took its place; empty for the one that counts."""


class LicenceWarning(Base):
    """That an operator was warned of a licence's end: once for each distance."""

    __tablename__ = "licence_warning"

    licence_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("licence.id"), primary_key=True)
    """The licence."""
    days_before: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """60, 30, 7, or 0 when it has expired."""
    at: Mapped[dt.datetime]
    """When."""


class Suspension(Base):
    """A time in which an enterprise's sales were stopped."""

    __tablename__ = "suspension"

    id: Mapped[Key]
    """Surrogate key; the rehousing of bookings belongs to one suspension."""
    enterprise_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("enterprise.id"), index=True)
    """Whose."""
    cause: Mapped[SuspensionCause]
    """The office's decision, or a licence that expired."""
    licence_id: Mapped[int | None] = mapped_column(BigKey, sa.ForeignKey("licence.id"), unique=True)
    """The licence that expired: it stops sales once, whatever the clock does."""
    reason: Mapped[str] = mapped_column(sa.String(300))
    """Why, in words for the operator."""
    began_at: Mapped[dt.datetime]
    """When."""
    ended_at: Mapped[dt.datetime | None]
    """When sales were allowed again; empty while it lasts, and for good after a delisting."""


class Delisting(Base):
    """A proposal to strike an enterprise off; a second person decides."""

    __tablename__ = "delisting"

    id: Mapped[Key]
    """Surrogate key."""
    enterprise_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("enterprise.id"), index=True)
    """Which one."""
    open_for: Mapped[int | None] = mapped_column(BigKey, unique=True)
    """The enterprise's id while the proposal is open: one at a time."""
    reason: Mapped[str] = mapped_column(sa.String(300))
    """Why."""
    asked_by: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("staff_user.id"))
    """Who proposed it."""
    asked_at: Mapped[dt.datetime]
    """When."""
    decided_by: Mapped[int | None] = mapped_column(BigKey, sa.ForeignKey("staff_user.id"))
    """Who decided; somebody else, unless the proposal was taken back."""
    decided_at: Mapped[dt.datetime | None]
    """When."""
    carried: Mapped[bool | None]
    """Whether it was carried out; false when it was rejected or taken back."""


class Assignment(Base):
    """Who of the office looks after an entry."""

    __tablename__ = "assignment"

    enterprise_id: Mapped[int] = mapped_column(
        BigKey, sa.ForeignKey("enterprise.id"), primary_key=True, autoincrement=False
    )
    """The entry: one colleague at a time."""
    user_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("staff_user.id"), index=True)
    """The colleague."""
    since: Mapped[dt.datetime]
    """Since when."""


class Photo(Base):
    """A photograph, re-encoded in sizes; nothing of the original file is kept."""

    __tablename__ = "photo"
    __table_args__ = (
        sa.Index("ix_photo_listing", "listing_id", "position"),
        sa.Index("ix_photo_state", "state"),
    )

    id: Mapped[Key]
    """Surrogate key; part of its address."""
    owner_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("staff_user.id"), index=True)
    """Who gave it."""
    enterprise_id: Mapped[int | None] = mapped_column(
        BigKey, sa.ForeignKey("enterprise.id"), index=True
    )
    """Whose operators may see it before it is shown."""
    listing_id: Mapped[int | None] = mapped_column(BigKey, sa.ForeignKey("listing.id"))
    """The listing that shows it; set when the office accepts it, empty before."""
    position: Mapped[int] = mapped_column(default=0)
    """Order on the page."""
    alt_zh: Mapped[str] = mapped_column(sa.String(120))
    """What it shows, in Chinese, for those who cannot see it."""
    alt_en: Mapped[str] = mapped_column(sa.String(160), default="")
    """The same in English."""
    room_type_id: Mapped[int | None] = mapped_column(
        BigKey, sa.ForeignKey("room_type.id"), index=True
    )
    """The room type it shows; empty where it shows something else of the listing."""
    subject: Mapped[PhotoSubject] = mapped_column(default=PhotoSubject.HOUSE)
    """What it shows where it shows no room type."""
    focus: Mapped[Focus] = mapped_column(default=Focus.CENTRE)
    """What has to stay in sight where it is cut."""
    state: Mapped[PhotoState] = mapped_column(default=PhotoState.READY)
    """How far it is."""
    problem: Mapped[PhotoProblem | None]
    """Why it could not be made; empty for one that was made or waits."""
    original: Mapped[str | None] = mapped_column(sa.String(64))
    """Name of the encrypted file in the blob store; empty once the sizes are made."""
    tries: Mapped[int] = mapped_column(default=0)
    """How often its making was begun."""
    size: Mapped[int] = mapped_column(default=0)
    """Bytes that are kept of it."""
    width: Mapped[int]
    """Width of the largest size in pixels; 0 before it is made."""
    height: Mapped[int]
    """Its height in pixels; 0 before it is made."""
    sizes: Mapped[dict[str, Any]]
    """``{"480": {"avif": blob, "webp": blob}, ...}``: SHA-256 names in the blob store."""
    given_at: Mapped[dt.datetime]
    """When."""


class ImportRun(Base):
    """One import of a directory file, from preview to undo."""

    __tablename__ = "import_run"

    id: Mapped[Key]
    """Surrogate key."""
    name: Mapped[str] = mapped_column(sa.String(120))
    """The file's name as it was given, cleaned."""
    blob: Mapped[str] = mapped_column(sa.String(64))
    """SHA-256 of the file: its name in the blob store."""
    encoding: Mapped[str] = mapped_column(sa.String(20), default="")
    """What a CSV was written in, as it was detected; ``xlsx`` for a workbook."""
    state: Mapped[str] = mapped_column(sa.String(20))
    """asking, reading, previewed, refused, applying, applied, undoing, undone, dropped."""
    total: Mapped[int] = mapped_column(default=0)
    """Lines to work on in this state; 0 while they are not counted."""
    done: Mapped[int] = mapped_column(default=0)
    """Lines worked on in this state."""
    counts: Mapped[dict[str, Any]]
    """Lines by verdict: new, changed, unchanged, refused; and ``kept`` after an undo."""
    problem: Mapped[str] = mapped_column(sa.String(300), default="")
    """Why the file as a whole was refused, as ``catalog.bulk.reasons`` packs it."""
    given_by: Mapped[int | None] = mapped_column(BigKey, sa.ForeignKey("staff_user.id"))
    """Who gave the file; empty when a command did."""
    given_at: Mapped[dt.datetime]
    """When."""
    applied_at: Mapped[dt.datetime | None]
    """When it had been applied whole."""
    undone_at: Mapped[dt.datetime | None]
    """When it had been taken back."""


class ImportLine(Base):
    """One line of an import: what it would do, did, and what stood there before."""

    __tablename__ = "import_line"
    __table_args__ = (
        sa.Index("ix_import_line_code", "run_id", "code"),
        sa.Index("ix_import_line_credit_code", "run_id", "credit_code"),
        sa.Index("ix_import_line_open", "run_id", "settled", "is_station", "line"),
    )

    run_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("import_run.id"), primary_key=True)
    """The import."""
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Line or row number in the file."""
    code: Mapped[str] = mapped_column(sa.String(20), default="")
    """The directory number it is about."""
    credit_code: Mapped[str | None] = mapped_column(sa.String(18))
    """The credit code that it sets: two lines never share one."""
    is_station: Mapped[bool] = mapped_column(default=False)
    """Whether it is about a railway station; stations come first, entries look for the nearest."""
    verdict: Mapped[str] = mapped_column(sa.String(12))
    """new, changed, unchanged or refused."""
    reason: Mapped[str] = mapped_column(sa.String(300), default="")
    """Why it is refused, or why an undo left it as it is; packed likewise."""
    before: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON)
    """The facts that it changes, as they were; empty for a new entry."""
    after: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON)
    """The facts that it sets."""
    settled: Mapped[bool] = mapped_column(default=False)
    """Whether the present state (applying, undoing) has nothing to do with it, or no more."""
    version: Mapped[int | None]
    """The entry's version after it was applied: an undo leaves alone what changed since."""
