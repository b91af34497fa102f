"""The open directory as files: what stands in a record, in what order, and under which licence."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from catalog.office.entries.completeness import FIELD_LABELS, FRESHNESS_LABELS
from catalog.office.entries.records import Record, SiteRecord
from marketplace.kernel.clock import shanghai_date
from marketplace.web.forms.csv_file import harmless
from marketplace.web.traveller.directory.directory_cache import Directory
from marketplace.web.traveller.seo.structured_data import OPEN_LICENCE

LICENCE = "CC-BY-4.0"
LICENCE_URL = OPEN_LICENCE
GEONAMES = "© GeoNames, CC BY 4.0"
NAME = "jilin-wellness-directory"
SITE_FIELDS = (
    "town_zh", "town_en", "lat", "lon", "datum", "coord_basis", "coord_error_km", "slope",
    "station_code", "station_zh", "station_en",
)  # fmt: skip
Words = dict[str, str]
HEADER: dict[str, Any] = {
    "title": {
        "zh": "吉林省康养旅游企业名录",
        "en": "Directory of wellness-tourism enterprises of Jilin Province",
    },
    "licence": LICENCE,
    "licence_url": LICENCE_URL,
    "licence_note": {
        "zh": "名录的选取和编排按 CC BY 4.0 使用。事实来自每条记录写明的来源；"
        "居民点位置 © GeoNames，CC BY 4.0。",
        "en": "The selection and arrangement of the directory may be used under CC BY 4.0. Its "
        "facts come from the sources named in each record; "
        "settlement points © GeoNames, CC BY 4.0.",
    },
    "not_included": {
        "zh": "示例数据、已暂停和已除名的企业、联系人、电话、证照、价格、床位数。",
        "en": "Sample data, suspended and struck-off entries, contacts, phone numbers, licences of "
        "the businesses, prices, numbers of beds.",
    },
}
"""What a reader of the file has to know before its records; in both languages."""

FIELDS: dict[str, Words] = {
    "code": {"zh": "名录编号", "en": "Number in the directory; never used twice"},
    "url": {"zh": "这一条的网页", "en": "Page of the record"},
    "name_zh": {"zh": "中文名", "en": "Name in Chinese"},
    "name_en": {"zh": "英文名，没有则空", "en": "Name in English; empty when none is known"},
    "category": {"zh": "类别", "en": "What it is"},
    "clusters": {"zh": "集聚区，可以有几个或没有", "en": "Clusters; several, or none"},
    "status": {
        "zh": "listed 企业已认领；unclaimed 在册，未认领；planned 只在规划中",
        "en": "listed: claimed by its owner; unclaimed: not claimed; planned: a plan only",
    },
    "prefecture": {"zh": "市（州）", "en": "Prefecture-level division, in Chinese"},
    "county": {"zh": "县（市、区）", "en": "County-level division, in Chinese"},
    "adcode": {"zh": "县级行政区划代码（GB/T 2260）", "en": "GB/T 2260 code of the county"},
    "administering_body": {
        "zh": "实际管理的机构，和县不同时才有",
        "en": "Who runs the area, where that is not the county",
    },
    "sites": {
        "zh": "场所：乡镇、坐标、坐标系、误差（公里）、坡向、最近车站。坐标不能用来导航",
        "en": "Places: town, point, datum, error in km, slope, nearest station. Not for navigation",
    },
    "grades": {
        "zh": "等级和它的日期；等级会被取消",
        "en": "Grades, each with the date it is known for; grades get revoked",
    },
    "note_zh": {"zh": "说明", "en": "What is known of it, in Chinese"},
    "note_en": {"zh": "英文说明", "en": "The same in English"},
    "source": {"zh": "资料来源", "en": "Where the facts come from"},
    "source_date": {
        "zh": "最新资料的日期，按原样精确到日、月或年",
        "en": "Date of the newest dated source, as precise as it is given",
    },
    "certainty": {"zh": "可靠程度", "en": "sourced or approximate"},
    "checked_on": {
        "zh": "名录办核实的日期；没有核实过则空",
        "en": "When the directory office confirmed it; empty when it never did",
    },
    "freshness": {
        "zh": "资料新旧，从核实或资料日期中较近的一个算起",
        "en": "Age band, from the check or the source, the newer one",
    },
    "completeness": {
        "zh": "完整度 0–100：这一类应有的项目里已有的百分比",
        "en": "0-100: share of the fields an entry of its kind should have",
    },
    "missing": {"zh": "缺的项目", "en": "The fields that it lacks"},
    "licence": {"zh": "这一条的许可", "en": "Licence of the record"},
    "attribution": {"zh": "还要署名的", "en": "Whom to name besides"},
    "updated_at": {"zh": "记录最后改动的时间（UTC）", "en": "When the record last changed (UTC)"},
}
"""What each field of a record means."""


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file ready to be given away: the same bytes as long as the directory says the same."""

    body: bytes
    content_type: str
    tag: str
    """Changes with any byte."""


