"""Commands: ``flask --app app …``. Each opens its own transactions, like any edge."""

from __future__ import annotations

import secrets
import string
import sys
from pathlib import Path

import click
import orjson
from flask import Flask, current_app

from catalog.importing import import_directory
from catalog.reference import load_reference
from catalog.search import refresh as search
from marketplace.accounts.roles import Role
from marketplace.accounts.service import add_user
from marketplace.accounts.setup import demo_accounts, enterprise_by_code
from marketplace.booking import staff_tasks
from marketplace.bootstrap import Services
from marketplace.kernel import audit, changes
from marketplace.kernel.errors import DomainError
from marketplace.operations import backup, invariants, migrating
from marketplace.partners import keys
from marketplace.sample import load_sample, make_scaled
from marketplace.settings import ROOT

DATA = ROOT / "data"
FEN_A_YUAN = 100


def services() -> Services:
    """Return the services of this command."""
    found: Services = current_app.extensions["services"]
    return found


def _say(text: str) -> None:
    click.echo(text)


def _fail(error: DomainError) -> None:
    """Print a refusal as one line for a terminal and stop."""
    fields = error.extra.get("fields")
    lines = fields.values() if isinstance(fields, dict) else [str(error)]
    raise click.ClickException("; ".join(str(line) for line in lines))


@click.command("migrate")
def migrate() -> None:
    """Bring the database's schema up to date."""
    migrating.upgrade(services().database.url)


@click.command("import-directory")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_directory_command(file: Path) -> None:
    """Load enterprises and stations from FILE; a rerun updates and never duplicates."""
    _import(file)
    while changes.sequence(services().database):
        pass
    search.follow(services().index, services().database)


def _import(file: Path) -> None:
    try:
        with click.progressbar(length=1, label=file.name, file=sys.stderr) as bar:

            def progress(done: int, total: int) -> None:
                bar.length = max(total, 1)
                bar.update(done - bar.pos)

            report = import_directory(
                services().database, file, clock=services().clock, progress=progress
            )
    except DomainError as error:
        _fail(error)
    for line, reason in report.refused:
        click.echo(f"line {line}: {reason}", err=True)
    _say(
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
    _say("sample: loaded" if report else "sample: unchanged")
    changes.sequence(own.database)


@click.command("build-index")
def build_index() -> None:
    """Write this machine's word index anew."""
    _say(f"{search.build(services().index, services().database)} documents indexed")


@click.command("sample")
@click.option("--listings", default=1000, show_default=True)
@click.option("--pools", default=3000, show_default=True)
@click.option("--days", default=400, show_default=True)
@click.option("--seed", default=7, show_default=True)
def sample(listings: int, pools: int, days: int, seed: int) -> None:
    """Make a scaled, seeded sample for benchmarks."""
    own = services()
    make_scaled(own.database, listings=listings, pools=pools, days=days, seed=seed, clock=own.clock)
    _say(f"scaled sample: {listings} listings, {pools} pools, {days} days")
    changes.sequence(own.database)


@click.command("demo-accounts")
def demo_accounts_command() -> None:
    """Make the demo sign-ins, once, and print them. Refused in production."""
    own = services()
    if own.settings.production:
        raise click.ClickException("demo accounts are not for production")
    path = own.settings.state_dir / "demo-accounts.json"
    with own.database.write() as session:
        lines = demo_accounts(session, path=path, ids=own.ids, now=own.clock.now())
    for line in lines:
        _say(line)


@click.command("user-add")
@click.argument("login")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--enterprise", help="directory code of the enterprise, for operators")
@click.option("--password", help="made and printed once when left out")
def user_add(login: str, role: str, enterprise: str | None, password: str | None) -> None:
    """Make a staff account; without a password one is made and printed once."""
    own = services()
    given = password or "".join(
        secrets.choice(string.ascii_letters + string.digits) for _ in range(16)
    )
    try:
        with own.database.write() as session:
            add_user(
                session,
                login=login,
                password=given,
                role=Role(role),
                enterprise_id=enterprise_by_code(session, enterprise) if enterprise else None,
                ids=own.ids,
                now=own.clock.now(),
            )
    except DomainError as error:
        _fail(error)
    _say(f"{login} added" + ("" if password else f", password: {given}"))


@click.command("partner-key")
@click.argument("name")
@click.option("--test", is_flag=True, help="its bookings take no real stock")
@click.option("--revoke", is_flag=True, help="end every key of this partner (of this kind)")
@click.option("--rotate", is_flag=True, help="issue a new key; older ones work 7 more days")
@click.option("--credit", type=int, help="credit limit in yuan")
@click.option("--per-minute", default=600, show_default=True, help="requests a minute")
def partner_key(
    *, name: str, test: bool, revoke: bool, rotate: bool, credit: int | None, per_minute: int
) -> None:
    """Issue an API key for a partner and print it, once."""
    own = services()
    try:
        with own.database.write() as session:
            if revoke:
                ended = keys.revoke(session, name=name, test=test, now=own.clock.now())
                _say(f"{ended} keys revoked")
                return
            key = keys.issue(
                session,
                name=name,
                test=test,
                rotate=rotate,
                credit_limit_fen=None if credit is None else credit * FEN_A_YUAN,
                per_minute=per_minute,
                ids=own.ids,
                now=own.clock.now(),
            )
    except DomainError as error:
        _fail(error)
    _say(key)


@click.command("refund-paid")
@click.argument("refund")
@click.argument("bank_reference")
def refund_paid(refund: str, bank_reference: str) -> None:
    """Note that REFUND was paid by bank transfer under BANK_REFERENCE."""
    own = services()
    try:
        with own.database.write() as session:
            staff_tasks.record_bank_refund(
                session,
                refund_id=refund,
                bank_ref=bank_reference,
                actor=audit.Actor("staff", "cli"),
                now=own.clock.now(),
            )
    except DomainError as error:
        _fail(error)
    _say("recorded")


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
        _say(orjson.dumps(body, option=orjson.OPT_INDENT_2).decode())
    else:
        for name, faults in report.faults.items():
            _say(f"{'ok  ' if not faults else 'FAIL'} {name}")
            for fault in faults:
                _say(f"       {fault}")
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
    _say(f"{rows} rows written to {file.name}")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="drop what the database holds")
def restore_command(file: Path, replace: bool) -> None:
    """Load FILE into an empty database, then build the index."""
    try:
        rows = backup.restore(services().database, file, replace=replace)
    except DomainError as error:
        _fail(error)
    _say(f"{rows} rows restored")
    search.build(services().index, services().database)


COMMANDS = (
    migrate,
    import_directory_command,
    load_data,
    build_index,
    sample,
    demo_accounts_command,
    user_add,
    partner_key,
    refund_paid,
    audit_command,
    backup_command,
    restore_command,
)


def set_up(app: Flask) -> None:
    """Add the commands to the application."""
    for command in COMMANDS:
        app.cli.add_command(command)
