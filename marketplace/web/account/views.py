"""Signing in, signing out and changing the password."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlsplit

from flask import current_app, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from marketplace.kernel.errors import Invalid
from marketplace.staff import sign_in_service
from marketplace.staff.service import WrongSignIn, change_password, check_sign_in
from marketplace.staff.sessions import Opened
from marketplace.web.account.base import blueprint
from marketplace.web.auth import KEPT, begin, leave, look_again, next_step, staff, unfinished
from marketplace.web.context import now, personal, services
from marketplace.web.forms.field_sizes import SIZES
from marketplace.web.forms.reader import asked, posted
from marketplace.web.i18n import translate
from marketplace.web.protection import attempts, limits
from marketplace.web.rendering import pages
from marketplace.web.staff_frame import errors_of, framed, home_url, say

NOT_THE_SAME = "两次写的新密码不一样，请再写一次"


@dataclass(frozen=True, slots=True)
class SignInHtml(pages.Page):
    """The form for login and password."""

    template: ClassVar[str] = "account/sign_in.html"

    login: str
    errors: Mapping[str, str]
    next: str
    """The page that asked for it."""


@dataclass(frozen=True, slots=True)
class PasswordHtml(pages.Page):
    """The form for another password."""

    template: ClassVar[str] = "account/password.html"

    errors: Mapping[str, str]
    first: bool
    """Before anything else: the one there is was told by somebody."""
    next: str


@blueprint.route("/sign-in", methods=["GET", "POST"])
@personal
def sign_in() -> str | Response | tuple[str, int]:
    """Sign a member of staff in; which of login and password is wrong is not said."""
    if request.method == "GET" and current_user.is_authenticated:
        return redirect(home_url())
    login = posted().text("login", SIZES.login)
    if request.method == "GET":
        return _sign_in_page(login, {})
    try:
        found = signed_in(login, posted().secret("password", SIZES.password))
    except WrongSignIn as error:
        return _sign_in_page(login, {"login": translate(error.message)}), error.http_status
    return onward(found)


def _sign_in_page(login: str, errors: dict[str, str]) -> str:
    page = asked().sent("next") or posted().sent("next")
    return pages.html(SignInHtml(login, errors, page))


def signed_in(login: str, password: str) -> Opened:
    """Return the new session of whoever has this password, after counting the try.

    Raises:
        WrongSignIn: nobody has. TooManyTries: it was tried too often from here.
    """
    tries = attempts.at_login(login)
    tries.spend()
    own = services()
    try:
        with own.database.read() as reader:
            demo = not own.settings.production
            user = check_sign_in(reader, login=login, password=password, demo=demo)
    except WrongSignIn:
        with own.database.write() as writer:
            sign_in_service.fail(writer, login=login, now=now())
        raise
    tries.forget()
    return begin(user.id)


def onward(found: Opened) -> Response:
    """Lead on: to what the session still lacks, or to the page that asked for the sign-in."""
    if unfinished() is not None:
        return redirect(next_step(found, posted().sent("next")), 303)
    kept = url_for("account.kept") if KEPT in session else None
    answer = redirect(kept or _wanted() or home_url(), 303)
    attempts.remember_device(answer, found.account.login)
    return answer


def _wanted() -> str | None:
    """Return the page that asked for the sign-in, if it is one of ours that this role may see."""
    wanted = posted().sent("next")
    parts = urlsplit(wanted)
    ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    if not ours or parts.scheme or parts.netloc or not wanted.isprintable():
        return None
    path = parts.path.removeprefix("/en")
    try:
        endpoint, _ = current_app.url_map.bind("localhost").match(path, method="GET")
    except HTTPException:
        return None
    return wanted if endpoint.partition(".")[0] in {staff().account.role.value, "account"} else None


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End the session, whether there was one or not."""
    leave()
    return redirect(url_for("account.sign_in"), 303)


@blueprint.route("/password", methods=["GET", "POST"])
@personal
def password() -> str | Response | tuple[str, int]:
    """Change the own password; every other session of the account ends."""
    half = unfinished()
    if not current_user.is_authenticated and (half is None or not half.whole):
        answer: Response = current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
        return answer
    if request.method == "GET":
        return _password_page(half, {})
    try:
        _change_password(half or staff().opened)
    except Invalid as error:
        return _password_page(half, errors_of(error)), error.http_status
    say("密码改好了。在别的电脑和手机上要用新密码重新登录")
    if half is not None:
        return onward(look_again())
    return redirect(url_for("account.password"), 303)


def _password_page(half: Opened | None, errors: dict[str, str]) -> str:
    page = asked().sent("next") or posted().sent("next")
    shown = PasswordHtml(errors, first=half is not None, next=page)
    return pages.html(shown) if half is not None else framed(shown)


def _change_password(mine: Opened) -> None:
    limits.spend(limits.SIGN_IN, "password", str(mine.account.id))
    old, new, again = (
        posted().secret(name, SIZES.password) for name in ("old_password", "new_password", "again")
    )
    if new != again:
        raise Invalid({"again": NOT_THE_SAME})
    with services().database.write() as writer:
        change_password(writer, user_id=mine.account.id, old=old, new=new, keep=mine.id, now=now())
