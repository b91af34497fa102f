"""What is wrong with the document of an entry, step by step: missing apart from unusable. Pure.

A draft may lack anything; what cannot be used is refused at once, when its step is saved.
"""

from __future__ import annotations

import datetime as dt
import enum
import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.geography.rules import (
    EAST,
    NEAR_KM,
    NORTH,
    SOUTH,
    WEST,
    StationPoint,
    distance_km,
    in_jilin,
    slope_fault,
)
from catalog.office.cases.case_facts import LONGEST_SOURCE, Facts
from catalog.office.entries import credit_code
from catalog.office.licences.required_licences import licences_of
from catalog.vocabulary import Category, Datum, GradeScheme, Slope
from marketplace.kernel import phones
from marketplace.kernel.messages import Message
from marketplace.kernel.phones import PhoneFault
from marketplace.kernel.text import UNKEEPABLE, too_long, unkeepable
from marketplace.kernel.typed import clock

MOST_SITES = 20
MOST_PHOTOS = 12
WIDEST_ERROR_KM = 100.0
FIRST_YEAR = 1949
"""Nothing in the directory is older."""
DAY = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?")
LONGEST_NOTE = 2000
_PROVINCE = {
    "south": math.floor(SOUTH),
    "north": math.floor(NORTH),
    "west": math.floor(WEST),
    "east": math.floor(EAST),
}
SWAPPED = Message(
    "纬度和经度写反了：吉林的纬度是 %(south)s 到 %(north)s，经度是 %(west)s 到 %(east)s",
    **_PROVINCE,
)
OUTSIDE = Message(
    "这个坐标不在吉林省内：吉林的纬度是 %(south)s 到 %(north)s，经度是 %(west)s 到 %(east)s",
    **_PROVINCE,
)
TOO_FAR = Message(
    "这个车站离场所的直线距离超过 %(most)s 公里，不是到这里下车的车站。"
    "请改选，或留空由系统按位置算",
    most=round(NEAR_KM),
)


class Step(enum.StrEnum):
    """The steps of the form, in their order."""

    BUSINESS = "business"
    PLACE = "place"
    LICENCES = "licences"
    ABOUT = "about"
    PHOTOS = "photos"
    PROOF = "proof"


@dataclass
class Faults:
    """Message ids by the name of the field in the form."""

    missing: dict[str, str] = field(default_factory=dict)
    """What has to be there before the case is submitted."""
    wrong: dict[str, str] = field(default_factory=dict)
    """What cannot be used as it stands."""

    @property
    def all(self) -> dict[str, str]:
        """Both, for a case that is to be submitted."""
        return {**self.missing, **self.wrong}

    def text(self, name: str, value: str, most: int, missing: str = "") -> None:
        """Look at a text of at most ``most`` characters; ``missing`` is said when it is empty."""
        if not value and missing:
            self.missing[name] = missing
        elif unkeepable(value):
            self.wrong[name] = UNKEEPABLE
        elif len(value) > most:
            self.wrong[name] = too_long(most)

    def member(self, name: str, value: str, of: type[enum.StrEnum], missing: str = "") -> None:
        """Look at the value of a closed list."""
        if not value:
            if missing:
                self.missing[name] = missing
        elif value not in {member.value for member in of}:
            self.wrong[name] = "请从列出的里面选"


@dataclass(frozen=True, slots=True)
class Known:
    """What the document is checked against."""

    counties: Collection[str] = ()
    """GB/T 2260 codes of the province's counties."""
    stations: Mapping[str, StationPoint] = field(default_factory=dict)
    """By code."""
    occupied: Collection[int] = ()
    """Sites of the entry that a listing stands on: they cannot be taken away."""
    sites: Collection[int] = ()
    """Sites of the entry."""


def business(document: Facts, contact: Mapping[str, str] | None, *, contact_needed: bool) -> Faults:
    """Look at who the business is, and whom the office may ask."""
    faults = Faults()
    faults.text("legal_name", document.get("legal_name", ""), 120, "请填写营业执照上的名称")
    code = document.get("credit_code", "")
    said = credit_code.fault(code)
    if said is not None:
        (faults.wrong if code else faults.missing)["credit_code"] = said
    faults.text("name_zh", document.get("name_zh", ""), 120, "请填写在名录里用的中文名称")
    faults.text("name_en", document.get("name_en", ""), 160)
    faults.member("category", document.get("category", ""), Category, "请选企业类别")
    person = contact or {}
    asked = contact_needed or bool(person.get("name") or person.get("phone"))
    faults.text("contact_name", person.get("name", ""), 40, "请填写联系人" if asked else "")
    phone = person.get("phone", "")
    if not phone and asked:
        faults.missing["contact_phone"] = "请填写联系电话"
    elif phone:
        try:
            phones.read(phone)
        except PhoneFault as fault:
            faults.wrong["contact_phone"] = fault.message
    return faults


