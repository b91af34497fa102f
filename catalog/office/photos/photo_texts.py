"""What a photograph's description may be, for whoever cannot see it. Pure."""

from __future__ import annotations

import re

from marketplace.kernel.messages import Message
from marketplace.kernel.text import UNKEEPABLE, unkeepable

SHORTEST_ALT, LONGEST_ALT, LONGEST_ALT_EN = 4, 120, 160
FILE_NAME = re.compile(
    r"(.*\.(jpe?g|png|webp|avif|heic|gif|bmp|tiff?))|"
    r"((img|dsc|dscn|dscf|pxl|mmexport|image|photo|wx_camera|screenshot)[\s_-]*\d[\d_-]*)",
    re.IGNORECASE,
)

ALT_LENGTH = Message(
    "请用 %(least)s 到 %(most)s 个字写明照片上是什么，给看不见的人听",
    least=SHORTEST_ALT,
    most=LONGEST_ALT,
)
ALT_EN_LENGTH = Message(
    "英文说明请写 %(least)s 到 %(most)s 个字符，或者空着", least=SHORTEST_ALT, most=LONGEST_ALT_EN
)
ALT_IS_NAME = "请写照片上是什么，不要写文件名"


def alt_faults(alt_zh: str, alt_en: str) -> dict[str, str]:
    """Return what is wrong with a photograph's description, by field."""
    zh, en = alt_zh.strip(), alt_en.strip()
    faults: dict[str, str] = {}
    if not SHORTEST_ALT <= len(zh) <= LONGEST_ALT:
        faults["alt_zh"] = ALT_LENGTH
    elif FILE_NAME.fullmatch(zh):
        faults["alt_zh"] = ALT_IS_NAME
    elif unkeepable(zh):
        faults["alt_zh"] = UNKEEPABLE
    if en and not SHORTEST_ALT <= len(en) <= LONGEST_ALT_EN:
        faults["alt_en"] = ALT_EN_LENGTH
    elif FILE_NAME.fullmatch(en):
        faults["alt_en"] = ALT_IS_NAME
    elif unkeepable(en):
        faults["alt_en"] = UNKEEPABLE
    return faults
