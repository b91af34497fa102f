"""The words of everything that can be filtered by, and what is chosen of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from catalog.labels import label
from catalog.views import SourceCityView
from catalog.vocabulary import Cluster, FoodTag, Pace, Theme
from marketplace.kernel.messages import Message
from marketplace.offers.search.search_types import (
    Access,
    Facet,
    Grade,
    HospitalWithin,
    Near,
    PriceBand,
    Provenance,
    Relaxed,
)
from marketplace.offers.search.stay_facts import FAMILY
from marketplace.pricing.nights.quote import DAYS_A_MONTH
from marketplace.web.context import lang
from marketplace.web.forms.links import LinkArgs, link_to
from marketplace.web.i18n import translate
from marketplace.web.rendering.price_words import Named, named
from marketplace.web.traveller.search import query_sentences
from marketplace.web.traveller.search.question import FACETS, SearchForm

QUESTIONS = {
    "access": "进出要方便",
    "hospital": "到医院开车要多久",
    "pace": "能走多少路",
    "food": "饭菜",
    FAMILY: "和家人一起",
    "cluster": "想去哪里",
    "theme": "想住什么样的",
    "band": Message("每月（%(nights)s晚）多少钱", nights=DAYS_A_MONTH),
    "grade": "所在景区的等级",
    "provenance": "真实的还是示例",
}
"""What each facet asks, in the order of the page: what a body needs comes first."""
FURTHER = frozenset({"grade", "provenance"})
"""What is asked only of those who want to say more."""
OTHER_QUESTIONS = {
    "when": "什么时候去",
    "sort": "排序",
    "near": "离哪里近",
    "from": "从哪里来",
    "season": "季节",
}
"""The other closed lists of the search pages."""
WORDS: dict[str, dict[str, str]] = {
    "band": {
        PriceBand.TO_3000: "3000元以内",
        PriceBand.TO_5000: "3000到5000元",
        PriceBand.TO_8000: "5000到8000元",
        PriceBand.ABOVE_8000: "8000元以上",
    },
    "access": {
        Access.LIFT: "有电梯",
        Access.NO_STEPS: "进门没有台阶",
        Access.GRAB_BARS: "卫生间有扶手",
    },
    "hospital": {
        HospitalWithin.MINUTES_15: "15分钟以内",
        HospitalWithin.MINUTES_30: "30分钟以内",
        HospitalWithin.MINUTES_60: "60分钟以内",
    },
    "grade": {
        Grade.A5: "5A级景区",
        Grade.A4: "4A级景区",
        Grade.A3: "3A级景区",
        Grade.NONE: "不在等级景区",
    },
    "provenance": {Provenance.REAL: "真实的", Provenance.SAMPLE: "示例数据"},
    FAMILY: {FAMILY: "三代人能同住"},
}
VOCABULARY = {"cluster": Cluster, "theme": Theme, "food": FoodTag, "pace": Pace}
ALONE = {"band": "每月%(what)s", "hospital": "到医院%(what)s", "provenance": "%(what)s"}
"""How a value is said where its question does not stand above it."""


def words_of(facet: str, value: str) -> str:
    """Return the words for a value below its question."""
    if facet in VOCABULARY:
        return label(VOCABULARY[facet](value), lang())
    return translate(WORDS[facet][value])


def said(facet: str, value: str) -> str:
    """Return the words for a value that stands alone."""
    words = words_of(facet, value)
    return translate(ALONE[facet], what=words) if facet in ALONE else words


def questions(names: Sequence[str]) -> str:
    """Return what the arguments of these names ask, as one list."""
    asked = {**QUESTIONS, **OTHER_QUESTIONS}
    return translate("、").join(translate(asked[name]) for name in names)


# ------------------------------------------------------------------ what is chosen


@dataclass(frozen=True, slots=True)
class Chosen:
    """One condition of the question, with the address of the question without it."""

    words: Markup
    url: str


def chosen(form: SearchForm, *, near: Near | None, origin: SourceCityView | None) -> list[Chosen]:
    """Return every condition that can be taken back, in the order of the filters' page."""
    found = [
        (query_sentences.typed(said(facet, value)), form.without(facet, value))
        for facet in QUESTIONS
        for value in form.chosen(facet)
    ]
    if near is not None:
        found.append(
            (
                query_sentences.marked("离%(place)s近", place=query_sentences.place(near)),
                form.without_place(),
            )
        )
    if origin is not None:
        found.append(
            (
                query_sentences.marked("从%(city)s来", city=query_sentences.city(origin)),
                form.args(**{"from": None}),
            )
        )
    return [Chosen(words, link_to("traveller.search", args)) for words, args in found]


