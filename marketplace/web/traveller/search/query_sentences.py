"""Says a question back in sentences, and how its words were taken.

Sentences are HTML, because a name in the other language is marked as such wherever it stands.
"""

from __future__ import annotations

import datetime as dt

from markupsafe import Markup, escape

from catalog.geography.source_cities import city_name
from catalog.search.query_parser import Understood, Why
from catalog.views import SourceCityView
from catalog.vocabulary import local
from marketplace.kernel.stay import Stay
from marketplace.offers.search.search_types import FLEXIBLE_DAYS, Dates, Near
from marketplace.web.context import lang
from marketplace.web.forms.stay_form import StayForm
from marketplace.web.i18n import translate
from marketplace.web.rendering.filters import (
    date_long,
    day_and_year,
    lang_of,
    lunar,
    month,
    months_between,
)
from marketplace.web.traveller.search.date_form import When
from marketplace.web.traveller.search.question import SearchForm


def marked(message: str, /, **params: object) -> Markup:
    """Return a message in the reader's language as HTML, filled in."""
    text = escape(translate(message))
    return text % params if params else text


def spoken(text: str, tag: str) -> Markup:
    """Return ``text`` marked with its language, unless that is the page's."""
    if tag in ("", "en" if lang() == "en" else "zh-CN"):
        return escape(text)
    return Markup('<span lang="{}">{}</span>').format(tag, text)


def typed(text: str) -> Markup:
    """Return what a person wrote, marked where its characters tell the language."""
    return spoken(text, lang_of(text))


def own_name(zh: str, en: str) -> Markup:
    """Return a name for this reader, marked where there is none in the page's language."""
    return spoken(*local(zh, en, lang()))


def city(view: SourceCityView) -> Markup:
    """Return the name of a source city."""
    return own_name(*city_name(view))


def place(near: Near) -> Markup:
    """Return the name of a place to be near to."""
    return own_name(near.name_zh, near.name_en)


# ------------------------------------------------------------------ the question


def question(form: SearchForm, *, origin: SourceCityView | None) -> list[Markup]:
    """Say dates, people and where they come from, so that a slip of the finger is noticed."""
    sentences = [_when(form), people(form.when.stay)]
    if form.words:
        sentences.append(marked("找的是“%(words)s”", words=typed(form.words)))
    if origin is not None:
        sentences.append(marked("从%(city)s来", city=city(origin)))
    return [sentence + translate("。") for sentence in sentences]


def brief(form: SearchForm) -> str:
    """Say dates and people in one short line."""
    stay, dates = form.when.stay, form.when.dates
    people = translate("%(n)s人", n=stay.party.guests)
    if stay.room_count > 1:
        people = translate("%(people)s%(rooms)s间", people=people, rooms=stay.room_count)
    if dates is None:
        return translate("没选日期，%(people)s", people=people)
    if form.when.when is When.WITHIN:
        last = dates.last + dt.timedelta(days=dates.nights - 1)
        return translate(
            "%(months)s任意%(nights)s晚，%(people)s",
            months=months_between(dates.first, last),
            nights=dates.nights,
            people=people,
        )
    day = day_and_year(dates.wished or dates.first)[0]
    return translate(
        "%(day)s到，%(nights)s晚，%(people)s", day=day, nights=dates.nights, people=people
    )


def people(stay: StayForm) -> Markup:
    """Say who stays in how many rooms."""
    parts = [marked("大人%(n)s位", n=stay.adult_count)]
    if stay.child_count:
        parts.append(marked("小孩%(n)s位", n=stay.child_count))
    if stay.room_count > 1:
        parts.append(marked("%(n)s间房", n=stay.room_count))
    return escape(translate("，")).join(parts)


def _when(form: SearchForm) -> Markup:
    when, stay = form.when, form.when.stay
    if when.dates is not None:
        return _dates(when.when, when.dates)
    if when.when is When.EXACT and stay.arrival is not None and stay.length is None:
        return marked(
            "%(arrive)s到（%(lunar)s），住几晚还没定，先看每月的价格", **_day(stay.arrival)
        )
    if form.span is not None:
        months = months_between(form.span.first, form.span.last)
        return marked("还没有选日期，先看%(months)s每月的价格", months=months)
    return marked("还没有选日期，先看每月的价格")


def _day(day: dt.date) -> dict[str, str]:
    return {"arrive": date_long(day), "lunar": lunar(day)}


def _dates(when: When, dates: Dates) -> Markup:
    if when is When.AROUND and dates.wished is not None:
        return marked(
            "%(arrive)s到（%(lunar)s），前后%(days)s天都可以，住%(nights)s晚",
            days=FLEXIBLE_DAYS,
            nights=dates.nights,
            **_day(dates.wished),
        )
    if when is When.WITHIN:
        end = dates.last + dt.timedelta(days=dates.nights)
        return marked(
            "%(months)s里任意%(nights)s晚：最早%(arrive)s到（%(lunar)s），最晚%(depart)s离开",
            months=_months(dates.first, end - dt.timedelta(days=1)),
            nights=dates.nights,
            depart=date_long(end),
            **_day(dates.first),
        )
    return stay_words(Stay.of(dates.first, dates.nights))


def _months(first: dt.date, last: dt.date) -> str:
    if (first.year, first.month) == (last.year, last.month):
        return month(first)
    return translate("%(first)s到%(last)s", first=month(first), last=month(last))


def stay_words(stay: Stay) -> Markup:
    """Return the dates of a stay, with weekdays and the lunar date of its beginning."""
    return marked(
        "%(arrive)s到（%(lunar)s），住%(nights)s晚，%(depart)s离开",
        nights=stay.nights,
        depart=date_long(stay.check_out),
        **_day(stay.check_in),
    )


# ------------------------------------------------------------------ the words


TAKEN = {
    Why.TYPO: "没有“%(said)s”，按“%(meant)s”找的。",
    Why.SYNONYM: "“%(said)s”，连“%(meant)s”一起找的。",
}
TAKEN_ELSE = "“%(said)s”按“%(meant)s”找的。"


def taken(words: Understood | None) -> list[Markup]:
    """Say what was looked for in place of what was typed; nothing where it is the same."""
    if words is None:
        return []
    parts = [(part.said, part.meant, TAKEN.get(part.why, TAKEN_ELSE)) for part in words.taken]
    if words.corrected and not parts:
        parts = [(words.typed, words.searched, TAKEN[Why.TYPO])]
    return [marked(message, said=typed(said), meant=typed(meant)) for said, meant, message in parts]
