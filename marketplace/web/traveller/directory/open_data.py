"""Open data: the directory as files, and the page that says what is in them and what is missing."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import Response, current_app, request

from catalog.labels import cluster_label, label
from catalog.office.entries.completeness import field_label, freshness_label
from catalog.office.statistics import in_cluster
from catalog.vocabulary import THEME_OF, Cluster, Datum, GradeScheme, Theme
from marketplace.web.context import address, lang, services
from marketplace.web.i18n import translate
from marketplace.web.protection import limits
from marketplace.web.rendering import pages
from marketplace.web.traveller.base import blueprint
from marketplace.web.traveller.directory.directory_cache import Directory, directory
from marketplace.web.traveller.directory.open_data_files import (
    LICENCE,
    LICENCE_URL,
    NAME,
    OpenFile,
    as_csv,
    as_json,
)
from marketplace.web.traveller.seo import structured_data
from marketplace.web.traveller.seo.page_heads import address_of

SONGYUAN = "2207"
"""How the codes of the counties of Songyuan begin."""
ERRORS_KM = (3, 8, 15)
KIB = 1024
MAKERS: dict[str, Callable[[Directory, Callable[[str], str]], OpenFile]] = {
    "json": as_json,
    "csv": as_csv,
}
MEDIA_TYPES = {"json": "application/json", "csv": "text/csv"}


@blueprint.get("/open/directory.json")
def open_json() -> Response:
    """Give the whole open directory as JSON."""
    return _given("json")


@blueprint.get("/open/directory.csv")
def open_csv() -> Response:
    """Give the whole open directory as CSV."""
    return _given("csv")


def _given(kind: str) -> Response:
    """Return a file that anybody may keep, and has to ask for again by its tag."""
    limits.spend(limits.SEARCH, "open", address())
    with services().database.read() as session:
        found = directory(session)
    made = _file(found, kind)
    response = Response(made.body, content_type=made.content_type)
    response.headers["Cache-Control"] = "public, no-cache"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Content-Language"] = "zh-CN, en"
    response.headers["Link"] = f'<{LICENCE_URL}>; rel="license"'
    response.headers["Content-Disposition"] = f'inline; filename="{NAME}.{kind}"'
    response.last_modified = found.changed_at
    response.set_etag(made.tag)
    response.make_conditional(request)
    return response


def _file(found: Directory, kind: str) -> OpenFile:
    """Return the file of this very directory: made once, and kept as long as it is."""
    kept: dict[Hashable, tuple[Directory, OpenFile]] = current_app.extensions.setdefault(
        "open_files", {}
    )
    of, made = kept.get(kind, (None, None))
    if of is not found or made is None:
        made = MAKERS[kind](found, lambda code: _address(f"/directory/{code}"))
        kept[kind] = (found, made)
    return made


def _address(path: str) -> str:
    """Return an absolute address that is the same for readers of both languages."""
    return address_of(path, "zh")


@dataclass(frozen=True, slots=True)
class OpenHtml(pages.Page):
    """What is given away, and what it lacks."""

    template: ClassVar[str] = "traveller/directory/open.html"

    files: Sequence[structured_data.FileOffered]
    found: Directory
    licence: str
    licence_url: str
    cite: str
    lacking: Sequence[tuple[str, int, int]]
    """Field, how many lack it, how many could have it."""
    ages: Sequence[tuple[str, int]]
    parts: Sequence[tuple[str, int]]
    gaps: Sequence[str]
    linked_data: Sequence[structured_data.Node]


@blueprint.get("/open")
def open_data() -> str:
    """Say what is given away, under which licence, how fresh it is, and what it lacks."""
    with services().database.read() as session:
        found = directory(session)
    files = [
        structured_data.FileOffered(
            kind=kind.upper(),
            media_type=MEDIA_TYPES[kind],
            url=f"/open/directory.{kind}",
            size=f"{-(-len(_file(found, kind).body) // KIB):,} KB",
        )
        for kind in MAKERS
    ]
    return pages.html(
        OpenHtml(
            files=files,
            found=found,
            licence=LICENCE,
            licence_url=LICENCE_URL,
            cite=_cite(),
            lacking=[
                (field_label(field, lang()), lack, asked)
                for field, (lack, asked) in found.lacking.items()
                if lack
            ],
            ages=[(freshness_label(band, lang()), count) for band, count in found.ages.items()],
            parts=list(found.parts.items()),
            gaps=gaps(found),
            linked_data=[structured_data.dataset(found.changed_at, files, cite=_cite())],
        )
    )


def _cite() -> str:
    return translate(
        "吉林省康养旅游企业名录，%(address)s，CC BY 4.0；居民点位置 © GeoNames，CC BY 4.0",
        address=_address("/open"),
    )


def gaps(found: Directory) -> list[str]:
    """Return what is missing, in sentences with the figures of today."""
    entries = found.entries
    unclaimed = sum(not one.claimed for one in entries)
    unchecked = sum(one.checked_at is None for one in entries)
    planned = sum(one.planned for one in entries)
    said = [
        translate("%(n)s处还没有企业认领：没有床位数、房型、价格和电话。", n=unclaimed),
        translate("%(n)s处名录办还没有核实。", n=unchecked),
    ]
    if planned:
        said.append(translate("%(n)s处只在规划中，还没有开。", n=planned))
    return [*said, *_grades(found), *_positions(found), *_empty(found)]


def _grades(found: Directory) -> list[str]:
    dates = sorted(
        grade.as_of[:4]
        for one in found.entries
        for grade in one.grades
        if grade.scheme is GradeScheme.A_LEVEL and grade.as_of
    )
    if not dates:
        return []
    return [
        translate(
            "A级景区的等级是%(first)s年到%(last)s年的，之后可能被取消或升级。",
            first=dates[0],
            last=dates[-1],
        )
    ]


def _positions(found: Directory) -> list[str]:
    """Say how far off the points may be, and how many stand in an unknown system."""
    sites = [site for one in found.entries for site in one.sites]
    within = []
    least = 0
    for most in ERRORS_KM:
        number = sum(least < site.coord_error_km <= most for site in sites)
        within.append(translate("%(least)s到%(most)s公里%(n)s处", least=least, most=most, n=number))
        least = most
    beyond = sum(site.coord_error_km > least for site in sites)
    within.append(translate("更远%(n)s处", n=beyond))
    unknown = sum(site.datum is Datum.UNKNOWN for site in sites)
    return [
        translate(
            "位置多半只到乡镇中心，不能导航。可能偏差：%(list)s。",
            list=translate("，").join(within),
        ),
        translate("%(n)s处的坐标系不明，可能再偏1公里。", n=unknown),
    ]


def _empty(found: Directory) -> list[str]:
    """Name the clusters that have nothing, and the corner of one that has no spring."""
    said = [
        translate("%(cluster)s还没有一处。", cluster=cluster_label(cluster, lang()))
        for cluster in Cluster
        if not any(in_cluster(one, cluster) for one in found.entries)
    ]
    springs = any(
        one.adcode.startswith(SONGYUAN) and THEME_OF[one.category] is Theme.HOT_SPRING
        for one in found.entries
    )
    if not springs:
        belt = label(Cluster.CJS_SPRINGS, lang())
        said.append(translate("%(belt)s里，松原一处温泉也没有找到。", belt=belt))
    return said