def place(document: Facts, known: Known) -> Faults:
    """Look at the county and at each site."""
    faults = Faults()
    adcode = document.get("adcode", "")
    if not adcode:
        faults.missing["adcode"] = "请选所在的县（市、区）"
    elif adcode not in known.counties:
        faults.wrong["adcode"] = "请从列出的里面选"
    sites = document.get("sites", [])
    if not sites:
        faults.missing["sites"] = "请至少填写一个场所"
    if len(sites) > MOST_SITES:
        faults.wrong["sites"] = Message("场所太多，最多 %(most)s 个", most=MOST_SITES)
    for number, site in enumerate(sites[:MOST_SITES]):
        _site(faults, f"site_{number}_", site, known)
    kept = {site.get("id") for site in sites}
    if kept - {None} - set(known.sites):
        faults.wrong["sites"] = "有一个场所不是这家企业的，请刷新后再试"
    if set(known.occupied) - kept:
        faults.wrong["sites"] = "有产品的场所不能去掉，请先把它的产品归档或改到别的场所"
    return faults


def _site(faults: Faults, at: str, site: Mapping[str, Any], known: Known) -> None:
    faults.text(f"{at}name", site.get("name", ""), 120, "请填写场所名称")
    faults.text(f"{at}address", site.get("address", ""), 200, "请填写场所的地址")
    faults.text(f"{at}town_zh", site.get("town_zh", ""), 40, "请填写场所所在的镇")
    faults.text(f"{at}town_en", site.get("town_en", ""), 60)
    faults.text(f"{at}way_zh", site.get("way_zh", ""), 200)
    _arriving(faults, at, site)
    slope = site.get("slope", "")
    faults.member(f"{at}slope", slope, Slope)
    point = _point(faults, at, site)
    code = site.get("station", "")
    if not code or f"{at}slope" in faults.wrong:
        return
    station = known.stations.get(code)
    if station is None:
        faults.wrong[f"{at}station"] = "请从列出的里面选"
        return
    said = slope_fault(Slope(slope) if slope else None, station.slope)
    if said is None and point and distance_km(*point, station.lat, station.lon) > NEAR_KM:
        said = TOO_FAR
    if said is not None:
        faults.wrong[f"{at}station"] = said


def _arriving(faults: Faults, at: str, site: Mapping[str, Any]) -> None:
    """Look at the house's telephone and at the time from which guests come; neither is needed."""
    phone, time = site.get("phone", ""), site.get("arrive_from", "")
    if phone:
        try:
            phones.read(phone)
        except PhoneFault as fault:
            faults.wrong[f"{at}phone"] = fault.message
    if time and clock(time) != time:
        faults.wrong[f"{at}arrive_from"] = "请写成 14:00 这样的时间"


