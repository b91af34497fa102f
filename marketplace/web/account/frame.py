"""The frame of every staff page: who is signed in and where they can go."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, url_for

from marketplace.accounts.roles import Role
from marketplace.kernel.errors import DomainError
from marketplace.web import labels
from marketplace.web.auth import staff
from marketplace.web.errors import fields_of, words_of
from marketplace.web.i18n import translate

MENUS = {
    Role.OPERATOR: (
        ("today", "今天", "operator.today"),
        ("check_in", "办理入住", "operator.look_up"),
        ("bookings", "订单", "operator.bookings"),
        ("calendar", "房态和价格", "operator.calendar"),
        ("blocks", "锁房", "operator.blocks"),
    ),
    Role.OFFICE: (
        ("enterprises", "企业名录", "office.enterprises"),
        ("tasks", "待办", "office.tasks"),
        ("trail", "操作记录", "office.trail"),
    ),
}
HOMES = {Role.OPERATOR: "operator.today", Role.OFFICE: "office.enterprises"}


def home_url() -> str:
    """Return where the signed-in member of staff begins."""
    return url_for(HOMES[staff().account.role])


def staff_page(template: str, *, nav: str = "", **context: Any) -> str:
    """Render a page in the frame of the signed-in member of staff."""
    account = staff().account
    menu = [(code, translate(word), url_for(where)) for code, word, where in MENUS[account.role]]
    return render_template(
        template,
        nav=nav,
        labels=labels,
        role=account.role.value,
        staff_name=account.login,
        enterprise_name=account.enterprise_name,
        is_sample=account.enterprise_is_sample,
        menu=menu,
        sign_out_url=url_for("account.sign_out"),
        password_url=url_for("account.password"),
        **context,
    )


def say(message: str, **params: object) -> None:
    """Show ``message`` (a message id) on the next page, as something done."""
    flash(translate(message, **params), "good")


def warn(message: str, **params: object) -> None:
    """Show ``message`` (a message id) on the next page, as something that was not done."""
    flash(translate(message, **params), "wait")


def errors_of(error: DomainError) -> dict[str, str]:
    """Return an error for the summary: by field where it names fields, else as one sentence."""
    return fields_of(error) or {"": words_of(error)}
