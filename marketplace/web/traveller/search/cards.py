"""A search result as a card: what it costs in all, and what is true of it for this traveller."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from catalog.geography.source_cities import JULY_YEARS, Train, cooler_by
from catalog.labels import label
from catalog.views import ListingCard, SourceCityView
from marketplace.offers.search.search_types import Distance, Near, Result, Span
from marketplace.pricing.nights.quote import DAYS_A_MONTH
from marketplace.web.context import lang
from marketplace.web.forms.links import LinkArgs, link_to
from marketplace.web.i18n import translate
from marketplace.web.rendering.filters import months_between
from marketplace.web.rendering.price_words import named
from marketplace.web.traveller.listing import listing_facts
from marketplace.web.traveller.listing.listing_facts import Photo
from marketplace.web.traveller.presenters import access_words, cluster_name, season_of
from marketplace.web.traveller.search import carried_question, query_sentences
from marketplace.web.traveller.search.question import SearchForm

MINUTES_AN_HOUR = 60


@dataclass(frozen=True, slots=True)
class Seen:
    """For whom cards are made; with nothing given, for anybody."""

    form: SearchForm | None = None
    near: Near | None = None
    origin: SourceCityView | None = None
    trains: Mapping[str, Train] = field(default_factory=dict)
    span: Span | None = None
    """The days that the figures of a month are of; ``None`` for all that are ahead."""


@dataclass(frozen=True, slots=True)
class Price:
    """Total, month and night; without dates there is no total, and the rest is a minimum."""

    nights: int | None
    total_fen: int | None
    month_fen: int
    night_fen: int


@dataclass(frozen=True, slots=True)
class Card:
    """A search result for ``find.card``."""

    url: str
    name: str
    name_lang: str
    cluster_name: str
    town: str
    town_lang: str
    theme: str
    photo: Photo | None
    theme_name: str
    season: str
    sample: bool
    access: Sequence[str]
    lines: Sequence[Markup]
    months: str
    """Those that the figures without dates are of, or nothing."""
    nights: int | None
    total_fen: int | None
    month_fen: int
    night_fen: int


def card(result: Result, seen: Seen) -> Card:
    """Return one search result as a card."""
    item, price = result.card, _price(result)
    name, town = named(item.name_zh, item.name_en), named(item.town_zh, item.town_en)
    return Card(
        url=link_to("traveller.listing", _kept(result, seen.form), listing_id=item.id),
        name=name.name,
        name_lang=name.name_lang,
        cluster_name=cluster_name(item.clusters),
        town=town.name,
        town_lang=town.name_lang,
        theme=item.illustration,
        photo=listing_facts.card_photo(item.photo),
        theme_name=label(item.theme, lang()),
        season=season_of(_day(result, seen.form)),
        sample=item.is_sample,
        access=access_words(item),
        lines=_lines(result, seen),
        months=months_between(seen.span.first, seen.span.last) if seen.span else "",
        nights=price.nights,
        total_fen=price.total_fen,
        month_fen=price.month_fen,
        night_fen=price.night_fen,
    )


def _kept(result: Result, form: SearchForm | None) -> LinkArgs:
    """Return what the listing's page takes over: room and days of the price, people, question."""
    if form is None:
        return {}
    stay = result.stay
    args = form.stay_args(stay.check_in, stay.nights) if stay else form.stay_args(None, None)
    return {
        **args,
        "room_type": result.room_type_id,
        carried_question.ARGUMENT: carried_question.written(form),
    }


def _day(result: Result, form: SearchForm | None) -> dt.date | None:
    if result.stay is not None:
        return result.stay.check_in
    return form.when.stay.arrival if form is not None else None


def _price(result: Result) -> Price:
    quote = result.quote
    if quote is None:
        month_fen = result.from_month_fen
        return Price(None, None, month_fen, month_fen // DAYS_A_MONTH)
    return Price(quote.stay.nights, quote.total_fen, quote.month_fen, quote.night_fen)


def _lines(result: Result, seen: Seen) -> list[Markup]:
    """Return what this traveller is told of the place: the days, how far, how cool, how to come."""
    lines = []
    if result.stay is not None and seen.form is not None and seen.form.when.flexible:
        lines.append(query_sentences.stay_words(result.stay))
    if result.distance is not None and seen.near is not None:
        lines.append(_distance(result.distance, seen.near))
    if seen.origin is not None:
        lines += _from(seen.origin, seen.trains, result.card)
    return lines


def _distance(distance: Distance, near: Near) -> Markup:
    return query_sentences.marked(
        "离%(place)s直线约%(km)s公里（误差约%(error)s公里，位置只到乡镇）",
        place=query_sentences.place(near),
        km=max(1, round(distance.km)),
        error=max(1, round(distance.error_km)),
    )


def _from(origin: SourceCityView, trains: Mapping[str, Train], item: ListingCard) -> list[Markup]:
    """Return the figures that hold for somebody from ``origin``; where there are none, nothing."""
    lines = []
    cooler = cooler_by(origin, prefecture=item.prefecture)
    if cooler is not None:
        lines.append(
            query_sentences.marked(
                "比%(city)s七月凉快%(degrees)s℃（%(years)s两年平均，长春的数字）",
                city=query_sentences.city(origin),
                degrees=f"{cooler:g}",
                years=translate("、").join(str(year) for year in JULY_YEARS),
            )
        )
    train = trains.get(item.station_zh or "")
    if train is not None:
        lines.append(_train(train))
    return lines


def _train(train: Train) -> Markup:
    """Name the station with its town and its slope: two stations of like name are hours apart."""
    station = train.station
    where = [query_sentences.own_name(station.town_zh, station.town_en)] if station.town_zh else []
    if station.slope is not None:
        where.append(query_sentences.typed(label(station.slope, lang())))
    words = {
        "departure": query_sentences.own_name(train.departure.name_zh, train.departure.name_en),
        "station": query_sentences.own_name(station.name_zh, station.name_en),
        "time": duration(train.minutes),
        "year": train.year,
    }
    if not where:
        return query_sentences.marked(
            "%(departure)s到%(station)s最快%(time)s（%(year)s年的数字）", **words
        )
    return query_sentences.marked(
        "%(departure)s到%(station)s（%(where)s）最快%(time)s（%(year)s年的数字）",
        where=escape(translate("，")).join(where),
        **words,
    )


def duration(minutes: int) -> str:
    """Return a time as hours and minutes: 4小时33分."""
    hours, rest = divmod(minutes, MINUTES_AN_HOUR)
    if not hours:
        return translate("%(minutes)s分", minutes=rest)
    if not rest:
        return translate("%(hours)s小时", hours=hours)
    return translate("%(hours)s小时%(minutes)s分", hours=hours, minutes=rest)