def as_dict(one: Record, url: str) -> dict[str, Any]:
    """Return an entry as its record; nothing personal, no licence numbers."""
    geonames = any("GeoNames" in site.coord_basis for site in one.sites)
    return {
        "code": one.code,
        "url": url,
        "name_zh": one.name_zh,
        "name_en": one.name_en,
        "category": one.category.value,
        "clusters": [cluster.value for cluster in one.clusters],
        "status": status_of(one),
        "prefecture": one.prefecture,
        "county": one.county,
        "adcode": one.adcode,
        "administering_body": one.administering_body,
        "sites": [_site(site) for site in one.sites],
        "grades": [
            {"scheme": grade.scheme.value, "value": grade.value, "as_of": grade.as_of}
            for grade in one.grades
        ],
        "note_zh": one.note_zh,
        "note_en": one.note_en,
        "source": one.source,
        "source_date": one.source_date,
        "certainty": one.certainty.value,
        "checked_on": shanghai_date(one.checked_at).isoformat() if one.checked_at else None,
        "freshness": one.fresh.value,
        "completeness": one.complete.percent,
        "missing": [field.value for field in one.complete.missing],
        "licence": LICENCE,
        "attribution": GEONAMES if geonames else "",
        "updated_at": one.updated_at.isoformat(timespec="seconds"),
    }


def status_of(one: Record) -> str:
    """Return where an open entry stands: planned, unclaimed, or listed with its owner behind it."""
    if one.planned:
        return "planned"
    return "listed" if one.claimed else "unclaimed"


def _site(site: SiteRecord) -> dict[str, Any]:
    return {name: getattr(site, name) for name in SITE_FIELDS}


def as_json(found: Directory, url_of: Callable[[str], str]) -> OpenFile:
    """Return the directory as JSON: a header, then the records by code."""
    listed = [as_dict(one, url_of(one.code)) for one in found.entries]
    header = {
        **HEADER,
        "version": hashlib.sha256(orjson.dumps(listed)).hexdigest()[:16],
        "changed_at": found.changed_at.isoformat(timespec="seconds"),
        "count": len(listed),
        "completeness": {"mean": found.mean_percent, "records": found.parts},
        "freshness": {band.value: count for band, count in found.ages.items()},
        "lacking": {
            field.value: {"lack": lack, "of": asked}
            for field, (lack, asked) in found.lacking.items()
        },
        "fields": FIELDS,
        "missing_names": {
            field.value: {"zh": zh, "en": en} for field, (zh, en) in FIELD_LABELS.items()
        },
        "freshness_names": {
            band.value: {"zh": zh, "en": en} for band, (zh, en) in FRESHNESS_LABELS.items()
        },
    }
    body = orjson.dumps({"header": header, "records": listed}, option=orjson.OPT_APPEND_NEWLINE)
    return _file(body, "application/json")


def as_csv(found: Directory, url_of: Callable[[str], str]) -> OpenFile:
    """Return the directory as CSV; a spreadsheet opens it without running anything in it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(csv_heads())
    for one in found.entries:
        writer.writerow([harmless(cell) for cell in _cells(as_dict(one, url_of(one.code)))])
    return _file(("\ufeff" + text.getvalue()).encode(), "text/csv; charset=utf-8")


def csv_heads() -> list[str]:
    """Return the columns of the CSV: the fields, the first place's in the place of ``sites``."""
    return list(_flat(dict.fromkeys(FIELDS), [None, None]))


def _flat(record: dict[str, Any], sites: list[Any]) -> dict[str, Any]:
    """Return a record with its first place spread over columns, and further ones as JSON."""
    flat: dict[str, Any] = {}
    for name, value in record.items():
        if name != "sites":
            flat[name] = value
            continue
        first = sites[0] if sites else None
        flat |= {own: first[own] if first else None for own in SITE_FIELDS}
        flat["other_sites"] = orjson.dumps(sites[1:]).decode() if len(sites) > 1 else ""
    return flat


def _cells(record: dict[str, Any]) -> Iterable[object]:
    for name, value in _flat(record, record["sites"]).items():
        if name == "grades":
            yield ";".join(f"{one['scheme']}={one['value']}@{one['as_of']}" for one in value)
        elif isinstance(value, list):
            yield ";".join(value)
        else:
            yield "" if value is None else value


def _file(body: bytes, content_type: str) -> OpenFile:
    return OpenFile(body, content_type, hashlib.sha256(body).hexdigest()[:32])
