"""The province-level divisions of China: where travellers come from. Pure.

Chinese names are what is kept with a booking; the English ones stand beside them.
"""

from __future__ import annotations

import re

PROVINCES: dict[str, str] = {
    "北京市": "Beijing",
    "天津市": "Tianjin",
    "河北省": "Hebei",
    "山西省": "Shanxi",
    "内蒙古自治区": "Inner Mongolia",
    "辽宁省": "Liaoning",
    "吉林省": "Jilin",
    "黑龙江省": "Heilongjiang",
    "上海市": "Shanghai",
    "江苏省": "Jiangsu",
    "浙江省": "Zhejiang",
    "安徽省": "Anhui",
    "福建省": "Fujian",
    "江西省": "Jiangxi",
    "山东省": "Shandong",
    "河南省": "Henan",
    "湖北省": "Hubei",
    "湖南省": "Hunan",
    "广东省": "Guangdong",
    "广西壮族自治区": "Guangxi",
    "海南省": "Hainan",
    "重庆市": "Chongqing",
    "四川省": "Sichuan",
    "贵州省": "Guizhou",
    "云南省": "Yunnan",
    "西藏自治区": "Tibet",
    "陕西省": "Shaanxi",
    "甘肃省": "Gansu",
    "青海省": "Qinghai",
    "宁夏回族自治区": "Ningxia",
    "新疆维吾尔自治区": "Xinjiang",
    "台湾省": "Taiwan",
    "香港特别行政区": "Hong Kong",
    "澳门特别行政区": "Macao",
}
"""Chinese name to English name, in the order of the codes of GB/T 2260."""

_CODES = (
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41",
    "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71",
    "81", "82",
)  # fmt: skip
_BY_CODE = dict(zip(_CODES, PROVINCES, strict=True))
_ADCODE = re.compile(r"\d{6}", re.ASCII)


def of_adcode(code: str) -> str:
    """Return the province of a division by its code of six digits; nothing where there is none."""
    return _BY_CODE.get(code[:2], "") if _ADCODE.fullmatch(code) else ""


def known(name: str) -> str:
    """Return ``name`` when it is the full Chinese name of a province, else nothing."""
    return name if name in PROVINCES else ""


def province_name(name: str, lang: str) -> str:
    """Return the name of a province for a reader."""
    return PROVINCES.get(name, name) if lang.startswith("en") else name
