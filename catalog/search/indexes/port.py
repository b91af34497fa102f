"""The port of word search: where each term stands, kept from one start to the next."""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from catalog.search.analysis import index_terms, joined, normalise

Ids = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]
FORM = 2
"""Which form of documents and terms an index holds: one of another form is built anew."""
WEIGHTS = {"name": 4, "place": 2, "body": 1}
"""How much a term counts in each field of a document; they add up."""


class DocKind(enum.StrEnum):
    """What a document stands for."""

    LISTING = "listing"
    """A stay on sale."""
    ENTERPRISE = "enterprise"
    """An entry of the directory."""
    OFFER = "offer"
    """An activity or a train on sale."""
    GUIDE = "guide"
    """A page that explains something; it stands in no index."""


class What(enum.StrEnum):
    """What words stand for, where they complete what is being typed."""

    WORD = "word"
    """Something that people look for: 温泉, 电梯."""
    PLACE = "place"
    """A town, county or station."""
    NAME = "name"
    """A listing or an entry of the directory."""


@dataclass(frozen=True, slots=True)
class Title:
    """Words that a person may be on the way to type."""

    text: str
    lang: str
    """``zh-CN`` or ``en``."""
    what: What


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
    titles: tuple[Title, ...] = ()
    """What leads to it while typing."""

    def terms_by_field(self) -> dict[str, set[str]]:
        """Return the terms that each field is found under.

        Names and places are found by their sound too; of the rest, only what is a known word.
        """
        return {
            name: index_terms(normalise(getattr(self, name)), heard=name != "body")
            for name in WEIGHTS
        }

    def terms(self) -> dict[str, int]:
        """Return its terms with what each counts."""
        weights: dict[str, int] = {}
        for name, terms in self.terms_by_field().items():
            for term in terms:
                weights[term] = weights.get(term, 0) + WEIGHTS[name]
        return weights

    def text(self) -> str:
        """Return its words in the one form that words are looked for in."""
        return normalise(joined(getattr(self, name) for name in WEIGHTS))

    def stored(self) -> dict[str, Any]:
        """Return it as JSON can keep it."""
        return asdict(self)

    @classmethod
    def restored(cls, kept: dict[str, Any]) -> Document:
        """Return what ``stored`` kept."""
        titles = tuple(Title(one["text"], one["lang"], What(one["what"])) for one in kept["titles"])
        return cls(**{**kept, "kind": DocKind(kept["kind"]), "titles": titles})


@dataclass(frozen=True, slots=True)
class Hits:
    """Documents that match, by rising id, each with a score that only orders hits of one query."""

    ids: Ids
    scores: Scores

    @classmethod
    def none(cls) -> Hits:
        """Return no hits."""
        return cls(np.zeros(0, np.int64), np.zeros(0, np.float32))

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.ids)

    def where(self, keep: npt.NDArray[np.bool_]) -> Hits:
        """Return some of the hits."""
        return Hits(self.ids[keep], self.scores[keep])

    def best(self, limit: int | None = None) -> list[int]:
        """Return the ids, best first; of equals the smaller id."""
        ranked = np.lexsort((self.ids, -self.scores))
        found: list[int] = self.ids[ranked[:limit]].tolist()
        return found


def merged(parts: Sequence[Hits]) -> Hits:
    """Return hits of several parts that share no document, by rising id."""
    full = [part for part in parts if len(part)]
    if len(full) <= 1:
        return full[0] if full else Hits.none()
    ids = np.concatenate([part.ids for part in full])
    ranked = np.argsort(ids, kind="stable")
    return Hits(ids[ranked], np.concatenate([part.scores for part in full])[ranked])


class SearchIndex(Protocol):
    """Keeps documents and where their terms stand; one writer at a time, any number of readers."""

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

    def postings(self, terms: Collection[str], *, kind: DocKind) -> dict[str, Hits]:
        """Return the documents of ``kind`` that hold each term, scored by what it counts there.

        Terms that nothing holds are left out. Any text is only ever compared as a term.
        """
        ...

    def documents(self) -> Iterator[Document]:
        """Return every document as it was put in."""
        ...

    @property
    def state(self) -> tuple[int, int] | None:
        """The number of the rebuild and the change-log number that the content is true for.

        ``None`` before the first build.
        """
        ...
