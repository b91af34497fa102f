"""How questions in words are taken, on the whole directory and sample."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.bulk.directory_loading import DATA, import_directory
from catalog.geography.reference_loading import load_reference
from catalog.models import Enterprise, Listing
from catalog.search import refresh
from catalog.search.analysis import is_latin, runs
from catalog.search.document import all_documents
from catalog.search.indexes.memory_index import MemoryIndex
from catalog.search.indexes.port import DocKind, Document
from catalog.search.live_index import Corpus, Lookup, Phrase
from catalog.search.query_parser import Understood, Why
from catalog.search.search_service import Words
from marketplace.kernel import changes
from marketplace.kernel.clock import SetClock
from marketplace.kernel.db import Database
from marketplace.sample import load_sample
from tests.factories import NOW

LISTING = DocKind.LISTING


@pytest.fixture(scope="module")
def corpus(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The directory and the sample, loaded once: these tests only read."""
    path = tmp_path_factory.mktemp("corpus") / "corpus.sqlite3"
    shutil.copy(sqlite_template, path)
    database, clock = Database(f"sqlite:///{path}"), SetClock(NOW)
    load_reference(database)
    import_directory(database, DATA / "directory-places.csv", clock=clock)
    load_sample(database, clock=clock, days=1)
    while changes.sequence(database):
        pass
    yield database
    database.dispose()


@pytest.fixture(scope="module")
def words(corpus: Database) -> Words:
    index = MemoryIndex()
    refresh.build(index, corpus)
    return Words(index, corpus)


def ids(understood: Understood) -> list[int]:
    return understood.hits.ids.tolist()


@pytest.mark.parametrize(
    ("typed", "same_as", "why"),
    [
        ("wenquan", "温泉", Why.PINYIN),
        ("WEN QUAN", "温泉", Why.PINYIN),
        ("wq", "温泉", Why.INITIALS),
        ("溫泉", "温泉", Why.VARIANT),
        ("온천", "温泉", Why.VARIANT),
        ("汤泉", "温泉", Why.SYNONYM),
        ("wenqaun", "温泉", Why.TYPO),
        ("文泉", "温泉", Why.TYPO),
        ("cbs", "长白山", Why.INITIALS),
        ("changbaishan", "长白山", None),
        ("cangbaisan", "长白山", Why.TYPO),
        ("연변", "延边", Why.VARIANT),
        ("琿春", "珲春", Why.VARIANT),
        ("lift", "电梯", None),
        ("升降机", "电梯", Why.SYNONYM),
        ("edbh", "二道白河", Why.INITIALS),
        ("sprngs", "spring", Why.TYPO),
    ],
)
def test_any_spelling_finds_the_same(
    words: Words, typed: str, same_as: str, why: Why | None
) -> None:
    found, plain = words.search(typed, kind=LISTING), words.search(same_as, kind=LISTING)
    assert len(plain.hits) > 0
    assert ids(found) == ids(plain)
    assert [taken.why for taken in found.taken] == ([why] if why else [])
    assert found.corrected is (why is Why.TYPO)
    if why and why is not Why.SYNONYM:
        assert found.searched == found.taken[0].meant == same_as


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("长白山温泉", ["长白山", "温泉"]),
        ("changbaishan wenquan", ["长白山", "温泉"]),
        ("chang bai shan wen quan", ["长白山", "温泉"]),
        ("cbswq", ["长白山", "温泉"]),
        ("有没有离医院近的温泉", ["离医院近", "温泉"]),
        ("我想找长白山附近的住处", ["长白山"]),
        ("请问长白山温泉怎么样", ["长白山", "温泉"]),
        ("浑春", ["珲春"]),
        ("北坡 温泉 电梯", ["北坡", "温泉", "电梯"]),
        ("the hot springs near Longjing", ["hot", "spring", "longjing"]),
    ],
)
def test_all_parts_must_be_there(words: Words, typed: str, parts: list[str]) -> None:
    together = set.intersection(*(set(ids(words.search(part, kind=LISTING))) for part in parts))
    assert together
    assert set(ids(words.search(typed, kind=LISTING))) == together


ENTERPRISE, GUIDE = DocKind.ENTERPRISE, DocKind.GUIDE


