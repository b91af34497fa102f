"""The port of word search: which documents match these words, and how well."""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol


class DocKind(enum.StrEnum):
    """What a document stands for."""

    LISTING = "listing"
    ENTERPRISE = "enterprise"


@dataclass(frozen=True, slots=True)
class Document:
    """The words of one listing or one entry of the directory."""

    kind: DocKind
    id: int
    name: str
    """Its names: a hit here counts most."""
    place: str
    """Where it is, in every way a person may say it."""
    body: str
    """Everything else."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that matches, with a score that only orders hits of one query."""

    id: int
    score: float


class SearchIndex(Protocol):
    """Finds documents by words; one writer at a time on a node, any number of readers."""

    def rebuild(self, documents: Iterable[Document], *, cursor: int) -> None:
        """Replace the whole content; readers see the old one until the new one is complete.

        ``cursor`` is the change-log number up to which ``documents`` are true.
        """
        ...

    def update(
        self, documents: Iterable[Document], *, gone: Collection[tuple[DocKind, int]], cursor: int
    ) -> None:
        """Add or replace ``documents`` and drop ``gone``; does nothing when ``cursor`` is old."""
        ...

    def search(self, words: str, *, kind: DocKind, limit: int | None = None) -> list[Hit]:
        """Return the documents that hold all of ``words``, best first.

        Anything may be typed: it is taken as words, never as a query language, and nothing is ever
        raised for it. Words without a single letter or character find nothing.
        """
        ...

    @property
    def cursor(self) -> int | None:
        """The change-log number the content is true for; ``None`` before the first build."""
        ...

    @property
    def generation(self) -> int:
        """A number that grows with every change of the content."""
        ...
