"""The search index in the database, for nodes without a disk of their own.

Each term is one row with the documents that hold it as packed numbers: a question reads a handful
of rows, whatever the size of the directory.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from catalog.search.indexes.port import FORM, DocKind, Document, Hits
from marketplace.kernel.db import Base, BigKey, Database, table_of

ROWS_AT_ONCE = 400
MOST_BUILDS = 1_000_000
FIRST_BUILD = FORM * MOST_BUILDS
"""Builds are counted from here, so that one of another form is told from ours."""
Key = tuple[DocKind, int]
Weights = dict[int, int]
"""Document id to what a term counts in it."""


class SearchPosting(Base):
    """Where one term stands."""

    __tablename__ = "search_posting"

    kind: Mapped[DocKind] = mapped_column(primary_key=True)
    """What the documents stand for."""
    term: Mapped[str] = mapped_column(sa.String(160), primary_key=True)
    """The term."""
    ids: Mapped[bytes]
    """The documents' ids, rising, as little-endian 64-bit integers."""
    weights: Mapped[bytes]
    """What the term counts in each, a byte for each."""


class SearchDocument(Base):
    """A document as it was put in."""

    __tablename__ = "search_document"

    kind: Mapped[DocKind] = mapped_column(primary_key=True)
    """What it stands for."""
    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    """The listing or enterprise."""
    document: Mapped[dict[str, Any]]
    """Its fields."""


class SearchState(Base):
    """What the index is true for; its lock makes the writer one at a time."""

    __tablename__ = "search_state"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Always 1."""
    build: Mapped[int]
    """``FIRST_BUILD`` and the number of the rebuild; 0 before the first."""
    cursor: Mapped[int] = mapped_column(sa.BigInteger)
    """The change-log number."""


_POSTING, _DOCUMENT = table_of(SearchPosting), table_of(SearchDocument)


class SqlIndex:
    """A ``SearchIndex`` in the product's database."""

    def __init__(self, database: Database) -> None:
        """Use ``database``, whose migrations have made the tables."""
        self._database = database

    def rebuild(self, documents: Iterable[Document], *, cursor: int) -> None:
        """Replace everything in one transaction."""
        kept: list[dict[str, Any]] = []
        postings: dict[tuple[DocKind, str], Weights] = defaultdict(dict)
        for document in documents:
            kept.append(_document_row(document))
            for term, weight in document.terms().items():
                postings[document.kind, term][document.id] = weight
        with self._database.write() as session:
            state = _locked(session)
            session.execute(sa.delete(SearchPosting))
            session.execute(sa.delete(SearchDocument))
            _insert(session, _DOCUMENT, kept)
            _insert(session, _POSTING, _posting_rows(postings))
            state.build, state.cursor = FIRST_BUILD + _builds(state.build) + 1, cursor

    def update(self, documents: Iterable[Document], *, gone: Collection[Key], cursor: int) -> None:
        """Change some documents in one transaction; does nothing when ``cursor`` is old."""
        fresh = {(document.kind, document.id): document for document in documents}
        with self._database.write() as session:
            state = _locked(session)
            if not _builds(state.build) or state.cursor >= cursor:
                return
            for kind in DocKind:
                mine = {key: document for (own, key), document in fresh.items() if own is kind}
                ids = {key for own, key in gone if own is kind} | mine.keys()
                _change(session, kind, ids, mine)
            state.cursor = cursor

    def postings(self, terms: Collection[str], *, kind: DocKind) -> dict[str, Hits]:
        """Return the documents of ``kind`` that hold each term: one query."""
        # PostgreSQL cannot even compare with a NUL, which no term holds.
        wanted = {term for term in terms if "\0" not in term}
        if not wanted:
            return {}
        with self._database.read() as session:
            rows = session.execute(
                sa.select(_POSTING.c.term, _POSTING.c.ids, _POSTING.c.weights).where(
                    _POSTING.c.kind == kind, _POSTING.c.term.in_(wanted)
                )
            ).all()
        return {
            row.term: Hits(
                np.frombuffer(row.ids, "<i8"),
                np.frombuffer(row.weights, np.uint8).astype(np.float32),
            )
            for row in rows
        }

    def documents(self) -> Iterator[Document]:
        """Return every document, read at once."""
        with self._database.read() as session:
            kept = session.scalars(sa.select(SearchDocument.document)).all()
        return (Document.restored(one) for one in kept)

    @property
    def state(self) -> tuple[int, int] | None:
        """The number of the rebuild and the change-log number."""
        with self._database.read() as session:
            row = session.execute(sa.select(SearchState.build, SearchState.cursor)).one()
        build = _builds(row.build)
        return (build, row.cursor) if build else None