def _point(faults: Faults, at: str, site: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return the point of a site whose coordinates are given and can be used."""
    lat, lon, error = site.get("lat"), site.get("lon"), site.get("error_km")
    if lat is None and lon is None:
        return None
    if lat is None or lon is None:
        faults.wrong[f"{at}lat" if lat is None else f"{at}lon"] = "纬度和经度要么都填，要么都留空"
        return None
    if not isinstance(lat, float) or not isinstance(lon, float):
        name = "lon" if isinstance(lat, float) else "lat"
        faults.wrong[f"{at}{name}"] = "请写成小数的度数，例如纬度 42.4246、经度 128.1105"
        return None
    if not in_jilin(lat, lon):
        swapped = in_jilin(lon, lat)
        faults.wrong[f"{at}lat"] = SWAPPED if swapped else OUTSIDE
        return None
    faults.member(f"{at}datum", site.get("datum", ""), Datum)
    if not isinstance(error, float) or not 0 <= error <= WIDEST_ERROR_KM:
        said = "误差请写公里数，0 到 %(most)s"
        faults.wrong[f"{at}error_km"] = Message(said, most=round(WIDEST_ERROR_KM))
    return lat, lon


def licences(document: Facts, base: Facts, today: dt.date) -> Faults:
    """Look at the licences: each whole, none expired, none missing that the category asks for."""
    faults = Faults()
    given = {row["kind"]: row for row in document.get("licences", [])}
    before = {row["kind"]: row for row in base.get("licences", [])}
    for kind, row in given.items():
        one = licence(row, today, known=before.get(kind) == row)
        faults.missing |= {f"licence_{kind}": said for said in one.missing.values()}
        faults.wrong |= {f"licence_{kind}": said for said in one.wrong.values()}
    category = document.get("category", "")
    known_one = category in {member.value for member in Category}
    for needed in licences_of(Category(category) if known_one else None):
        if needed.value not in given:
            faults.missing[f"licence_{needed.value}"] = "还缺这一项证照"
    for kind in before.keys() - given.keys():
        faults.wrong[f"licence_{kind}"] = "已经登记的证照不能去掉，只能换成新证"
    return faults


def licence(row: Mapping[str, Any], today: dt.date, *, known: bool = False) -> Faults:
    """Look at one licence; ``known`` says that the office has it on record just so."""
    faults = Faults()
    faults.text("number", row.get("number", ""), 60, "请填写证照上的编号")
    faults.text("issued_by", row.get("issued_by", ""), 120, "" if known else "请填写发证机关")
    ends = row.get("expires_on", "")
    if ends:
        try:
            if dt.date.fromisoformat(ends) < today:
                faults.wrong["expires_on"] = "这张证照已经到期，请先换发，再填新证的有效期"
        except ValueError:
            faults.wrong["expires_on"] = "有效期请写成年-月-日，例如 2028-06-30"
    if row.get("document_id") is None and not known:
        faults.missing["file"] = "请上传证照的扫描件或照片"
    return faults


def about(document: Facts, base: Facts, today: dt.date, *, waters: Collection[str]) -> Faults:
    """Look at grades, the description, and the report of the water that it speaks of."""
    faults = Faults()
    sources = document.get("sources", {})
    before = {row["scheme"]: row for row in base.get("grades", [])}
    for row in document.get("grades", []):
        source = sources.get(f"grade:{row['scheme']}", {})
        one = grade(row, source, today, known=before.get(row["scheme"]) == row)
        faults.missing |= {f"grade_{row['scheme']}": said for said in one.missing.values()}
        faults.wrong |= {f"grade_{row['scheme']}": said for said in one.wrong.values()}
    faults.text("note_zh", document.get("note_zh", ""), LONGEST_NOTE, "请写一段中文介绍")
    faults.text("note_en", document.get("note_en", ""), LONGEST_NOTE)
    told = sources.get("note_zh", {})
    faults.text("note_source", told.get("source", ""), LONGEST_SOURCE, "请写明介绍里的内容从哪里来")
    source_date(faults, "note_date", told.get("date", ""), today)
    spring = sources.get("spring")
    if spring:
        one = report(spring, today)
        faults.missing |= {f"spring_{name}": said for name, said in one.missing.items()}
        faults.wrong |= {f"spring_{name}": said for name, said in one.wrong.items()}
    elif waters:
        faults.missing["spring_file"] = "介绍里写到水质，要上传有日期的水质检测报告"
    return faults


def report(given: Mapping[str, Any], today: dt.date) -> Faults:
    """Look at a test report of the water."""
    faults = Faults()
    faults.text("source", given.get("source", ""), LONGEST_SOURCE, "请写明检测单位和报告编号")
    date = given.get("date", "")
    source_date(faults, "date", date, today)
    if not date:
        faults.missing["date"] = "请填写检测报告的日期"
    if given.get("document_id") is None:
        faults.missing["file"] = "请上传检测报告"
    return faults


def grade(
    row: Mapping[str, Any], source: Mapping[str, Any], today: dt.date, *, known: bool = False
) -> Faults:
    """Look at one grade with its evidence; ``known`` says that the office has it just so."""
    faults = Faults()
    faults.member("scheme", row.get("scheme", ""), GradeScheme, "请选等级的种类")
    faults.text("value", row.get("value", ""), 20, "请填写等级，例如 4A")
    as_of = row.get("as_of", "")
    source_date(faults, "as_of", as_of, today)
    if not known:
        if not as_of:
            faults.missing["as_of"] = "请填写这个等级是哪一天或哪一年的"
        faults.text(
            "source", source.get("source", ""), LONGEST_SOURCE, "请写明由谁公布，例如省文旅厅公告"
        )
        if source.get("document_id") is None:
            faults.missing["file"] = "请上传证书或公告"
    return faults


def source_date(faults: Faults, name: str, value: str, today: dt.date) -> None:
    """Look at a date that may be as short as its year."""
    if not value:
        return
    found = DAY.fullmatch(value)
    year, month, day = (int(part or 1) for part in found.groups()) if found else (0, 0, 0)
    try:
        future = dt.date(year, month, day) > today
    except ValueError:
        faults.wrong[name] = "日期请写成 2026-05-01，或者只写年份"
        return
    if future or year < FIRST_YEAR:
        said = "这个日期不对：不能晚于今天，也不会早于 %(first)s 年"
        faults.wrong[name] = Message(said, first=FIRST_YEAR)


def photos(document: Facts) -> Faults:
    """Look at the photographs: one at least, each described."""
    faults = Faults()
    given = document.get("photos", [])
    if not given:
        faults.missing["photos"] = "请至少上传一张照片"
    if len(given) > MOST_PHOTOS:
        faults.wrong["photos"] = Message("照片太多，最多 %(most)s 张", most=MOST_PHOTOS)
    if any(not row.get("alt_zh") for row in given):
        faults.missing["photos"] = "请写明每张照片上是什么"
    return faults


def proof(document: Facts) -> Faults:
    """Look at what shows that a claim comes from the owner."""
    faults = Faults()
    given = document.get("proof", {})
    missing = "请说明您和这家企业的关系"
    faults.text("explanation", given.get("explanation", ""), LONGEST_NOTE, missing)
    if given.get("document_id") is None:
        faults.missing["file"] = "请上传能证明的文件，例如营业执照或授权书"
    return faults
