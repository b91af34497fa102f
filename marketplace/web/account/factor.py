"""The second step of signing in: the code, and setting it up on a telephone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar

import segno
from flask import current_app, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.kernel.errors import Invalid
from marketplace.kernel.messages import Message, minutes
from marketplace.staff import second_factor, sign_in_service
from marketplace.staff.models import User
from marketplace.staff.queries import user_of
from marketplace.staff.second_factor import GROUP, WRONG_CODE, Given
from marketplace.staff.sessions import LONGEST_HALF, Opened
from marketplace.web.account.base import blueprint
from marketplace.web.account.views import onward
from marketplace.web.auth import look_again, staff, unfinished
from marketplace.web.context import now, personal, services
from marketplace.web.forms.field_sizes import SIZES
from marketplace.web.forms.reader import asked, posted
from marketplace.web.i18n import translate
from marketplace.web.protection import attempts
from marketplace.web.rendering import pages
from marketplace.web.staff_frame import errors_of, framed, home_url, warn

BEGUN = "second_factor_begun"
"""Where a session keeps when its owner gave the password for setting up another telephone."""
BEGIN_AGAIN = Message(
    "离上次写密码已经超过 %(most)s 分钟，没有改动。请再写一次密码，重新开始设置",
    most=minutes(LONGEST_HALF),
)
USED_RECOVERY = "备用码用掉了一个，还剩 %(left)s 个。手机丢了或换了，请在“账号和安全”里重新设置"


@dataclass(frozen=True, slots=True)
class CodeHtml(pages.Page):
    """The second step of signing in."""

    template: ClassVar[str] = "account/code.html"

    errors: Mapping[str, str]
    next: str
    """The page that asked for it; and so below."""


@dataclass(frozen=True, slots=True)
class SetUpHtml(pages.Page):
    """A new secret, to scan or to type."""

    template: ClassVar[str] = "account/set_up.html"

    errors: Mapping[str, str]
    next: str
    address: str
    picture: str
    secret: str
    changing: bool
    """There was one before."""


@dataclass(frozen=True, slots=True)
class CodesHtml(pages.Page):
    """Recovery codes, this once."""

    template: ClassVar[str] = "account/codes.html"

    codes: Sequence[str]
    onward: str


@blueprint.route("/code", methods=["GET", "POST"])
@personal
def code() -> str | Response | tuple[str, int]:
    """Ask whoever gave the password for the code of their telephone, or for a recovery code."""
    half = unfinished()
    if half is None or half.whole:
        return redirect(home_url() if current_user.is_authenticated else url_for("account.sign_in"))
    if not half.enrolled:
        return redirect(url_for("account.set_up", next=_next() or None))
    if request.method == "GET":
        return _code_page({})
    typed = posted().text("code", SIZES.one_time_code)
    tries = attempts.at_code(half.account.id)
    tries.spend()
    with services().database.write() as writer:
        given = sign_in_service.finish(
            writer, session_id=half.id, user_id=half.account.id, typed=typed, now=now()
        )
        left = second_factor.left(writer, half.account.id)
    if given is None:
        return _code_page({"code": translate(WRONG_CODE)}), HTTPStatus.UNAUTHORIZED
    tries.forget()
    if given is Given.RECOVERY:
        warn(USED_RECOVERY, left=left)
    return onward(look_again())


def _code_page(errors: dict[str, str]) -> str:
    return pages.html(CodeHtml(errors, _next()))


def _next() -> str:
    return asked().sent("next") or posted().sent("next")


@blueprint.route("/set-up", methods=["GET", "POST"])
@personal
def set_up() -> str | Response | tuple[str, int]:
    """Show a new secret to scan or type, and keep it once a code of it was written."""
    half = unfinished()
    mine = half if half is not None else staff().opened if current_user.is_authenticated else None
    if mine is None or (half is not None and half.whole):
        answer: Response = current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
        return answer
    if half is not None and half.enrolled:
        # With the password alone nobody replaces a telephone that was set up before.
        return redirect(url_for("account.code", next=_next() or None))
    with services().database.read() as reader:
        user = user_of(reader, mine.account)
    if user.totp_pending is None:
        return redirect(url_for("account.own"))
    if half is None and not _begun_lately():
        warn(BEGIN_AGAIN)
        return redirect(url_for("account.own"))
    if request.method == "GET":
        return _set_up_page(user, {})
    tries = attempts.at_code(user.id)
    tries.spend()
    typed = posted().text("code", SIZES.one_time_code)
    try:
        with services().database.write() as writer:
            codes = sign_in_service.finish_set_up(
                writer, session_id=mine.id, user_id=user.id, typed=typed, now=now()
            )
    except Invalid as error:
        return _set_up_page(user, errors_of(error)), error.http_status
    tries.forget()
    session.pop(BEGUN, None)
    return codes_page(look_again(), codes)


def _begun_lately() -> bool:
    """Tell whether the owner of this session gave the password for this a moment ago.

    What waits in the account may have waited for long, and a session may be in other hands by then.
    """
    return bool(now().timestamp() - session.get(BEGUN, 0) < LONGEST_HALF.total_seconds())


def _set_up_page(user: User, errors: dict[str, str]) -> str:
    secret = user.totp_pending or ""
    address = second_factor.address_of(user, issuer=services().settings.brand)
    return pages.html(
        SetUpHtml(
            errors=errors,
            next=_next(),
            address=address,
            picture=segno.make(address, error="m").svg_data_uri(scale=5, border=4),
            secret=" ".join(secret[at : at + GROUP] for at in range(0, len(secret), GROUP)),
            changing=user.totp_secret is not None,
        )
    )


def codes_page(mine: Opened, codes: list[str]) -> str:
    """Show recovery codes, this once."""
    if unfinished() is not None:  # the password is changed next
        return pages.html(CodesHtml(codes, url_for("account.password")))
    return framed(CodesHtml(codes, home_url()), nav="own")
