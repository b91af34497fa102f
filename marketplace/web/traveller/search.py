"""Home and search."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for

from catalog.queries import clusters_with_counts, source_cities
from catalog.vocabulary import Cluster, Theme, label
from marketplace.kernel.page import Page
from marketplace.offers import search as offers
from marketplace.web import limits
from marketplace.web.context import address, lang, services, today
from marketplace.web.filters import date_long, day_and_year, lunar
from marketplace.web.i18n import translate
from marketplace.web.traveller import presenters
from marketplace.web.traveller.base import blueprint
from marketplace.web.traveller.forms import SearchForm, read_search

OTHER_DATES = dt.timedelta(days=14)
SHORTER_NIGHTS = 30
ORIGINS_SHOWN = 8
YEARS_OF_JULY = ("2008", "2009")


@blueprint.get("/")
def home() -> str:
    """Open the four doors: long stays, hot springs, trains, family."""
    with services().database.read() as session:
        found = clusters_with_counts(session)
        cities = source_cities(session)[:ORIGINS_SHOWN]
    return render_template(
        "traveller/home.html",
        form=read_search({}, today=today()),
        errors={},
        clusters=[
            (
                one.cluster.value,
                label(one.cluster, lang()),
                one.listings,
                url_for("traveller.search", cluster=one.cluster.value),
            )
            for one in found
            if one.cluster is not None
        ],
        themes=presenters.themes(),
        quick=quick_dates(today()),
        origins=[_origin(city) for city in cities],
    )


@dataclass(frozen=True, slots=True)
class QuickDate:
    """A day of arrival that one tap searches for."""

    word: str
    note: str
    url: str


def quick_dates(day: dt.date) -> list[QuickDate]:
    """Return next Monday and the firsts of June and July that come next, soonest first."""
    monday = day + dt.timedelta(days=7 - day.weekday())
    firsts = [_next_first(month, after=day) for month in (6, 7)]
    found = []
    for arrive in sorted({monday, *firsts}):
        word, note = day_and_year(arrive)
        if arrive == monday:
            word, note = translate("下周一"), word
        url = url_for("traveller.search", arrive=arrive.isoformat(), nights=SHORTER_NIGHTS)
        found.append(QuickDate(word, note, url))
    return found


def _next_first(month: int, *, after: dt.date) -> dt.date:
    this_year = dt.date(after.year, month, 1)
    return this_year if this_year > after else this_year.replace(year=after.year + 1)


def _origin(city: Any) -> dict[str, Any]:
    return {
        "name": city.city_zh,
        "name_lang": "zh-CN",
        "july_mean": city.july_mean,
        "cooler_by": city.cooler_by,
        "years": translate("、").join(YEARS_OF_JULY),
    }


@blueprint.get("/search")
def search() -> tuple[str, int]:
    """Find stays by words, place, theme, dates, people and needs, with exact totals."""
    limits.spend(limits.SEARCH, "search", address())
    form = read_search(request.args, today=today())
    tools = services()
    with tools.database.read() as session:
        found = offers.search(
            session, query=form.query(), matrix=tools.follower.current(), index=tools.index
        )
    return _results_html(form, found), 422 if form.errors else 200


def _results_html(form: SearchForm, found: Page[offers.Result]) -> str:
    day = form.dates.arrival
    return render_template(
        "traveller/search.html",
        query=form,
        errors=presenters.translated(form.errors),
        clusters=presenters.clusters(),
        themes=presenters.themes(),
        understood=understood(form),
        results={
            "items": [presenters.card(item, args=_kept(form), day=day) for item in found.items],
            "total": found.total,
            "page": found.number,
            "pages": found.pages,
        },
        page_url=lambda number: url_for("traveller.search", **form.args(page=number)),
        sort_urls={
            sort.value: url_for("traveller.search", **form.args(sort=sort.value))
            for sort in offers.Sort
        },
        suggestions=[] if found.total else suggestions(form, today()),
    )


def _kept(form: SearchForm) -> dict[str, Any]:
    """Return what the listing page takes over from the search: dates and people."""
    names = ("arrive", "nights", "nights_other", "rooms", "adults", "children")
    return {name: value for name, value in form.args().items() if name in names}


def understood(form: SearchForm) -> str:
    """Say the question back as sentences, so that a slip of the finger is noticed."""
    sentences = [_said_dates(form)]
    people = translate("大人%(n)s位", n=form.dates.adult_count)
    if form.dates.child_count:
        people += translate("，小孩%(n)s位", n=form.dates.child_count)
    if form.dates.room_count > 1:
        people += translate("，%(n)s间房", n=form.dates.room_count)
    sentences.append(people)
    wanted = [word for _, word in _filters(form)]
    if wanted:
        sentences.append(translate("要：%(what)s", what=translate("、").join(wanted)))
    return translate("。").join(sentences) + translate("。").rstrip()


def _said_dates(form: SearchForm) -> str:
    dates = form.dates
    if dates.stay is not None:
        return translate(
            "%(arrive)s到（%(lunar)s），住%(nights)s晚，%(depart)s离开",
            arrive=date_long(dates.stay.check_in),
            lunar=lunar(dates.stay.check_in),
            nights=dates.stay.nights,
            depart=date_long(dates.stay.check_out),
        )
    if dates.arrival is not None:
        return translate(
            "%(arrive)s到（%(lunar)s），住几晚还没定，先看每月的价格",
            arrive=date_long(dates.arrival),
            lunar=lunar(dates.arrival),
        )
    return translate("还没有选日期，先看每月的价格")


def _filters(form: SearchForm) -> list[tuple[str, str]]:
    """Return (field, words) of each filter that is set."""
    found = []
    if form.cluster:
        found.append(("cluster", label(Cluster(form.cluster), lang())))
    if form.theme:
        found.append(("theme", label(Theme(form.theme), lang())))
    for name, word in (("lift", "有电梯"), ("no_steps", "进门没有台阶"), ("hospital", "离医院近")):
        if getattr(form, name):
            found.append((name, translate(word)))
    if form.q:
        found.append(("q", translate("“%(words)s”", words=form.q)))
    return found


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Another search that may find more."""

    label: str
    url: str


def suggestions(form: SearchForm, earliest: dt.date) -> list[Suggestion]:
    """Return what to try when nothing is found: drop one filter, or move by two weeks."""
    asked: list[tuple[str, dict[str, Any]]] = []
    if form.dates.arrival is not None:
        for days, words in ((OTHER_DATES, "晚两周到"), (-OTHER_DATES, "早两周到")):
            moved = form.dates.arrival + days
            if moved >= earliest:
                asked.append((translate(words), {"arrive": moved.isoformat()}))
    for name, words in _filters(form):
        asked.append((translate("不限%(what)s", what=words), {name: None}))
    if form.dates.party.guests > form.dates.room_count:
        rooms = form.dates.room_count + 1
        asked.append((translate("分住%(n)s间房", n=rooms), {"rooms": rooms}))
    if (form.dates.length or 0) > SHORTER_NIGHTS:
        asked.append((translate("只住30晚"), {"nights": SHORTER_NIGHTS, "nights_other": None}))
    return [
        Suggestion(words, url_for("traveller.search", **form.args(**changed)))
        for words, changed in asked
    ]