@pytest.mark.parametrize(
    ("typed", "name", "kind"),
    [
        ("gaogouli", "高句丽文物古迹旅游景区", ENTERPRISE),
        ("gaojuli", "高句丽文物古迹旅游景区", ENTERPRISE),
        ("gao gou li", "高句丽文物古迹旅游景区", ENTERPRISE),
        ("gaogouliwenwu", "高句丽文物古迹旅游景区", ENTERPRISE),
        ("zengtongtun", "雾凇岛（曾通屯）", ENTERPRISE),
        ("cengtongtun", "雾凇岛（曾通屯）", ENTERPRISE),
        ("zhangbaishanxueguo", "长白山雪国专列（Y518）", ENTERPRISE),
        ("chongqing", "从重庆来", GUIDE),
        ("zhongqing", "从重庆来", GUIDE),
    ],
)
def test_every_reading_of_a_character_finds_its_name(
    words: Words, corpus: Database, typed: str, name: str, kind: DocKind
) -> None:
    found = words.search(typed, kind=kind)
    assert not found.corrected
    if kind is GUIDE:
        assert [page.zh for page in words.pages(found, limit=1)] == [name]
        return
    with corpus.read() as session:
        best = session.get_one(Enterprise, found.hits.best(1)[0])
    assert best.name_zh == name


def test_phrases_are_read_first_and_every_other_reading_after(corpus: Database) -> None:
    """Of names that share letters, the one read so in its phrase is found and not the other."""
    index = MemoryIndex()
    names = ["重庆路客栈", "仲庆小院", "单县人家", "丹县小屋", "朝阳院", "昭阳居", "乐山别院"]
    index.rebuild(
        [Document(LISTING, place, name, "", "") for place, name in enumerate(names, start=1)],
        cursor=1_000_000,
    )
    words = Words(index, corpus)
    for typed, place in (
        ("chongqinglu", 1),
        ("zhongqing", 2),
        ("shanxianrenjia", 3),
        ("danxian", 4),
        ("chanxianrenjia", 3),
        ("chaoyangyuan", 5),
        ("zhaoyang", 6),
        ("leshan", 7),
        ("yueshan", 7),
    ):
        assert ids(words.search(typed, kind=LISTING)) == [place], typed


@pytest.mark.parametrize(
    "typed",
    ["雾凇", "wusong", "氡", "氡泉", "武汉", "wuhan", "北京", "beijing", "医保", "签证",
     "qianzheng", "潜水", "武松", "通话", "童话", "化学", "重要", "货车", "visa", "diving",
     "horse", "beach",
     "乾安", "滑雪", "三亚", "丽江", "泰山", "校园", "赌场", "golf", "tokyo", "兰坪"],
)  # fmt: skip
def test_no_word_is_taken_for_another_that_means_something_else(words: Words, typed: str) -> None:
    for kind in DocKind:
        found = words.search(typed, kind=kind)
        assert not found.corrected, (kind, found.searched)
        assert Why.TYPO not in {taken.why for taken in found.taken}


def test_a_word_of_the_same_sound_is_offered_and_not_taken(words: Words) -> None:
    found = words.search("通话", kind=ENTERPRISE)
    assert (ids(found), found.taken, found.suggestion) == ([], (), "通化")


def test_a_name_that_sounds_so_is_told_by_its_characters(words: Words) -> None:
    found = words.search("巨龙泉", kind=ENTERPRISE)
    assert [(taken.said, taken.meant) for taken in found.taken] == [("巨龙泉", "聚龙泉")]


def test_qian_stays_qian(words: Words) -> None:
    for typed in ("乾安", "乾安縣"):
        found = words.search(typed, kind=ENTERPRISE)
        assert found.searched.startswith("乾安")


def test_radon_finds_the_spring_that_is_said_to_have_it_and_no_other(
    words: Words, corpus: Database
) -> None:
    for typed in ("氡", "氡泉", "氡温泉", "dongquan", "radon", "含氡"):
        assert len(words.search(typed, kind=LISTING).hits) == 0, typed
        (key,) = ids(words.search(typed, kind=ENTERPRISE))
        with corpus.read() as session:
            assert "氡" in session.get_one(Enterprise, key).note_zh


def test_two_meanings_of_initials_are_both_told(corpus: Database) -> None:
    index = MemoryIndex()
    index.rebuild(
        [
            Document(LISTING, 1, "汪清木屋", "", ""),
            Document(LISTING, 2, "温泉旅居馆", "", ""),
            Document(LISTING, 3, "温泉小院", "", ""),
        ],
        cursor=1_000_000,
    )
    found = Words(index, corpus).search("wq", kind=LISTING)
    assert found.searched == "温泉、汪清"
    assert ids(found) == [1, 2, 3]


