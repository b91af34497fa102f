"""The words of imports: states, kinds of lines, and the facts that a line sets."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

from catalog.bulk.flat_facts import KINDS
from catalog.bulk.states import KEPT, RunState, Verdict
from catalog.labels import label
from catalog.vocabulary import Cluster
from marketplace.web.context import lang
from marketplace.web.i18n import translate

STATES = {
    RunState.ASKING: "要问您怎么读",
    RunState.READING: "正在读取",
    RunState.PREVIEWED: "等您决定",
    RunState.REFUSED: "文件没有采用",
    RunState.APPLYING: "正在执行",
    RunState.APPLIED: "已执行",
    RunState.UNDOING: "正在撤销",
    RunState.UNDONE: "已撤销",
    RunState.DROPPED: "已放弃",
}
TONES = {
    RunState.ASKING: "wait",
    RunState.READING: "info",
    RunState.PREVIEWED: "wait",
    RunState.REFUSED: "bad",
    RunState.APPLYING: "info",
    RunState.APPLIED: "good",
    RunState.UNDOING: "info",
}
SHOWN = {
    Verdict.NEW.value: "新增",
    Verdict.CHANGED.value: "有改动",
    Verdict.UNCHANGED.value: "没有变化",
    Verdict.REFUSED.value: "没有采用",
    KEPT: "撤销时没有动",
}
ENCODINGS = {
    "xlsx": "XLSX 工作簿",
    "utf-8-sig": "CSV，UTF-8",
    "gb18030": "CSV，GB18030（已自动识别并转换）",
    "utf-16": "CSV，UTF-16",
    "utf-32": "CSV，UTF-32",
    "ambiguous": "CSV，UTF-8 或 GB18030",
}
FACTS: Mapping[str, str] = {
    "name_zh": "中文名称",
    "name_en": "英文名称",
    "category": "类别",
    "planned": "只在规划中",
    "prefecture": "市（州）",
    "county": "县（市、区）",
    "adcode": "行政区划代码",
    "administering_body": "管理机构",
    "note_zh": "中文说明",
    "note_en": "英文说明",
    "source": "资料来源",
    "source_date": "来源日期",
    "certainty": "可靠程度",
    "legal_name": "企业登记名称",
    "credit_code": "统一社会信用代码",
    "town_zh": "镇（中文）",
    "town_en": "镇（英文）",
    "lat": "纬度",
    "lon": "经度",
    "datum": "坐标系",
    "coord_basis": "坐标的依据",
    "coord_error_km": "坐标误差（公里）",
    "slope": "长白山的坡",
    "address": "地址",
    "station": "到达车站的编号",
    "clusters": "集聚区",
    "cluster": "集聚区",
    "grade": "A 级",
    "grade_as_of": "A 级的年份",
}


def state_tone(state: RunState) -> str:
    """Return the tone of a state's badge; the word beside the colour says it too."""
    return TONES.get(state, "")


def fact_label(name: str) -> str:
    """Return what a fact is called."""
    return translate(FACTS[name])


def fact_value(name: str, value: Any) -> str:
    """Return a fact's value as a reader understands it; a dash for nothing."""
    if name == "clusters":
        return translate("、").join(_member(Cluster, one) for one in value) or "–"
    if isinstance(value, bool):
        return translate("是") if value else translate("否")
    if value == "":
        return "–"
    return _member(KINDS[name], value) if name in KINDS else str(value)


def _member(kind: type[enum.StrEnum], value: str) -> str:
    return label(kind(value), lang())