def _builds(kept: int) -> int:
    """Return how often an index of this form was built."""
    return kept - FIRST_BUILD if FIRST_BUILD <= kept < FIRST_BUILD + MOST_BUILDS else 0


def _locked(session: Session) -> SearchState:
    """Return the one row of the state, made by the migration, held until the commit."""
    return session.scalars(
        sa.select(SearchState).where(SearchState.id == 1).with_for_update()
    ).one()


def _change(
    session: Session, kind: DocKind, ids: Collection[int], fresh: Mapping[int, Document]
) -> None:
    """Take the documents ``ids`` out of every posting and put ``fresh`` in."""
    if not ids:
        return
    mine = sa.and_(_DOCUMENT.c.kind == kind, _DOCUMENT.c.id.in_(ids))
    terms = {key: document.terms() for key, document in fresh.items()}
    touched = {term for weights in terms.values() for term in weights}
    for kept in session.scalars(sa.select(_DOCUMENT.c.document).where(mine)):
        touched |= Document.restored(kept).terms().keys()
    session.execute(sa.delete(_DOCUMENT).where(mine))
    _insert(session, _DOCUMENT, [_document_row(document) for document in fresh.values()])
    for some in _parts(sorted(touched)):
        _change_postings(session, kind, some, set(ids), terms)


def _change_postings(
    session: Session,
    kind: DocKind,
    some: Collection[str],
    ids: Collection[int],
    terms: Mapping[int, Mapping[str, int]],
) -> None:
    held = sa.and_(_POSTING.c.kind == kind, _POSTING.c.term.in_(some))
    postings: dict[tuple[DocKind, str], Weights] = {(kind, term): {} for term in some}
    for row in session.execute(sa.select(_POSTING).where(held)):
        pairs = zip(np.frombuffer(row.ids, "<i8").tolist(), row.weights, strict=True)
        postings[kind, row.term] = {key: weight for key, weight in pairs if key not in ids}
    for key, weights in terms.items():
        for term in weights.keys() & set(some):
            postings[kind, term][key] = weights[term]
    session.execute(sa.delete(_POSTING).where(held))
    _insert(session, _POSTING, _posting_rows(postings))


def _document_row(document: Document) -> dict[str, Any]:
    return {"kind": document.kind, "id": document.id, "document": document.stored()}


def _posting_rows(postings: Mapping[tuple[DocKind, str], Weights]) -> list[dict[str, Any]]:
    rows = []
    for (kind, term), weights in postings.items():
        if weights:
            ids = sorted(weights)
            rows.append(
                {
                    "kind": kind,
                    "term": term,
                    "ids": np.array(ids, "<i8").tobytes(),
                    "weights": bytes(weights[key] for key in ids),
                }
            )
    return rows


def _insert(session: Session, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    for some in _parts(rows):
        session.execute(sa.insert(table), some)


def _parts(whole: Sequence[Any]) -> Iterator[list[Any]]:
    """Yield a few hundred at a time: a statement has room for so many values."""
    for begin in range(0, len(whole), ROWS_AT_ONCE):
        yield list(whole[begin : begin + ROWS_AT_ONCE])
