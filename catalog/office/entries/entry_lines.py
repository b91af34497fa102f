"""An entry's document as a reviewer reads it: one line a fact, in the order of the form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from catalog.labels import label
from catalog.office.cases.case_facts import FactLine, Facts
from catalog.vocabulary import Category, Cluster, Datum, GradeScheme, LicenceKind, Slope

BUSINESS = (
    ("legal_name", "营业执照上的名称"),
    ("credit_code", "统一社会信用代码"),
    ("name_zh", "中文名称"),
    ("name_en", "英文名称"),
)
NOTES = (("note_zh", "中文介绍"), ("note_en", "英文介绍"))
SITE, LICENCE, GRADE, PHOTO = "场所", "证照", "等级", "照片"
REPORT, PROOF = "水质检测报告", "与企业的关系"
LABELS = {
    **dict(BUSINESS),
    **dict(NOTES),
    "category": "类别",
    "clusters": "集聚区",
    "adcode": "所在县（市、区）",
    "sites": SITE,
    "spring": REPORT,
    "proof": PROOF,
}
"""What each fact is called, as message ids; ``grade:…`` and ``photo:…`` by their beginning."""
WITHOUT_END = ("长期", "without end")
KILOMETRES = ("公里", " km")


def label_of(fact: str) -> str:
    """Return what a fact is called, as a message id."""
    if fact.startswith("grade:"):
        return GRADE
    return PHOTO if fact.startswith("photo:") else LABELS.get(fact, fact)


def lines(document: Facts) -> list[FactLine]:
    """Return the facts in the order of the form, without those that are empty."""
    return [line for line in _all(document) if line.zh]


def _all(document: Facts) -> Iterator[FactLine]:
    sources: Mapping[str, Any] = document.get("sources", {})
    if proof := document.get("proof"):
        text = proof.get("explanation", "")
        yield FactLine("proof", PROOF, text, text, document_id=proof.get("document_id"))
    for name, called in BUSINESS:
        yield _plain(name, called, document.get(name, ""), sources)
    yield _listed("category", [document.get("category", "")], Category, sources)
    yield _listed("clusters", document.get("clusters", []), Cluster, sources)
    county = f"{document.get('prefecture', '')}{document.get('county', '')}"
    yield _plain("adcode", LABELS["adcode"], county, sources)
    yield from _things(document, sources)
    for name, called in NOTES:
        yield _plain(name, called, document.get(name, ""), sources)
    if report := sources.get("spring"):
        text = report.get("source", "") or report.get("date", "")
        yield _sourced("spring", REPORT, text, text, sources)
    for row in document.get("photos", []):
        english = row.get("alt_en") or row.get("alt_zh", "")
        yield FactLine(
            f"photo:{row['id']}", PHOTO, row.get("alt_zh", ""), english, photo_id=row["id"]
        )


def _things(document: Facts, sources: Mapping[str, Any]) -> Iterator[FactLine]:
    """The sites, licences and grades."""
    for number, site in enumerate(document.get("sites", []), 1):
        name = f"site:{site['id']}" if site.get("id") else f"site:new{number}"
        yield FactLine(name, SITE, _site(site, "zh"), _site(site, "en"))
    for row in document.get("licences", []):
        yield FactLine(
            f"licence:{row['kind']}",
            LICENCE,
            _licence(row, "zh"),
            _licence(row, "en"),
            document_id=row.get("document_id"),
        )
    for row in document.get("grades", []):
        fact = f"grade:{row['scheme']}"
        scheme = GradeScheme(row["scheme"])
        zh, en = (
            " ".join(part for part in (label(scheme, lang), row["value"], row["as_of"]) if part)
            for lang in ("zh", "en")
        )
        yield _sourced(fact, GRADE, zh, en, sources)


def _plain(name: str, called: str, text: str, sources: Mapping[str, Any]) -> FactLine:
    return _sourced(name, called, text, text, sources)


def _sourced(name: str, called: str, zh: str, en: str, sources: Mapping[str, Any]) -> FactLine:
    source = sources.get(name, {})
    return FactLine(
        name,
        called,
        zh,
        en,
        source=source.get("source", ""),
        source_date=source.get("date", ""),
        document_id=source.get("document_id"),
    )


def _listed(
    name: str, values: list[str], of: type[Category] | type[Cluster], sources: Mapping[str, Any]
) -> FactLine:
    members = [of(value) for value in values if value in {member.value for member in of}]
    zh = "、".join(label(member, "zh") for member in members)
    en = ", ".join(label(member, "en") for member in members)
    return _sourced(name, LABELS[name], zh, en, sources)


def _site(site: Mapping[str, Any], lang: str) -> str:
    town = site["town_en"] if lang == "en" and site["town_en"] else site["town_zh"]
    station = site.get("station_en") if lang == "en" else site.get("station_zh")
    parts = [site["name"], site["address"], town]
    # Documents from before these were asked for do not have them.
    parts += [site.get(name, "") for name in ("phone", "arrive_from", "way_zh")]
    if site["slope"]:
        parts.append(label(Slope(site["slope"]), lang))
    parts.append(station or "")
    if isinstance(site.get("lat"), float) and isinstance(site.get("lon"), float):
        datum = label(Datum(site.get("datum") or Datum.UNKNOWN), lang)
        error = f"{site.get('error_km') or 0:g}{KILOMETRES[lang == 'en']}"
        parts.append(f"{site['lat']}, {site['lon']} ±{error}, {datum}")
    return " · ".join(part for part in parts if part)


def _licence(row: Mapping[str, Any], lang: str) -> str:
    ends = row["expires_on"] or WITHOUT_END[lang == "en"]
    kind = label(LicenceKind(row["kind"]), lang)
    return " · ".join(part for part in (kind, row["number"], row["issued_by"], ends) if part)
