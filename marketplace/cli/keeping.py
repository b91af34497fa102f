"""Commands that check and keep what the database holds: audit, backup, restore."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import click
import orjson

from catalog.search import refresh as search
from marketplace.cli.base import fail, say, services
from marketplace.kernel import audit
from marketplace.kernel.anchors import AnchorFile
from marketplace.kernel.crypto import keyring
from marketplace.kernel.errors import DomainError
from marketplace.operations import backup, invariants


def _anchors() -> AnchorFile:
    """Return the anchors; what goes to the log goes beside the answer of a command."""
    return AnchorFile(
        services().settings.anchors,
        log=lambda one: click.echo(f"anchor {one.kind.value} {one.number} {one.digest}", err=True),
    )


@click.command("audit")
@click.option("--json", "as_json", is_flag=True, help="print the whole report as JSON")
@click.option("--settled", is_flag=True, help="also demand that nothing is owed")
def audit_command(as_json: bool, settled: bool) -> None:
    """Recompute every invariant from the rows of one snapshot; exit 1 on any violation."""
    own = services()
    if settled:
        audit.seal_and_anchor(own.database, _anchors(), clock=own.clock)
    report = invariants.check(
        own.database, now=own.clock.now(), settled=settled, anchors=_anchors()
    )
    if as_json:
        body = {"clean": report.clean, **dataclasses.asdict(report)}
        say(orjson.dumps(body, option=orjson.OPT_INDENT_2).decode())
    else:
        for name, faults in report.faults.items():
            say(f"{'ok  ' if not faults else 'FAIL'} {name}")
            for fault in faults:
                say(f"       {fault}")
        for note in report.notes:
            say(f"note {note}")
    if not report.clean:
        sys.exit(1)


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup_command(file: Path) -> None:
    """Write everything to FILE. Keep the keys (keys.json) apart from it, and keep them safe."""
    try:
        rows = backup.dump(services().database, file)
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
    say(f"{rows} rows written to {file.name}")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="drop what the database holds")
def restore_command(file: Path, replace: bool) -> None:
    """Load FILE into an empty database, then build the index."""
    own = services()
    try:
        rows = backup.restore(
            own.database, file, now=own.clock.now(), replace=replace, keyring=keyring()
        )
    except DomainError as error:
        fail(error)
    anchor = _anchors().restored(
        lambda: audit.tail(own.database), name=file.name, now=own.clock.now()
    )
    say(f"{rows} rows restored; the audit trail reaches to seal {anchor.number}")
    search.build(own.index, own.database)


@click.command("anchor")
@click.argument("name")
def anchor_command(name: str) -> None:
    """Anchor the audit trail after a restore by other means than `restore`, made from NAME.

    The audit trail beyond what it holds now counts as lost by that, no longer as cut off.
    """
    own = services()
    told = " ".join(name.split())
    if not told:
        raise click.ClickException("say what it was restored from")
    anchor = _anchors().restored(lambda: audit.tail(own.database), name=told, now=own.clock.now())
    say(f"anchored: restored from {told}, to seal {anchor.number}")
