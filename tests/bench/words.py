"""S1, S2, S5 and S8: words, facet counts and type-ahead over 100,000 documents.

The same documents stand in our index, in an index of Whoosh as its manual would have it, and in
one of tantivy; each question is asked of all in turns.
"""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import sqlalchemy as sa
import tantivy
from whoosh import fields, query, sorting
from whoosh.filedb.filestore import FileStorage

from catalog.search.completion import Completer
from catalog.search.indexes.port import DocKind, Document, Title, What
from catalog.search.indexes.whoosh_index import WhooshIndex
from catalog.search.live_index import Corpus, Lookup, Phrase
from marketplace.offers.matrix.matrix import HORIZON_DAYS, Matrix
from marketplace.offers.matrix.pools import Pools
from marketplace.offers.matrix.tariff_arrays import NOTHING, Tariffs
from marketplace.offers.search.filtering import order, sift
from marketplace.offers.search.search_types import PAGE_SIZE, SearchQuery
from marketplace.offers.search.stay_facts import ROW_OF, ROWS, Facts
from tests.bench.report import Figure, insist, timed
from tests.factories import TODAY

DOCUMENTS = 100_000
TOP = 20
WHOOSH_GOAL, TANTIVY_GOAL, TYPING_GOAL = 1 / 200, 0.5, 0.1
WORDS = ("示例", "温泉", "白桦")
"""What every sample holds, what a third holds, and what one in twelve holds."""
BEGINNINGS = ("wenq", "baih", "sl", "红松", "erdao", "示例长白")
FACETS = tuple(dict.fromkeys(name for name, _ in ROWS))
"""Every facet of the page that rests on facts."""
_TREES = [
    "白桦",
    "红松",
    "云杉",
    "椴树",
    "枫叶",
    "落叶松",
    "杏花",
    "稻香",
    "雾凇",
    "泉水",
    "江畔",
    "林海",
]
_HOUSES = ["温泉旅居馆", "林间木屋", "避暑基营", "本草居", "乡村小院", "温泉小院"]
_TOWNS = [
    "二道白河",
    "松江河",
    "露水河",
    "集安",
    "敬信",
    "防川",
    "仙人桥",
    "万良",
    "龙井",
    "查干湖",
    "长白山北坡",
    "双阳",
]


@dataclass(frozen=True)
class Made:
    """A document with its values for each facet."""

    document: Document
    facets: dict[str, list[str]]


def make(count: int) -> list[Made]:
    """Return ``count`` documents, the same every time."""
    chance = random.Random(11)
    values = {name: [value for own, value in ROWS if own == name] for name in FACETS}
    made = []
    for number in range(1, count + 1):
        town, tree = chance.choice(_TOWNS), chance.choice(_TREES)
        name = f"示例·{town}{tree}{chance.choice(_HOUSES)}{number}"
        document = Document(
            DocKind.LISTING, number, name, town, "", (Title(name, "zh-CN", What.NAME),)
        )
        facets = {name: chance.sample(own, k=min(2, len(own))) for name, own in values.items()}
        made.append(Made(document, facets))
    return made


def words_figures(*, count: int = DOCUMENTS, rounds: int = 15) -> list[Figure]:
    """Measure the four figures."""
    made = make(count)
    with tempfile.TemporaryDirectory(prefix="snowbird-words-") as folder:
        ours = _Ours(made, Path(folder) / "ours")
        whoosh, rival = _Whoosh(made, Path(folder) / "whoosh"), _Tantivy(made)
        return [
            *_counted(ours, whoosh, rival, rounds=rounds),
            _typed(made, rival, rounds=rounds),
            _compared(made, ours, rounds=rounds),
        ]


# ------------------------------------------------------------------ the three engines


class _Ours:
    """Words from the index, the rest from the read model, as a page of results asks them."""

    def __init__(self, made: list[Made], folder: Path) -> None:
        self.index = WhooshIndex(folder)
        self.index.rebuild((one.document for one in made), cursor=1)
        self.corpus = Corpus(self.index, 1, 1)
        self.matrix = _matrix(made)

    def ask(self, word: str) -> tuple[int, list[int], dict[str, dict[str, int]]]:
        """Return how many documents hold ``word``, the best of them, and their facets."""
        hits = Lookup(self.corpus, DocKind.LISTING).hits([Phrase.of(word)])
        asked = SearchQuery(words=word, size=TOP)
        sifted = sift(self.matrix, asked, hits)
        best = self.matrix.facts.ids[order(self.matrix, asked, sifted, most=TOP)].tolist()
        counts = {
            facet.name: {value.value: value.count for value in facet.values if value.count}
            for facet in sifted.facets
            if facet.name in FACETS
        }
        return len(sifted.rows), best, counts


