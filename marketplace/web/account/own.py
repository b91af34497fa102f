"""The own account: where it is signed in, its second factor, and ending either."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import redirect, session, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from marketplace.kernel.errors import Invalid
from marketplace.staff import account_admin, second_factor, sessions
from marketplace.staff.queries import user_of
from marketplace.staff.roles import needs_second_factor
from marketplace.staff.sessions import IDLE, LONGEST
from marketplace.web.account.base import blueprint
from marketplace.web.account.factor import BEGUN, codes_page
from marketplace.web.auth import staff
from marketplace.web.context import now, personal, services
from marketplace.web.forms.field_sizes import SIZES
from marketplace.web.forms.reader import posted
from marketplace.web.protection import limits
from marketplace.web.rendering import pages
from marketplace.web.staff_frame import errors_of, framed, say

KEY = "int(max=999999999999999)"


@dataclass(frozen=True, slots=True)
class OwnHtml(pages.Page):
    """Where the own account is signed in, and its second factor."""

    template: ClassVar[str] = "account/own.html"

    sessions: Sequence[sessions.Listed]
    own_session: int
    enrolled: bool
    demanded: bool
    """The role must have a second factor."""
    left: int
    """Recovery codes."""
    idle: dt.timedelta
    longest: dt.timedelta
    errors: Mapping[str, str]


@blueprint.get("/")
@login_required
@personal
def own() -> str:
    """Show where the own account is signed in, and its second factor."""
    return _page({})


def _page(errors: dict[str, str]) -> str:
    me = staff()
    with services().database.read() as reader:
        user = user_of(reader, me.account)
        found = sessions.living(reader, user=user, now=now())
        left = second_factor.left(reader, user.id)
    return framed(
        OwnHtml(
            sessions=found,
            own_session=me.session_id,
            enrolled=user.totp_secret is not None,
            demanded=needs_second_factor(user.role),
            left=left,
            idle=IDLE[user.role],
            longest=LONGEST[user.role],
            errors=errors,
        ),
        nav="own",
    )


@blueprint.post(f"/sessions/<{KEY}:session_id>/end")
@login_required
def end_session(session_id: int) -> Response:
    """End one of the own sessions; somebody else's stays as it is."""
    _end(only=session_id)
    return redirect(url_for("account.own"), 303)


@blueprint.post("/sessions/end-others")
@login_required
def end_others() -> Response:
    """End every session of the own account but this one."""
    me = staff()
    with services().database.write() as writer:
        account_admin.end_own(writer, user_id=me.account.id, keep=me.session_id, now=now())
    say("别处的登录都结束了")
    return redirect(url_for("account.own"), 303)


def _end(only: int) -> None:
    me = staff()
    with services().database.write() as writer:
        ended = account_admin.end_sessions(
            writer, user_id=me.account.id, actor=me.actor, now=now(), only=only
        )
    say("那一处的登录结束了" if ended else "那一处的登录先前已经结束")


@blueprint.post("/second-factor")
@login_required
@personal
def begin_second_factor() -> Response | tuple[str, int]:
    """Begin to set up a telephone, the first or another one, by the own password."""
    try:
        with services().database.write() as writer:
            second_factor.begin_anew(
                writer, user_id=staff().account.id, password=_password(), now=now()
            )
    except Invalid as error:
        return _page(errors_of(error)), error.http_status
    session[BEGUN] = now().timestamp()
    return redirect(url_for("account.set_up"), 303)


@blueprint.post("/recovery-codes")
@login_required
@personal
def new_recovery_codes() -> str | tuple[str, int]:
    """Make new recovery codes in place of the old ones, by the own password."""
    me = staff()
    try:
        with services().database.write() as writer:
            codes = second_factor.new_codes(
                writer, user_id=me.account.id, password=_password(), now=now()
            )
    except Invalid as error:
        return _page(errors_of(error)), error.http_status
    return codes_page(me.opened, codes)


@blueprint.post("/second-factor/off")
@login_required
@personal
def give_up_second_factor() -> Response | tuple[str, int]:
    """Take the second factor off the own account, by the own password, where the role may."""
    try:
        with services().database.write() as writer:
            second_factor.give_up(
                writer, user_id=staff().account.id, password=_password(), now=now()
            )
    except Invalid as error:
        return _page(errors_of(error)), error.http_status
    say("两步登录关闭了，以后只用密码登录")
    return redirect(url_for("account.own"), 303)


def _password() -> str:
    limits.spend(limits.SIGN_IN, "password", str(staff().account.id))
    return posted().secret("password", SIZES.password)
