"""Signing in of staff: wraps a session on the server in Flask-Login; the models know nothing of it.

A session that lacks its second factor, or whose password has to be changed first, is nobody to
every page but those that put it right: a page that forgets to ask stays closed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, flash, g, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user
from werkzeug.wrappers import Response

from marketplace.kernel.audit import Actor, ActorKind
from marketplace.kernel.messages import minutes
from marketplace.staff import kept_forms, sessions, sign_in_service
from marketplace.staff.queries import Account
from marketplace.staff.roles import MOVES_MONEY, ONLY_WITH_SECOND_FACTOR, Permission, may
from marketplace.staff.sessions import Opened
from marketplace.web.context import now, services
from marketplace.web.i18n import translate
from marketplace.web.protection.devices import device_of

View = TypeVar("View", bound=Callable[..., Any])
NEEDS_FACTOR = "这一步会动到客人的钱，请先在这里设置两步登录，再回去办理"
TOKEN = "_user_id"  # noqa: S105 - a name, no secret
"""Where Flask-Login keeps what ``get_id`` returned."""
KEPT = "kept"
"""Where the browser keeps the token of a form that came after its session."""


@dataclass(frozen=True)
class Staff(UserMixin):
    """The signed-in member of staff."""

    opened: Opened
    token: str

    def get_id(self) -> str:
        """Return what the browser keeps: the token of the session."""
        return self.token

    @property
    def account(self) -> Account:
        """Whose session it is."""
        return self.opened.account

    @property
    def session_id(self) -> int:
        """Which session it is."""
        return self.opened.id

    @property
    def actor(self) -> Actor:
        """How the audit trail names this person."""
        return Actor(ActorKind.STAFF, str(self.account.id))


def staff() -> Staff:
    """Return the signed-in member of staff."""
    found: Staff = current_user._get_current_object()  # noqa: SLF001 - the documented way
    return found


def unfinished() -> Opened | None:
    """Return the session of somebody who still has something to do before any page opens."""
    current_user.is_authenticated  # noqa: B018 - has the session looked up
    found: Opened | None = g.get("unfinished")
    return found


def begin(user_id: int) -> Opened:
    """Begin a new session: nothing that was in the old one, planted there or not, goes on.

    But for the token of a form that this very account sent when its session was over.
    """
    device = device_of(request.user_agent.string)
    with services().database.write() as writer:
        token = sign_in_service.begin(
            writer, user_id=user_id, device=device, ids=services().ids, now=now()
        )
        found = sessions.opened(writer, token=token, now=now())
        kept = session.get(KEPT)
        if kept and not kept_forms.find(writer, token=kept, user_id=user_id, now=now()):
            kept_forms.drop(writer, token=kept)  # somebody else sits here now
            kept = None
    session.clear()
    session[TOKEN] = token
    if kept:
        session[KEPT] = kept
    if found is None:  # it was disabled between two statements
        abort(403)
    return enter(found)


def enter(found: Opened) -> Opened:
    """Make the session of this browser that of the present request."""
    g.unfinished = None
    if found.whole and not found.account.must_change:
        login_user(Staff(found, session[TOKEN]))
    else:
        g.unfinished = found
    return found


def look_again() -> Opened:
    """Read the session of this browser anew, after something of it was changed."""
    with services().database.read() as reader:
        found = sessions.opened(reader, token=session[TOKEN], now=now())
    if found is None:
        abort(403)
    return enter(found)


def own_enterprise() -> int:
    """Return the id of the enterprise whose things the signed-in operator may see."""
    enterprise_id = staff().account.enterprise_id
    if enterprise_id is None:
        abort(403)
    return enterprise_id


def needs(permission: Permission) -> Callable[[View], View]:
    """Let a view be opened only by staff whose role carries ``permission``; others get 403."""

    def wrap(view: View) -> View:
        @wraps(view)
        @login_required
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not may(staff().account.role, permission):
                abort(403)
            if permission in ONLY_WITH_SECOND_FACTOR and not staff().opened.enrolled:
                flash(translate(NEEDS_FACTOR), "wait")
                return redirect(url_for("account.own"), 303)
            return view(*args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return wrap


def next_step(found: Opened, wanted: str) -> str:
    """Return the page that an unfinished session has to go to, on its way to ``wanted``."""
    if found.whole:
        return url_for("account.password", next=wanted or None)
    page = "account.code" if found.enrolled else "account.set_up"
    return url_for(page, next=wanted or None)


def set_up(app: Flask) -> None:
    """Tell Flask-Login how to find a member of staff, and where to sign in."""
    manager = LoginManager(app)
    manager.session_protection = None
    manager.unauthorized_handler(_ask)
    manager.user_loader(_load)


def _ask() -> Response:
    sent = request.method != "GET"
    wanted = _form_page() if sent else request.script_root + request.full_path.rstrip("?")
    if (found := unfinished()) is not None:
        return redirect(next_step(found, wanted))
    ended = session.pop(TOKEN, None)
    if ended is not None:
        flash(translate("登录已经结束：很久没有操作，或在别处结束了。请重新登录"), "wait")
    if sent and ended is not None and _keep(ended, wanted):
        said = "刚才交的还没有办，替您留 %(most)s 分钟：登录以后看一下，再接着交"
        flash(translate(said, most=minutes(kept_forms.KEPT_FOR)), "wait")
    elif sent:
        flash(translate("刚才交的没有存下来。登录以后回到那一页，请再写一次"), "wait")
    return redirect(url_for("account.sign_in", next=wanted or None))


def _keep(ended: str, page: str) -> bool:
    """Keep what was typed for whose session it was; tells whether there was anything to keep.

    Not what belongs to the account itself (passwords, codes), not what moves money by the sums that
    were shown, and no files.
    """
    view = current_app.view_functions.get(request.endpoint or "")
    permission = getattr(view, "permission", None)
    fields = tuple(
        (name, value)
        for name, value in request.form.items(multi=True)
        if name != "csrf_token" and "password" not in name
    )
    typed = any(value.strip() for _, value in fields)
    if permission is None or permission in MOVES_MONEY | ONLY_WITH_SECOND_FACTOR or not typed:
        return False
    form = kept_forms.Form(request.script_root + request.full_path.rstrip("?"), page, fields)
    with services().database.write() as writer:
        token = kept_forms.keep(writer, ended=ended, form=form, ids=services().ids, now=now())
    if token is None:
        return False
    session[KEPT] = token
    return True


def _form_page() -> str:
    """Return the page whose form was sent, as the browser says; the sign-in looks whose it is."""
    came_from = urlsplit(request.referrer or "")
    # Two slashes at the beginning would name another host.
    if came_from.netloc != request.host or came_from.path.startswith("//"):
        return ""
    return came_from.path + (f"?{came_from.query}" if came_from.query else "")


def _load(token: str) -> Staff | None:
    if g.get("failed"):  # the page that says so must not fail for the same reason
        return None
    with services().database.read() as reader:
        found = sessions.opened(reader, token=token, now=now())
    if found is None:
        return None
    if not found.whole or found.account.must_change:
        g.unfinished = found
        return None
    if found.stale:
        with services().database.write() as writer:
            sessions.seen(writer, session_id=found.id, now=now())
    return Staff(found, token)


def leave() -> None:
    """End the session of this browser on the server, and forget all that the cookie holds."""
    if kept := session.get(KEPT):
        with services().database.write() as writer:
            kept_forms.drop(writer, token=kept)
    if token := session.get(TOKEN):
        with services().database.write() as writer:
            sign_in_service.sign_out(writer, token=token, now=now())
    session.clear()