def _matrix(made: list[Made]) -> Matrix:
    """Return a read model with one room type for each document, priced and always free."""
    count = len(made)
    ids = np.arange(1, count + 1, dtype=np.int64)
    flags = np.zeros((len(ROWS), count), np.bool_)
    for place, one in enumerate(made):
        for name, values in one.facets.items():
            flags[[ROW_OF[name, value] for value in values], place] = True
    nowhere = np.zeros(count, np.float64)
    everywhere = np.ones(count, np.bool_)
    most = np.full(count, 9, np.int16)
    matrix = Matrix(
        first_day=TODAY,
        cursor=0,
        pools=Pools(ids, ids, ids, most, most, np.ones(count, np.int16), most, everywhere),
        facts=Facts(
            ids, everywhere, nowhere, nowhere, nowhere, np.zeros(count, np.int8), most, flags
        ),
        free=np.zeros((HORIZON_DAYS, count), np.int16),
        sums=np.zeros((HORIZON_DAYS + 1, count), np.int32),
        tariffs=Tariffs.of([NOTHING] * count),
    )
    matrix.lowest[:] = 10_000 + np.random.default_rng(3).integers(0, 20_000, count)
    return matrix


class _Whoosh:
    """Whoosh alone: facets by its own ``groupedby``."""

    def __init__(self, made: list[Made], folder: Path) -> None:
        folder.mkdir()
        facets = {name: fields.KEYWORD() for name in FACETS}
        schema = fields.Schema(
            number=fields.STORED(), words=fields.KEYWORD(scorable=True), **facets
        )
        index = FileStorage(str(folder)).create_index(schema)
        writer = index.writer(limitmb=256)
        for one in made:
            terms = " ".join(term for term in one.document.terms() if term[0] != "~")
            facets = {name: " ".join(values) for name, values in one.facets.items()}
            writer.add_document(number=one.document.id, words=terms, **facets)
        writer.commit()
        self._searcher = index.searcher()

    def ask(self, word: str) -> tuple[int, dict[str, dict[str, int]]]:
        """Return how many documents hold ``word``, and their facets."""
        wanted = query.And([query.Term("words", term) for term in Phrase.of(word).terms])
        facets = sorting.Facets()
        for name in FACETS:
            facets.add_field(name, allow_overlap=True)
        found = self._searcher.search(wanted, limit=TOP, groupedby=facets)
        counts = {
            name: {
                value.decode() if isinstance(value, bytes) else value: len(places)
                for value, places in found.groups(name).items()
            }
            for name in FACETS
        }
        return len(found), counts


class _Tantivy:
    """tantivy: facets by its terms aggregation, beginnings by a regular expression."""

    def __init__(self, made: list[Made]) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field("number", stored=True)
        builder.add_text_field("words", tokenizer_name="whitespace", index_option="basic")
        builder.add_text_field("begins", tokenizer_name="raw", index_option="basic")
        for name in FACETS:
            builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
        self._schema = builder.build()
        self._index = tantivy.Index(self._schema)
        writer = self._index.writer(heap_size=200_000_000, num_threads=1)
        for one in made:
            document = tantivy.Document(number=one.document.id)
            for name, values in one.facets.items():
                for value in values:
                    document.add_text(name, value)
            document.add_text("words", " ".join(one.document.terms()))
            for key in _keys(one.document.titles[0].text):
                document.add_text("begins", key)
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()
        self._aggregations = {name: {"terms": {"field": name, "size": 50}} for name in FACETS}

    def ask(self, word: str) -> tuple[int, dict[str, dict[str, int]]]:
        """Return how many documents hold ``word``, and their facets."""
        wanted = tantivy.Query.boolean_query(
            [
                (tantivy.Occur.Must, tantivy.Query.term_query(self._schema, "words", term))
                for term in Phrase.of(word).terms
            ]
        )
        found = self._searcher.search(wanted, TOP)
        buckets = self._searcher.aggregate(wanted, self._aggregations)
        counts = {
            name: {bucket["key"]: bucket["doc_count"] for bucket in buckets[name]["buckets"]}
            for name in FACETS
        }
        return int(found.count or 0), counts

    def begin(self, typed: str) -> int:
        """Return how many of the first eight documents begin with ``typed``."""
        wanted = tantivy.Query.regex_query(self._schema, "begins", f"{typed}.*")
        return len(self._searcher.search(wanted, PAGE_SIZE).hits)


