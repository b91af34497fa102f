"""Commands about accounts of staff: who has one, ending it, and letting somebody begin again."""

from __future__ import annotations

from collections.abc import Callable

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.cli.base import AS, actor_of, fail, say, services
from marketplace.kernel.audit import Actor
from marketplace.kernel.errors import DomainError
from marketplace.staff import account_admin
from marketplace.staff.models import User


@click.group("accounts")
def accounts() -> None:
    """List, disable and enable accounts, reset what is lost, end sessions; docs/accounts.md."""


@accounts.command("list")
def list_command() -> None:
    """Print every account: its role, its login, whether it works, and its second step."""
    with services().database.read() as session:
        for user in session.scalars(sa.select(User).order_by(User.role, User.login)):
            state = "works" if user.disabled_at is None else "disabled"
            step = "second step" if user.totp_secret is not None else "password alone"
            say(f"{user.role.value:9} {user.login}  {state}, {step}")


@accounts.command("disable")
@click.argument("login")
@AS
def disable_command(login: str, who: str | None) -> None:
    """End sign-in and every session of LOGIN at once; nothing of what it did is lost."""
    own = services()

    def run(session: Session, user_id: int, actor: Actor) -> str:
        did = account_admin.disable(session, user_id=user_id, actor=actor, now=own.clock.now())
        return "disabled" if did else "was disabled before"

    _run(login, who, run)


@accounts.command("enable")
@click.argument("login")
@AS
def enable_command(login: str, who: str | None) -> None:
    """Let LOGIN sign in again."""
    own = services()

    def run(session: Session, user_id: int, actor: Actor) -> str:
        did = account_admin.enable(session, user_id=user_id, actor=actor, now=own.clock.now())
        return "enabled" if did else "worked before"

    _run(login, who, run)


@accounts.command("reset-password")
@click.argument("login")
@AS
def reset_password_command(login: str, who: str | None) -> None:
    """Give LOGIN a new password, printed once, and to be changed at the first sign-in."""
    own = services()

    def run(session: Session, user_id: int, actor: Actor) -> str:
        made = account_admin.reset_password(
            session, user_id=user_id, actor=actor, now=own.clock.now()
        )
        return f"password: {made}"

    _run(login, who, run)


@accounts.command("reset-second-step")
@click.argument("login")
@AS
def reset_second_step_command(login: str, who: str | None) -> None:
    """Take the second step off LOGIN, whose telephone and recovery codes are lost."""
    own = services()

    def run(session: Session, user_id: int, actor: Actor) -> str:
        account_admin.reset_second_factor(
            session, user_id=user_id, actor=actor, now=own.clock.now()
        )
        return "the second step is set up anew at the next sign-in, where the role needs one"

    _run(login, who, run)


@accounts.command("end-sessions")
@click.argument("login")
@AS
def end_sessions_command(login: str, who: str | None) -> None:
    """Sign LOGIN out everywhere."""
    own = services()

    def run(session: Session, user_id: int, actor: Actor) -> str:
        ended = account_admin.end_sessions(
            session, user_id=user_id, actor=actor, now=own.clock.now()
        )
        return f"{ended} sessions ended"

    _run(login, who, run)


def _run(login: str, who: str | None, act: Callable[[Session, int, Actor], str]) -> None:
    try:
        with services().database.write() as session:
            user_id = account_admin.by_login(session, login).id
            told = act(session, user_id, actor_of(session, who))
    except DomainError as error:
        fail(error)
    say(f"{login}: {told}")
