"""Structured data for search engines (schema.org, as JSON-LD), built from what the pages show.

Nothing is said here that the page does not say. What is invented for demonstration is named so and
is never offered; a place is no more exact than its source; what nobody knows is left out.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from flask import url_for
from markupsafe import Markup

from catalog.labels import cluster_label, label
from catalog.views import EnterprisePage, ListingCard, ListingPage, SiteView
from catalog.vocabulary import Category, Cluster, Datum, ListingKind, local
from marketplace.kernel.money import plain_yuan
from marketplace.offers.quoting.listing_summary import ListingSummary
from marketplace.web.context import lang, services
from marketplace.web.i18n import translate
from marketplace.web.traveller.base import blueprint
from marketplace.web.traveller.seo.page_heads import absolute, language_tag, slug_of

Node = dict[str, Any]
"""A thing with its properties, as JSON-LD has it."""

SCHEMA = "https://schema.org"
OPEN_LICENCE = "https://creativecommons.org/licenses/by/4.0/"
"""Of the open directory."""
MOST_ERROR_KM = 10
"""A point less exact than this says less than the town's name, and is not given."""
GEO_DIGITS = 2
"""Decimals of a degree: about a kilometre, which no town's centre is known better than."""
METRES = 1000
LODGING = frozenset(
    {
        Category.HOT_SPRING_RESORT,
        Category.FOREST_CABIN,
        Category.FOREST_HOMESTAY,
        Category.WELLNESS_STAY,
        Category.SKI_SUMMER_RESORT,
    }
)
"""Categories in which people stay the night."""
UNSAFE = re.compile("[<>&\u2028\u2029]")


@blueprint.app_template_filter("linked")
def as_json_ld(node: Node) -> Markup:
    """Return ``node`` as the content of a data block that nothing in it can break out of."""
    text = orjson.dumps({"@context": SCHEMA, **node}).decode()
    return Markup(UNSAFE.sub(lambda hit: f"\\u{ord(hit[0]):04x}", text))  # noqa: S704 - escaped


def _without_nothing(node: Node) -> Node:
    """Leave out what is not known."""
    return {name: value for name, value in node.items() if value not in (None, "", [], {})}


# ------------------------------------------------------------------ the site


@blueprint.app_template_global("website_data")
def website() -> Node:
    """Return the site itself, with how to search it."""
    home = absolute("traveller.home")
    return {
        "@type": "WebSite",
        "@id": f"{home}#site",
        "url": home,
        "name": _brand(),
        "inLanguage": language_tag(),
        "potentialAction": {
            "@type": "SearchAction",
            "target": {
                "@type": "EntryPoint",
                "urlTemplate": f"{absolute('traveller.search')}?q={{search_term_string}}",
            },
            "query-input": "required name=search_term_string",
        },
    }


def _brand() -> str:
    brand = services().settings.brand
    return translate("候鸟吉林") if brand == "候鸟吉林" else brand


def breadcrumbs(trail: Sequence[tuple[str, str]]) -> Node:
    """Return the way from the home page to this one: (name, path) of each step."""
    base = services().settings.base_url
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "item": f"{base}{path}"}
            for place, (name, path) in enumerate(trail, 1)
        ],
    }


def collection(
    *,
    name: str,
    description: str,
    path: str,
    items: Sequence[tuple[str, str]],
    total: int,
    first: int = 1,
    about: Node | None = None,
) -> Node:
    """Return a page that lists things: (name, path) of those shown, the ``first`` by number."""
    base = services().settings.base_url
    return _without_nothing(
        {
            "@type": "CollectionPage",
            "@id": f"{base}{path}",
            "url": f"{base}{path}",
            "name": name,
            "description": description,
            "inLanguage": language_tag(),
            "about": about,
            "mainEntity": {
                "@type": "ItemList",
                "numberOfItems": total,
                "itemListElement": [
                    {"@type": "ListItem", "position": place, "name": one, "url": f"{base}{where}"}
                    for place, (one, where) in enumerate(items, first)
                ],
            },
        }
    )


def destination(cluster: Cluster) -> Node:
    """Return a cluster as a place that others lie in."""
    address = absolute("traveller.cluster", slug=slug_of(cluster))
    return {
        "@type": "TouristDestination",
        "@id": f"{address}#place",
        "name": cluster_label(cluster, lang()),
        "url": address,
    }


@dataclass(frozen=True, slots=True)
class FileOffered:
    """A file of the open directory."""

    kind: str
    media_type: str
    url: str
    size: str


def dataset(changed_at: dt.datetime, files: Sequence[FileOffered], *, cite: str) -> Node:
    """Return the open directory as a data set with its files."""
    base = services().settings.base_url
    return {
        "@type": "Dataset",
        "@id": f"{base}/open#data",
        "url": absolute("traveller.open_data"),
        "name": translate("吉林省康养旅游企业名录"),
        "description": translate("名录里每一处的名字、地方、等级、来源、新旧和缺什么，一处一条。"),
        "inLanguage": ["zh-CN", "en"],
        "license": OPEN_LICENCE,
        "isAccessibleForFree": True,
        "creditText": cite,
        "dateModified": changed_at.isoformat(timespec="seconds"),
        "spatialCoverage": translate("吉林省"),
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": one.media_type,
                "contentUrl": f"{base}{one.url}",
            }
            for one in files
        ],
    }


# ------------------------------------------------------------------ a listing


