"""What every command needs: the services, a line for the terminal, a refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import click
from flask import current_app
from sqlalchemy.orm import Session

from marketplace.bootstrap import Services
from marketplace.kernel import changes
from marketplace.kernel.audit import Actor, ActorKind
from marketplace.kernel.errors import DomainError
from marketplace.kernel.messages import filled
from marketplace.settings import ROOT
from marketplace.staff.queries import desk_actor

DATA = ROOT / "data"
AS = click.option(
    "--as", "who", metavar="LOGIN", help="office account of the person who gives this command"
)

APPLY = click.option("--apply", "apply", is_flag=True, help="do it; without, only say what it is")
NOT_YET = "nothing is changed yet, --apply does it"


def services() -> Services:
    """Return the services of this command."""
    found: Services = current_app.extensions["services"]
    return found


def say(text: str) -> None:
    """Print a line."""
    click.echo(text)


def words_of(error: DomainError) -> str:
    """Return a refusal as one line: what is wrong with each field, or the whole."""
    fields = error.extra.get("fields")
    if isinstance(fields, dict):
        return "; ".join(filled(line) for line in fields.values())
    return filled(error.message, **error.params)


def fail(error: DomainError) -> NoReturn:
    """Print a refusal as one line for a terminal and stop."""
    raise click.ClickException(words_of(error))


def named(who: str | None) -> str:
    """Return the name of who gives a command that nobody may give without one."""
    if not who or not who.strip():
        raise click.UsageError("say who does this: --as LOGIN, an account of the office")
    return who


def actor_of(session: Session, who: str | None) -> Actor:
    """Return who the trail says gave this command; without a name, somebody at a terminal.

    Raises:
        NotAtDesk: no account of the office has this name.
    """
    return Actor(ActorKind.DESK) if who is None else desk_actor(session, login=who)


def carry_out(act: Callable[[Session, Actor], str], *, apply: bool, who: str | None) -> None:
    """Run ``act`` in one transaction, a reading one unless it is to be applied, and say it.

    What is applied is done by somebody with a name.
    """
    database = services().database
    if apply:
        named(who)
    try:
        with database.write() if apply else database.read() as session:
            told = act(session, actor_of(session, who))
    except DomainError as error:
        fail(error)
    say(told if apply else f"{told}; {NOT_YET}")
    if apply:
        changes.sequence(database)
