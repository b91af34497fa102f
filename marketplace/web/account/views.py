"""Signing in, signing out and changing the password."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask_login import current_user, login_required, logout_user
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from marketplace.accounts.queries import Account, signed_in
from marketplace.accounts.service import WrongSignIn, change_password, check_sign_in
from marketplace.kernel.errors import Invalid
from marketplace.web import attempts, limits
from marketplace.web.account.frame import errors_of, home_url, say, staff_page
from marketplace.web.auth import begin, staff
from marketplace.web.context import now, personal, services
from marketplace.web.forms import reading
from marketplace.web.i18n import translate

blueprint = Blueprint("account", __name__, url_prefix="/account")
LONGEST_LOGIN, LONGEST_PASSWORD = 80, 200
NOT_THE_SAME = "两次写的新密码不一样，请再写一次"


@blueprint.route("/sign-in", methods=["GET", "POST"])
@personal
def sign_in() -> str | Response | tuple[str, int]:
    """Sign a member of staff in; which of login and password is wrong is not said."""
    if request.method == "GET" and current_user.is_authenticated:
        return redirect(home_url())
    login = reading.text(request.form.get("login"), LONGEST_LOGIN)
    try:
        if request.method == "POST":
            begin(_checked(login, request.form.get("password", "")[:LONGEST_PASSWORD]))
            answer = redirect(_wanted() or home_url(), 303)
            attempts.remember_device(answer, login)
            return answer
    except WrongSignIn as error:
        return _sign_in_page(login, {"login": translate(error.message)}), error.http_status
    return _sign_in_page(login, {})


def _sign_in_page(login: str, errors: dict[str, str]) -> str:
    page = request.args.get("next") or request.form.get("next", "")
    return render_template("account/sign_in.html", login=login, errors=errors, next=page)


def _checked(login: str, password: str) -> Account:
    """Return the account, after counting the try."""
    tries = attempts.at_login(login)
    tries.spend()
    with services().database.read() as reader:
        user = check_sign_in(reader, login=login, password=password)
        account = signed_in(reader, user_id=user.id, stamp=user.stamp)
    if account is None:
        raise WrongSignIn
    tries.forget()
    return account


def _wanted() -> str | None:
    """Return the page that asked for the sign-in, if it is one of ours that this role may see."""
    wanted = request.form.get("next", "")
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
    logout_user()
    session.clear()
    return redirect(url_for("account.sign_in"), 303)


@blueprint.route("/password", methods=["GET", "POST"])
@login_required
@personal
def password() -> str | Response | tuple[str, int]:
    """Change the own password; every other session of the account ends."""
    if request.method == "GET":
        return staff_page("account/password.html", errors={})
    try:
        _change_password()
    except Invalid as error:
        return staff_page("account/password.html", errors=errors_of(error)), error.http_status
    say("密码改好了。在别的电脑和手机上要用新密码重新登录")
    return redirect(url_for("account.password"), 303)


def _change_password() -> None:
    limits.spend(limits.SIGN_IN, "password", str(staff().account.id))
    old, new, again = (
        request.form.get(name, "")[:LONGEST_PASSWORD]
        for name in ("old_password", "new_password", "again")
    )
    if new != again:
        raise Invalid({"again": NOT_THE_SAME})
    with services().database.write() as writer:
        user = change_password(
            writer, user_id=staff().account.id, old=old, new=new, ids=services().ids, now=now()
        )
        account = signed_in(writer, user_id=user.id, stamp=user.stamp)
    if account is None:
        raise WrongSignIn
    begin(account)
