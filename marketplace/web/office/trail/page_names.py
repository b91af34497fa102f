"""What pages are called that somebody took a file from, or was refused."""

from __future__ import annotations

from marketplace.web.i18n import translate
from marketplace.web.staff_frame import MENUS

FILES = {
    "office.export_directory": "名录文件",
    "office.export_trail": "操作记录文件",
    "office.figures_file": "概览里的一张表",
    "office.refused_lines": "导入时拒绝的行",
    "operator.export_bookings": "订单文件",
}
ENTRIES = {where: word for menu in MENUS.values() for _code, word, where in menu}
AREAS = {
    "account": "账号页面",
    "applicant": "申请人的页面",
    "office": "名录办的页面",
    "operator": "经营者的页面",
}


def page_name(endpoint: str) -> str:
    """Return what a page is called: by its own name, by its menu entry, or whose it is."""
    area = endpoint.partition(".")[0]
    word = FILES.get(endpoint) or ENTRIES.get(endpoint) or AREAS.get(area)
    return translate(word or "别的页面")
