"""Commands about the secret keys: new ones, and what older ones wrote written anew."""

from __future__ import annotations

import sys

import click

from marketplace.cli.base import AS, actor_of, fail, say, services
from marketplace.kernel import audit
from marketplace.kernel.errors import DomainError
from marketplace.kernel.keyring import PURPOSES
from marketplace.operations import rekeying


@click.group("keys")
def keys() -> None:
    """Change the secret keys of this installation without losing what they wrote."""


@keys.command("rotate")
@click.option(
    "--only", "wanted", type=click.Choice(PURPOSES), multiple=True, help="for this purpose alone"
)
@AS
def rotate(wanted: tuple[str, ...], who: str | None) -> None:
    """Put a new key in front for every purpose; the older ones go on reading."""
    own = services()
    purposes = wanted or PURPOSES
    _note("keys.rotated", who, purposes=list(purposes))
    try:
        rekeying.rotate(own.database, own.settings.keys, purposes=purposes, now=own.clock.now())
    except DomainError as error:
        fail(error)
    say(f"new keys for: {', '.join(purposes)}")
    say(
        f"Keep a copy of {own.settings.keys.name} apart, bring it to every node, start everything"
        " again, then run: flask --app app keys rewrap"
    )


@keys.command("rewrap")
@AS
def rewrap(who: str | None) -> None:
    """Write anew what older keys wrote, and let go of those that nothing needs any more."""
    own = services()

    def tell(table: str, rows: int) -> None:
        if rows:
            click.echo(f"{table}: {rows}", err=True)

    _note("keys.rewrapped", who)
    done = rekeying.rewrap(
        own.database, own.settings.keys, own.blobs, now=own.clock.now(), progress=tell
    )
    say(f"{done.rows} rows and files written anew")
    for purpose, names in done.dropped.items():
        say(f"{purpose}: key {', '.join(names)} is needed no more and gone")
    for purpose, names in done.kept.items():
        say(f"{purpose}: key {', '.join(names)} still reads")
    if done.unreadable:
        say(f"{done.unreadable} values or files open with no key; the older keys stay")
        sys.exit(1)


def _note(action: str, who: str | None, **detail: object) -> None:
    own = services()
    try:
        with own.database.write() as session:
            audit.note(
                session,
                actor=actor_of(session, who),
                action=action,
                subject=("keys", ""),
                now=own.clock.now(),
                **detail,
            )
    except DomainError as error:
        fail(error)