def _keys(text: str) -> set[str]:
    """Return the ways to begin to type a title that our completion knows as well."""
    from catalog.search import completion  # noqa: PLC0415 - its private keys, for the same work

    return completion._keys(text)


# ------------------------------------------------------------------ the figures


def _counted(ours: _Ours, whoosh: _Whoosh, rival: _Tantivy, *, rounds: int) -> list[Figure]:
    against_whoosh, against_rival, seconds = [], [], []
    for turn in range(rounds):
        word = WORDS[turn % len(WORDS)]
        ours.ask(word)
        (total, _, counts), quick = timed(lambda word=word: ours.ask(word))
        (second, second_counts), fair = timed(lambda word=word: rival.ask(word))
        insist((total, counts) == (second, second_counts), f"tantivy counts {word} otherwise")
        against_rival.append(quick / fair)
        seconds.append((quick, fair))
        if turn < len(WORDS):
            (third, third_counts), slow = timed(lambda word=word: whoosh.ask(word))
            insist((total, counts) == (third, third_counts), f"Whoosh counts {word} otherwise")
            against_whoosh.append((quick / slow, slow))
    ms = median(quick for quick, _ in seconds) * 1000
    what = f"top {TOP} and facet counts, {len(ours.matrix.facts.ids):,} documents"
    return [
        Figure(
            "S1",
            f"{what} / Whoosh groupedby",
            median(one for one, _ in against_whoosh),
            WHOOSH_GOAL,
            "below",
            f"{ms:.2f} against {median(slow for _, slow in against_whoosh) * 1000:.0f} ms",
        ),
        Figure(
            "S2",
            f"{what} / tantivy",
            median(against_rival),
            TANTIVY_GOAL,
            "below",
            f"{ms:.2f} against {median(fair for _, fair in seconds) * 1000:.2f} ms",
        ),
    ]


def _typed(made: list[Made], rival: _Tantivy, *, rounds: int) -> Figure:
    completer = Completer(title for one in made for title in one.document.titles)
    pairs: list[tuple[float, float]] = []
    for turn in range(rounds * 2):
        typed = BEGINNINGS[turn % len(BEGINNINGS)]
        found, quick = timed(
            lambda typed=typed: completer.complete(typed, lang="zh-CN", limit=PAGE_SIZE)
        )
        count, slow = timed(lambda typed=typed: rival.begin(typed))
        insist(len(found) == count, f"{typed}: {len(found)} completions against {count}")
        pairs.append((quick, slow))
    middle = [median(times) * 1000 for times in zip(*pairs, strict=True)]
    return Figure(
        "S5",
        f"type-ahead, {len(made):,} names / tantivy regex",
        median(quick / slow for quick, slow in pairs),
        TYPING_GOAL,
        "below",
        f"{middle[0]:.3f} against {middle[1]:.2f} ms",
    )


def _compared(made: list[Made], ours: _Ours, *, rounds: int) -> Figure:
    """Compare hit sets with LIKE; the figure is the share of questions that differ."""
    engine, chance = sa.create_engine("sqlite://"), random.Random(5)
    texts = {one.document.id: one.document.text() for one in made}
    differing: Counter[bool] = Counter()
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE text (id INTEGER PRIMARY KEY, words TEXT)")
        connection.exec_driver_sql("INSERT INTO text VALUES (?, ?)", list(texts.items()))
        for _ in range(rounds * 4):
            name = made[chance.randrange(len(made))].document.place + chance.choice(_TREES)
            first = chance.randrange(len(name) - 1)
            piece = name[first : first + chance.randrange(1, 7)]
            like: Any = connection.exec_driver_sql(
                "SELECT id FROM text WHERE words LIKE ?", (f"%{piece}%",)
            ).scalars()
            hits = Lookup(ours.corpus, DocKind.LISTING).hits([Phrase.of(piece)])
            differing[sorted(like) != hits.ids.tolist()] += 1
    engine.dispose()
    insist(not differing[True], f"{differing[True]} hit sets are not those of LIKE")
    what = f"hit sets that are not those of LIKE, of {differing.total()}"
    return Figure("S8", what, float(differing[True]), 0.0, "below")