def listing(page: ListingPage, seen: ListingSummary | None) -> list[Node]:
    """Return a listing and the way to it; ``seen`` is its price, ``None`` when nothing is on sale.

    Sample data carry a mark and no offer: a search engine must never sell what does not exist.
    """
    item = page.card
    address = absolute("traveller.listing", listing_id=item.id)
    name, other = _names(item.name_zh, item.name_en)
    stay = {
        "@type": "LodgingBusiness",
        "@id": f"{address}#stay",
        "url": address,
        "name": name,
        "alternateName": other,
        "description": local(item.summary_zh, item.summary_en, lang())[0],
        "address": _address(page.site.town_zh, page.site.town_en, item.county),
        "geo": _geo(page.site),
        "containedInPlace": [destination(cluster) for cluster in item.clusters],
        "amenityFeature": _amenities(item),
        "makesOffer": None if item.is_sample else _offer(address, seen),
        "additionalProperty": [_property("示例数据", value=True)] if item.is_sample else [],
    }
    trail = [
        (translate("首页"), url_for("traveller.home")),
        (translate("找住处"), url_for("traveller.search")),
        (name, url_for("traveller.listing", listing_id=item.id)),
    ]
    # An activity or a train is no house to stay in.
    about = [_without_nothing(stay)] if item.kind is ListingKind.STAY else []
    return [*about, breadcrumbs(trail)]


def _names(zh: str, en: str) -> tuple[str, str | None]:
    """Return the name for this reader, and the one in the other language."""
    if lang() == "en" and en:
        return en, zh
    return zh, en or None


def _address(town_zh: str, town_en: str, county: str) -> Node:
    """Return region and town; the county, known in Chinese only, where the town is not known."""
    place = local(town_zh, town_en, lang())[0] or county
    return _without_nothing(
        {
            "@type": "PostalAddress",
            "addressCountry": "CN",
            "addressRegion": translate("吉林省"),
            "addressLocality": place,
        }
    )


def _geo(site: SiteView | None) -> Node | None:
    """Return a circle as wide as the error, if it is worth giving; schema.org means WGS-84."""
    if site is None or site.datum is not Datum.WGS84 or site.coord_error_km > MOST_ERROR_KM:
        return None
    return {
        "@type": "GeoCircle",
        "geoMidpoint": {
            "@type": "GeoCoordinates",
            "latitude": round(site.lat, GEO_DIGITS),
            "longitude": round(site.lon, GEO_DIGITS),
        },
        "geoRadius": int(site.coord_error_km * METRES),
    }


def _amenities(item: ListingCard) -> list[Node]:
    """Return the facts about getting about that somebody knows."""
    known = (("电梯", item.lift), ("进门没有台阶", item.no_steps), ("卫生间扶手", item.grab_bars))
    return [
        {"@type": "LocationFeatureSpecification", "name": translate(word), "value": fact}
        for word, fact in known
        if fact is not None
    ]


def _offer(address: str, seen: ListingSummary | None) -> Node | None:
    if seen is None:
        return None
    return {
        "@type": "Offer",
        "url": address,
        "priceCurrency": "CNY",
        "price": plain_yuan(seen.lowest_fen, exact=True),
        "priceSpecification": {
            "@type": "UnitPriceSpecification",
            "priceCurrency": "CNY",
            "price": plain_yuan(seen.lowest_fen, exact=True),
            "unitCode": "DAY",
            "unitText": translate("每间每晚起"),
        },
        "availability": f"{SCHEMA}/{'InStock' if seen.free else 'SoldOut'}",
    }


def _property(word: str, value: object) -> Node:
    return {"@type": "PropertyValue", "name": translate(word), "value": value}


# ------------------------------------------------------------------ an entry of the directory


def enterprise(page: EnterprisePage) -> list[Node]:
    """Return an entry of the directory with its sources, and the way to it."""
    card = page.card
    address = absolute("traveller.enterprise", code=card.code)
    name, other = _names(card.name_zh, card.name_en)
    place = {
        "@type": _kind_of(page),
        "@id": f"{address}#place",
        "url": address,
        "name": name,
        "alternateName": other,
        "description": local(card.note_zh, card.note_en, lang())[0],
        "identifier": card.code,
        "address": _address(card.town_zh, card.town_en, card.county or card.prefecture),
        "geo": _geo(page.site),
        "containedInPlace": [destination(cluster) for cluster in card.clusters],
        "additionalProperty": _said_of(page),
        "subjectOf": _sources(page),
    }
    trail = [
        (translate("首页"), url_for("traveller.home")),
        (translate("企业名录"), url_for("traveller.directory")),
        (name, url_for("traveller.enterprise", code=card.code)),
    ]
    return [_without_nothing(place), breadcrumbs(trail)]


def _sources(page: EnterprisePage) -> Node | None:
    if not page.source:
        return None
    return _without_nothing(
        {"@type": "CreativeWork", "name": page.source, "datePublished": page.source_date}
    )


def _kind_of(page: EnterprisePage) -> str:
    if page.card.planned or page.card.is_sample:
        return "Place"
    return "LodgingBusiness" if page.card.category in LODGING else "TouristAttraction"


def _said_of(page: EnterprisePage) -> list[Node]:
    """Return what a reader has to know before taking the entry for a fact."""
    card = page.card
    said = [
        _property("类别", label(card.category, lang())),
        _property("可靠程度", label(card.certainty, lang())),
    ]
    if card.planned:
        said.append(_property("规划中，还没有开", value=True))
    if card.is_sample:
        said.append(_property("示例数据", value=True))
    return said