def condition(form: SearchForm, name: str, value: str = "") -> Markup:
    """Return one condition as words: a field of the question or of its filters."""
    if name == "words":
        return query_sentences.marked("词语“%(words)s”", words=query_sentences.typed(form.words))
    if name == "dates":
        return query_sentences.marked("选的日子")
    if name == "party":
        return query_sentences.marked("%(n)s位住%(rooms)s间房", n=_guests(form), rooms=_rooms(form))
    values = [value] if value else form.chosen(name)
    words = [query_sentences.typed(said(name, one)) for one in values]
    return escape(translate("、")).join(words)


def left_aside(form: SearchForm, names: Sequence[str], rooms: int) -> list[Markup]:
    """Return the conditions of these names as words; ``rooms`` is how many there are then."""
    return [
        query_sentences.marked(
            "只住%(had)s间房（按%(rooms)s间房算）", had=_rooms(form), rooms=rooms
        )
        if name == "party"
        else condition(form, name)
        for name in names
    ]


def without(form: SearchForm, names: Sequence[str], rooms: int) -> LinkArgs:
    """Return the arguments without the conditions of these names, for the same people."""
    arguments = {"words": ["q"], "dates": ["arrive", "when", "month_from", "month_to"]}
    kept = {"party": {"rooms": rooms}}
    changed: LinkArgs = {}
    for name in names:
        changed |= kept.get(name, dict.fromkeys(arguments.get(name, [name])))
    return form.args(**changed)


def relaxed_words(form: SearchForm, one: Relaxed) -> Markup:
    """Return what leaving one condition aside is called."""
    if one.name == "party":
        return query_sentences.marked("分住%(n)s间房", n=one.rooms)
    if one.name == "dates":
        return query_sentences.marked("先不定日子")
    return query_sentences.marked("不要求%(what)s", what=condition(form, one.name, one.value))


def relaxed_args(form: SearchForm, one: Relaxed) -> LinkArgs:
    """Return the arguments of the question without one condition."""
    if one.value:
        return form.without(one.name, one.value)
    return without(form, [one.name], one.rooms)


def _guests(form: SearchForm) -> int:
    return form.when.stay.party.guests


def _rooms(form: SearchForm) -> int:
    return form.when.stay.room_count


# ------------------------------------------------------------------ the page of filters


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a question, ready to be shown."""

    value: str
    words: str
    count: int
    chosen: bool

    @property
    def open(self) -> bool:
        """Whether it can be chosen: one that leaves nothing can only be taken back."""
        return self.chosen or self.count > 0


@dataclass(frozen=True, slots=True)
class Question:
    """One facet, ready to be shown."""

    name: str
    words: str
    several: bool
    choices: tuple[Choice, ...]
    anything: bool
    """Whether nothing is chosen."""
    anything_count: int
    """How many places there are when nothing is."""
    further: bool
    """Whether it is asked only of those who want to say more."""


def asked(facets: Sequence[Facet]) -> list[Question]:
    """Return the facets with their words and counts, in the order of the page."""
    by_name = {facet.name: facet for facet in facets}
    return [_question(by_name[name]) for name in QUESTIONS]


def _question(facet: Facet) -> Question:
    choices = tuple(
        Choice(one.value, words_of(facet.name, one.value), one.count, one.chosen)
        for one in facet.values
    )
    return Question(
        name=facet.name,
        words=translate(QUESTIONS[facet.name]),
        several=facet.several,
        choices=choices,
        anything=not any(choice.chosen for choice in choices),
        anything_count=facet.anything,
        further=facet.name in FURTHER,
    )


def places(found: Sequence[Near]) -> list[tuple[str, Named]]:
    """Return (key, name) of everything one can be near to."""
    return [(place.key, named(place.name_zh, place.name_en)) for place in found]


def hidden(form: SearchForm) -> LinkArgs:
    """Return the arguments that the page of filters keeps and does not ask for."""
    asked_there = dict.fromkeys((*FACETS, "near"))
    return form.args(**asked_there)
