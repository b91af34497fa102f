"""Commands that make and fill the database: schema, directory, sample, word index."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from catalog.bulk.directory_loading import import_directory
from catalog.geography.reference_loading import load_reference
from catalog.search import refresh as search
from marketplace.cli.base import AS, DATA, actor_of, fail, say, services
from marketplace.cli.values import ENCODING
from marketplace.kernel import audit, changes, key_prints
from marketplace.kernel.errors import DomainError
from marketplace.operations import schema
from marketplace.sample import load_life, load_sample, make_scaled
from marketplace.staff.demo_accounts import DEMO_ACCOUNTS, demo_accounts


@click.command("migrate")
def migrate() -> None:
    """Bring the database's schema up to date."""
    own = services()
    schema.upgrade(own.database.url)
    # The fingerprints of the keys have their place now, and a trail of older releases its anchor.
    key_prints.prove(own.database, own.settings.keys, now=own.clock.now())
    own.anchors.keep(lambda: audit.tail(own.database), now=own.clock.now())


@click.command("import-directory")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@ENCODING
@AS
def import_directory_command(file: Path, encoding: str | None, who: str | None) -> None:
    """Load enterprises and stations from FILE; a rerun updates and never duplicates."""
    try:
        with services().database.read() as session:
            actor = actor_of(session, who)
    except DomainError as error:
        fail(error)
    _import(file, actor, said=encoding or "")
    while changes.sequence(services().database):
        pass
    search.follow(services().index, services().database)


def _import(file: Path, actor: audit.Actor = audit.SYSTEM, *, said: str = "") -> None:
    try:
        with click.progressbar(length=1, label=file.name, file=sys.stderr) as bar:

            def progress(done: int, total: int) -> None:
                bar.length = max(total, 1)
                bar.update(done - bar.pos)

            report = import_directory(
                services().database,
                file,
                clock=services().clock,
                said=said,
                actor=actor,
                progress=progress,
            )
    except DomainError as error:
        fail(error)
    for line, reason in report.refused:
        click.echo(f"line {line}: {reason}", err=True)
    say(
        f"{file.name}: {report.created} new, {report.updated} updated, "
        f"{report.unchanged} unchanged, {len(report.refused)} refused"
    )


@click.command("load-data")
def load_data() -> None:
    """Load the directory, the reference figures and the labelled sample; run again, no change."""
    own = services()
    load_reference(own.database, folder=DATA)
    _import(DATA / "directory-places.csv")
    report = load_sample(own.database, clock=own.clock)
    say("sample: loaded" if report else "sample: unchanged")
    changes.sequence(own.database)


@click.command("play-sample")
def play_sample() -> None:
    """Let the sample's guests come and go up to now; run again, only what is new happens.

    Never in production, nor with SNOWBIRD_SAMPLE_GUESTS=0. The demo accounts are made first:
    somebody receives the guests.
    """
    own = services()
    if own.settings.production or not own.settings.sample_guests:
        say("sample guests: none here")
        return
    with own.database.write() as session:
        path = own.settings.state_dir / DEMO_ACCOUNTS
        demo_accounts(session, path=path, now=own.clock.now())
    with click.progressbar(length=1, label="sample guests", file=sys.stderr) as bar:

        def progress(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        played = load_life(own, progress=progress)
    say(f"sample guests: {played} acts" if played else "sample guests: unchanged")


@click.command("build-index")
def build_index() -> None:
    """Write this machine's word index anew."""
    say(f"{search.build(services().index, services().database)} documents indexed")


@click.command("sample")
@click.option("--listings", default=1000, show_default=True)
@click.option("--pools", default=3000, show_default=True)
@click.option("--days", default=400, show_default=True)
@click.option("--seed", default=7, show_default=True)
def sample(listings: int, pools: int, days: int, seed: int) -> None:
    """Make a scaled, seeded sample for benchmarks."""
    own = services()
    make_scaled(own.database, listings=listings, pools=pools, days=days, seed=seed, clock=own.clock)
    say(f"scaled sample: {listings} listings, {pools} pools, {days} days")
    changes.sequence(own.database)
