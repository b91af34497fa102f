"""What every command needs: the services, a line for the terminal, a refusal."""

from __future__ import annotations

from typing import NoReturn

import click
from flask import current_app
from sqlalchemy.orm import Session

from marketplace.accounts.queries import desk_actor
from marketplace.bootstrap import Services
from marketplace.kernel.audit import Actor, ActorKind
from marketplace.kernel.errors import DomainError
from marketplace.settings import ROOT

DATA = ROOT / "data"
FEN_A_YUAN = 100
AS = click.option(
    "--as", "who", metavar="LOGIN", help="office account of the person who gives this command"
)


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
    told = fields.values() if isinstance(fields, dict) else [error.message]
    return "; ".join(str(line) % error.params if error.params else str(line) for line in told)


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
