"""How a business comes into the directory, and the account to apply with: two short steps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from flask import redirect, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from marketplace.kernel.errors import Invalid
from marketplace.staff.models import User
from marketplace.staff.service import WrongSignIn, check_sign_in
from marketplace.staff.signup import faults_of
from marketplace.staff.signup import join as join_directory
from marketplace.web.auth import begin, next_step, unfinished
from marketplace.web.context import address, now, personal, services
from marketplace.web.forms import reader
from marketplace.web.forms.field_sizes import SIZES
from marketplace.web.protection import attempts, limits
from marketplace.web.rendering import pages
from marketplace.web.staff_frame import errors_of, home_url
from marketplace.web.traveller.base import blueprint

CODE = re.compile(r"JL[0-9]{3,6}")
CONSENT = "请先看上面的说明，同意后打勾"
FIRST_STEP = ("contact_name", "contact_phone", "consent")
"""What is asked first; account name and password come on the next page, which carries these on."""


@dataclass(frozen=True, slots=True)
class JoinHtml(pages.Page):
    """How a business comes into the directory; the first step."""

    template: ClassVar[str] = "traveller/directory/join.html"

    form: Mapping[str, str]
    errors: Mapping[str, str]
    claim: str
    """The entry that is to be claimed, or nothing."""
    sign_in_url: str


@dataclass(frozen=True, slots=True)
class JoinAccountHtml(JoinHtml):
    """The last step: account name and password."""

    template: ClassVar[str] = "traveller/directory/join_account.html"


def _code() -> str:
    """Return the number of the entry that is to be claimed, if the visitor came from one."""
    code = reader.either().sent("claim")
    return code if CODE.fullmatch(code) else ""


def _next() -> str:
    return url_for("applicant.claim", q=_code()) if _code() else url_for("applicant.home")


@blueprint.route("/join", methods=["GET", "POST"])
@personal
def join() -> str | Response | tuple[str, int]:
    """Explain what the directory is and who sees what; the POST of the last step makes an account.

    The POST of the first step leads to the second and keeps nothing.
    """
    if current_user.is_authenticated:
        applicant = current_user.account.role.value == "applicant"
        return redirect(_next() if applicant else home_url(), 303)
    posted = reader.posted()
    form = posted.texts(("login", "contact_name", "contact_phone"))
    if request.method == "GET":
        return _page(form, {})
    if "login" not in posted:
        wrong = {name: said for name, said in _faults(form, "").items() if name in FIRST_STEP}
        if wrong:
            return _page(form, errors_of(Invalid(wrong))), Invalid.http_status
        return _page(form, {}, last=True)
    try:
        found = begin(_joined(form, posted.secret("new_password", SIZES.password)))
    except Invalid as error:
        errors = errors_of(error)
        return _page(form, errors, last=errors.keys().isdisjoint(FIRST_STEP)), error.http_status
    if unfinished() is not None:  # the account was there before, and asks for more
        return redirect(next_step(found, _next()), 303)
    return redirect(_next(), 303)


def _page(form: dict[str, str], errors: dict[str, str], *, last: bool = False) -> str:
    shown = JoinAccountHtml if last else JoinHtml
    return pages.html(
        shown(
            form=form,
            errors=errors,
            claim=_code(),
            sign_in_url=url_for("account.sign_in", next=_next()),
        )
    )


def _joined(form: dict[str, str], password: str) -> int:
    """Return the id of the new account; the same form sent twice leads to the same account."""
    limits.spend(limits.SIGN_IN, "join", "address", address())
    if not reader.posted().ticked("consent"):
        # With all else that is to be corrected: nobody should find a second page of faults.
        raise Invalid(_faults(form, password))
    with services().database.write() as session:
        try:
            user = join_directory(session, **form, password=password, now=now())
        except Invalid as fault:
            user = _same_again(session, form["login"], password, fault)
        return user.id


def _faults(form: dict[str, str], password: str) -> dict[str, str]:
    """Return what is wrong with the answers of both steps, by field."""
    faults = faults_of(password=password, **form)
    return faults if reader.posted().ticked("consent") else faults | {"consent": CONSENT}


def _same_again(session: Session, login: str, password: str, fault: Invalid) -> User:
    """Return the account that the same form made a moment ago; raises ``fault`` for any other."""
    if "login" not in fault.fields:
        raise fault
    tries = attempts.at_login(login)
    tries.spend()
    try:
        user = check_sign_in(session, login=login, password=password, demo=False)
    except WrongSignIn:
        raise fault from None
    tries.forget()
    return user