def test_a_name_comes_before_a_mention(words: Words, corpus: Database) -> None:
    best = words.search("温泉", kind=LISTING).hits.best(1)
    with corpus.read() as session:
        assert "温泉" in (
            session.scalar(sa.select(Listing.name_zh).where(Listing.id == best[0])) or ""
        )


def test_what_nobody_knows_is_said_and_the_rest_offered(words: Words) -> None:
    found = words.search("温泉 qqqqq", kind=LISTING)
    assert ids(found) == []
    assert found.suggestion == "温泉"
    assert words.search("qqqqq", kind=LISTING).suggestion is None


@pytest.mark.parametrize("typed", ["", "  ", "😀😀", "\x00\x07", "！？。", "'"])
def test_no_words_find_nothing(words: Words, typed: str) -> None:
    found = words.search(typed, kind=LISTING)
    assert (found.searched, ids(found), found.taken) == ("", [], ())


@pytest.mark.parametrize(
    "typed",
    ["*:*", 'name:"温', "AND OR NOT", "(((", "a" * 10_000, "温" * 9_999, "\ud800", "\u202e温泉*",
     "key:listing", "[a TO z]", "温泉^9999", "'; DROP TABLE listing; --", "%", "wq" * 90,
     "wen" * 90, " ".join(["wenquan"] * 90), "<script>alert(1)</script>"],
)  # fmt: skip
def test_takes_anything_as_words(words: Words, typed: str) -> None:
    assert set(ids(words.search(typed, kind=LISTING))) <= set(range(1, 10_000))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(typed=st.text(max_size=40) | st.text(alphabet="wenquachgbsi温泉长白山 '", max_size=20))
def test_never_raises(words: Words, typed: str) -> None:
    found = words.search(typed, kind=LISTING)
    assert len(found.hits) <= 22
    words.complete(typed)


def test_hits_are_those_of_like(corpus: Database) -> None:
    """S8: what stands in a text finds exactly the texts that LIKE finds it in."""
    with corpus.read() as session:
        documents = all_documents(session)
    index = MemoryIndex()
    index.rebuild(documents, cursor=1)
    whole = Corpus(index, 1, 1)
    chance, compared = random.Random(3), 0
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE text (kind TEXT, id INTEGER, words TEXT)")
        connection.exec_driver_sql(
            "INSERT INTO text VALUES (?, ?, ?)",
            [(document.kind.value, document.id, document.text()) for document in documents],
        )
        for kind in (DocKind.LISTING, DocKind.ENTERPRISE):
            lookup = Lookup(whole, kind)
            characters = [
                run
                for document in documents
                if document.kind is kind
                for run in runs(document.text())
                if not is_latin(run)
            ]
            for _ in range(400):
                run = chance.choice(characters)
                first = chance.randrange(len(run))
                piece = run[first : first + chance.randrange(1, 8)]
                like = connection.exec_driver_sql(
                    "SELECT id FROM text WHERE kind = ? AND words LIKE ? ORDER BY id",
                    (kind.value, f"%{piece}%"),
                )
                assert lookup.hits([Phrase.of(piece)]).ids.tolist() == list(like.scalars()), piece
                compared += len(piece) > 2
    engine.dispose()
    assert compared > 200


class TestCompleting:
    @pytest.mark.parametrize(
        ("typed", "text"),
        [
            ("温", "温泉"),
            ("wenq", "温泉"),
            ("wq", "温泉"),
            ("changbai", "长白山"),
            ("cbs", "长白山"),
            ("erdao", "二道白河"),
            ("长白sh", "长白山"),
            ("baihua", "白桦林温泉长住"),
            ("bhlwq", "白桦林温泉长住"),
            ("bir", "Birch Forest Spring Long Stay"),
            ("fore", "Birch Forest Spring Long Stay"),
            ("hot", "hot spring"),
        ],
    )
    def test_characters_pinyin_and_initials(self, words: Words, typed: str, text: str) -> None:
        found = words.complete(typed, limit=10)
        assert text in [one.text for one in found]
        for one in found:
            assert one.count > 0
            assert len(words.search(one.text, kind=LISTING).hits) > 0

    def test_the_readers_language_comes_first(self, words: Words) -> None:
        assert words.complete("erdao")[0].text == "二道白河"
        assert words.complete("erdao", lang="en")[0].text == "Erdaobaihe"

    def test_no_more_than_asked_and_nothing_for_nothing(self, words: Words) -> None:
        assert len(words.complete("s", limit=3)) == 3
        assert words.complete("") == words.complete("😀") == words.complete("zzzz") == []
