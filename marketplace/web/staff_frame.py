"""The frame of every staff page: who is signed in and where they can go."""

from __future__ import annotations

from dataclasses import asdict

from flask import flash, url_for

from marketplace.booking.reads.office_workload import waits
from marketplace.kernel.errors import DomainError
from marketplace.staff.roles import Role
from marketplace.web.auth import staff
from marketplace.web.context import services, today
from marketplace.web.errors import fields_of, words_of
from marketplace.web.i18n import translate
from marketplace.web.rendering import labels, pages

MENUS = {
    Role.APPLICANT: (
        ("home", "我的申请", "applicant.home"),
        ("claim", "认领企业", "applicant.claim"),
    ),
    Role.OPERATOR: (
        ("today", "今天", "operator.today"),
        ("check_in", "办理入住", "operator.look_up"),
        ("bookings", "订单", "operator.bookings"),
        ("calendar", "房态和价格", "operator.calendar"),
        ("prices", "价目", "operator.prices"),
        ("blocks", "锁房", "operator.blocks"),
        ("listings", "我的产品", "operator.listings"),
        ("entry", "企业资料", "operator.entry"),
    ),
    Role.OFFICE: (
        ("dashboard", "概览", "office.dashboard"),
        ("enterprises", "企业名录", "office.enterprises"),
        ("cases", "审核", "office.cases"),
        ("licences", "证照", "office.licences"),
        ("imports", "导入导出", "office.imports"),
        ("rehousing", "安置客人", "office.rehousings"),
        ("tasks", "待办", "office.tasks"),
        ("accounts", "账号", "office.accounts"),
        ("trail", "操作记录", "office.trail"),
    ),
}
HOMES = {
    Role.APPLICANT: "applicant.home",
    Role.OPERATOR: "operator.today",
    Role.OFFICE: "office.enterprises",
}


def home_url() -> str:
    """Return where the signed-in member of staff begins."""
    return url_for(HOMES[staff().account.role])


def framed(page: pages.Page, *, nav: str = "", **inner: object) -> str:
    """Return a page in the frame of the signed-in member of staff.

    ``inner`` is another frame within that one, such as all steps of a form have.
    """
    return pages.html(page, **_frame(nav), **inner)


def _frame(nav: str) -> dict[str, object]:
    account = staff().account
    menu = [(code, translate(word), url_for(where)) for code, word, where in MENUS[account.role]]
    return {
        "nav": nav,
        "labels": labels,
        "role": account.role.value,
        "staff_name": account.login,
        "enterprise_name": account.enterprise_name,
        "is_sample": account.enterprise_is_sample,
        "menu": menu,
        "waits": _waits(account.role),
        "sign_out_url": url_for("account.sign_out"),
        "own_url": url_for("account.own"),
    }


def _waits(role: Role) -> dict[str, int]:
    """Return how much work waits behind each menu entry that says so."""
    if role is not Role.OFFICE:
        return {}
    with services().database.read() as session:
        return asdict(waits(session, today=today()))


def say(message: str, **params: object) -> None:
    """Show ``message`` (a message id) on the next page, as something done."""
    flash(translate(message, **params), "good")


def warn(message: str, **params: object) -> None:
    """Show ``message`` (a message id) on the next page, as something that was not done."""
    flash(translate(message, **params), "wait")


def errors_of(error: DomainError) -> dict[str, str]:
    """Return an error for the summary: by field where it names fields, else as one sentence."""
    return fields_of(error) or {"": words_of(error)}
