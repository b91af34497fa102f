"""Commands that check and keep what the database holds: audit, backup, restore."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import orjson

from catalog.search import refresh as search
from marketplace.cli.base import fail, say, services
from marketplace.kernel import audit
from marketplace.kernel.errors import DomainError
from marketplace.operations import backup, invariants


@click.command("audit")
@click.option("--json", "as_json", is_flag=True, help="print the whole report as JSON")
@click.option("--settled", is_flag=True, help="also demand that nothing is owed")
def audit_command(as_json: bool, settled: bool) -> None:
    """Recompute every invariant from the rows of one snapshot; exit 1 on any violation."""
    own = services()
    if settled:
        with own.database.write() as session:
            audit.seal(session)
    report = invariants.check(own.database, now=own.clock.now(), settled=settled)
    if as_json:
        body = {"clean": report.clean, "faults": report.faults, "counts": report.counts}
        say(orjson.dumps(body, option=orjson.OPT_INDENT_2).decode())
    else:
        for name, faults in report.faults.items():
            say(f"{'ok  ' if not faults else 'FAIL'} {name}")
            for fault in faults:
                say(f"       {fault}")
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
    try:
        own = services()
        rows = backup.restore(own.database, file, now=own.clock.now(), replace=replace)
    except DomainError as error:
        fail(error)
    say(f"{rows} rows restored")
    search.build(services().index, services().database)
