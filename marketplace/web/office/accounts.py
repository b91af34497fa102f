"""Accounts of staff: who has one, and what the office does for people who cannot get in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace.kernel.errors import DomainError, Invalid, NotFound
from marketplace.kernel.pagination import Page
from marketplace.staff import account_admin, account_list
from marketplace.staff.demo_accounts import enterprise_by_code
from marketplace.staff.passwords import new_password
from marketplace.staff.roles import Permission, Role
from marketplace.staff.service import NewUser, add_user
from marketplace.web.auth import needs, staff
from marketplace.web.context import now, personal, services
from marketplace.web.errors import words_of
from marketplace.web.forms import reader
from marketplace.web.forms.field_sizes import SIZES
from marketplace.web.forms.links import link_to
from marketplace.web.office.base import blueprint
from marketplace.web.rendering import pages
from marketplace.web.staff_frame import errors_of, framed, say, warn

ACCOUNT = "<int(max=999999999999999):user_id>"
ACTS = "<any(disable, enable, password, second_step, sessions):act>"
ONLY_BY_COMMAND = (
    "名录办同事的密码和两步登录，只能由管理服务器的人用命令重设，免得一个人用两个人的名义办事"
)


class OfficeByCommand(DomainError):
    """One person of the office must not get hold of a second account of the office."""

    code = "office_by_command"
    http_status = 409
    message = ONLY_BY_COMMAND


@dataclass(frozen=True, slots=True)
class AccountsHtml(pages.Page):
    """The accounts of staff."""

    template: ClassVar[str] = "office/accounts.html"

    page: Page[account_list.AccountRow]
    words: str
    page_url: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class NewAccountHtml(pages.Page):
    """The form for a new account."""

    template: ClassVar[str] = "office/account_new.html"

    form: Mapping[str, str]
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AccountPasswordHtml(pages.Page):
    """A password, shown this once."""

    template: ClassVar[str] = "office/account_password.html"

    login: str
    password: str


@dataclass(frozen=True, slots=True)
class AccountHtml(pages.Page):
    """One account: where it is signed in, and what can be done for it."""

    template: ClassVar[str] = "office/account.html"

    account: account_list.AccountTold
    own: bool
    """It is that of whoever looks."""


@dataclass(frozen=True, slots=True)
class ChangeHtml(AccountHtml):
    """What would be done to an account."""

    template: ClassVar[str] = "office/account_change.html"

    act: str


@blueprint.get("/accounts")
@needs(Permission.MANAGE_ACCOUNTS)
@personal
def accounts() -> str:
    """List the accounts of staff, found by login or by enterprise."""
    words = reader.asked().text("q", SIZES.words)
    with services().database.read() as session:
        number = reader.asked().page()
        page = account_list.accounts_page(session, words=words, page=number)
    given = {"q": words} if words else {}
    return framed(
        AccountsHtml(
            page=page,
            words=words,
            page_url=lambda number: link_to("office.accounts", given, page=number),
        ),
        nav="accounts",
    )


@blueprint.route("/accounts/new", methods=["GET", "POST"])
@needs(Permission.MANAGE_ACCOUNTS)
@personal
def new_account() -> str | Response | tuple[str, int]:
    """Make an account for somebody of an enterprise; its password is shown once."""
    form = reader.posted().texts(("login", "enterprise"), SIZES.login)
    if request.method == "GET":
        form["enterprise"] = reader.asked().line("enterprise")
        return _new_page(form, {})
    password = new_password()
    try:
        with services().database.write() as session:
            user = add_user(
                session,
                NewUser(
                    login=form["login"],
                    password=password,
                    role=Role.OPERATOR,
                    enterprise_id=enterprise_by_code(session, form["enterprise"]),
                ),
                now=now(),
                actor=staff().actor,
            )
            user.must_change = True
            login = user.login
    except Invalid as error:
        return _new_page(form, errors_of(error)), error.http_status
    return _password_page(login, password)


def _new_page(form: dict[str, str], errors: dict[str, str]) -> str:
    return framed(NewAccountHtml(form=form, errors=errors), nav="accounts")


def _password_page(login: str, password: str) -> str:
    return framed(AccountPasswordHtml(login=login, password=password), nav="accounts")


@blueprint.get(f"/accounts/{ACCOUNT}")
@needs(Permission.MANAGE_ACCOUNTS)
@personal
def account(user_id: int) -> str:
    """Show one account: where it is signed in, and what can be done for it."""
    return framed(_told(user_id), nav="accounts")


@blueprint.route(f"/accounts/{ACCOUNT}/{ACTS}", methods=["GET", "POST"])
@needs(Permission.MANAGE_ACCOUNTS)
@personal
def change_account(user_id: int, act: str) -> str | Response:
    """Say what would be done to an account; a POST does it."""
    told = _told(user_id)
    try:
        _refuse(told.account, act)
        if request.method == "GET":
            return framed(ChangeHtml(told.account, told.own, act), nav="accounts")
        if act == "password":
            with services().database.write() as session:
                made = account_admin.reset_password(
                    session, user_id=user_id, actor=staff().actor, now=now()
                )
            return _password_page(told.account.login, made)
        _do(user_id, act)
    except (account_admin.OwnAccount, OfficeByCommand) as error:
        warn(words_of(error))
    else:
        say("办好了，已记入操作记录")
    code = 303 if request.method == "POST" else 302
    return redirect(url_for("office.account", user_id=user_id), code)


def _told(user_id: int) -> AccountHtml:
    with services().database.read() as session:
        found = account_list.account_told(session, user_id=user_id, now=now())
    if found is None:
        raise NotFound
    return AccountHtml(found, own=user_id == staff().account.id)


def _refuse(found: account_list.AccountTold, act: str) -> None:
    if found.id == staff().account.id and act != "sessions":
        raise account_admin.OwnAccount
    if found.role is Role.OFFICE and act in ("password", "second_step"):
        raise OfficeByCommand


def _do(user_id: int, act: str) -> None:
    done: dict[str, Callable[..., object]] = {
        "disable": account_admin.disable,
        "enable": account_admin.enable,
        "second_step": account_admin.reset_second_factor,
        "sessions": account_admin.end_sessions,
    }
    with services().database.write() as session:
        done[act](session, user_id=user_id, actor=staff().actor, now=now())
