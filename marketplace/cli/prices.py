"""Commands about prices: every rule in and out by file, shown, and a stay priced line by line."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import click

from marketplace.cli.base import AS, actor_of, fail, say, services
from marketplace.cli.values import ADULTS, AGES, AGES_HELP, BEDS, DAY, ENCODING, ROOMS, Whole
from marketplace.kernel import changes
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.errors import DomainError
from marketplace.kernel.money import plain_yuan
from marketplace.kernel.stay import LONGEST_NIGHTS, Stay
from marketplace.kernel.typed import Unit
from marketplace.operations import prices as operations
from marketplace.pricing.files import comparing, writing
from marketplace.pricing.nights.quote import Ask
from marketplace.pricing.nights.selection import Party
from marketplace.pricing.nights.terms import Board

WRITERS = {".csv": writing.as_csv, ".xlsx": writing.as_xlsx}


@click.group("prices")
def prices() -> None:
    """Set, hand out, show and explain prices; docs/prices.md tells of the rules and the file."""


@prices.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--enterprise", help="directory code; rooms of any other are refused")
@click.option("--apply", "apply", is_flag=True, help="do it; without, only say what would change")
@ENCODING
@AS
def import_command(
    *, file: Path, enterprise: str | None, apply: bool, encoding: str | None, who: str | None
) -> None:
    """Set the rules of FILE (CSV or XLSX), all of them or none."""
    own = services()
    try:
        with own.database.read() as session:
            actor = actor_of(session, who)
        found = operations.bring_in(
            own.database,
            content=file.read_bytes(),
            said=encoding or "",
            enterprise=enterprise,
            apply=apply,
            actor=actor,
            clock=own.clock,
        )
    except operations.PriceFileRefused as refused:
        for fault in refused.faults:
            click.echo(f"row {fault.row}: {fault}", err=True)
        fail(refused)
    except DomainError as error:
        fail(error)
    for change in found:
        _say_change(change)
    different = comparing.changed(found)
    say(
        f"{file.name}: {different} room types changed, {len(found) - different} unchanged"
        + ("" if apply or not different else "; nothing is changed yet, --apply does it")
    )
    if apply:
        changes.sequence(own.database)


def _say_change(change: comparing.Change) -> None:
    say(f"{change.room}: {'unchanged' if change.nothing else 'changed'}")
    for rule in change.new:
        say(f"  new        {rule}")
    for before, after in change.changed:
        say(f"  changed    {before}")
        say(f"         to  {after}")
    for rule in change.gone:
        say(f"  gone       {rule}")
    for count, text in (
        (change.unchanged, "rules of the tariff stay as they are"),
        (change.nights, "nights get another price set by hand"),
        (change.freed, "nights go back to the price of their season"),
        (change.dates, "dates get other restrictions"),
        (change.by_hand, "nights of these seasons keep their price set by hand"),
    ):
        if count:
            say(f"  {count} {text}")


@prices.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--enterprise", help="directory code of the enterprise")
@click.option("--listing", help="code of one listing")
def export_command(file: Path, enterprise: str | None, listing: str | None) -> None:
    """Write every rule of an enterprise or a listing to FILE, named .csv or .xlsx."""
    own = services()
    writer = WRITERS.get(file.suffix.lower())
    if writer is None:
        raise click.ClickException(f"{file.name}: write .csv or .xlsx")
    try:
        with own.database.read() as session:
            rows = operations.hand_out(
                session, enterprise=enterprise, listing=listing, now=own.clock.now()
            )
        file.write_bytes(writer(rows))
    except DomainError as error:
        fail(error)
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
    say(f"{len(rows)} rows written to {file.name}")


@prices.command("show")
@click.argument("room")
@click.option("--date", type=DAY, help="a date; today when left out")
def show_command(room: str, date: dt.date | None) -> None:
    """Print the rules of a room type, and what a date costs and asks."""
    own = services()
    try:
        with own.database.read() as session:
            found = operations.show(session, room=room, day=date, now=own.clock.now())
    except DomainError as error:
        fail(error)
    say(f"{found.room.code} {found.room.name_zh} ({found.room.enterprise})")
    for rule in found.rules:
        say(f"  {rule}")
    if found.list_fen is None:
        say(f"{found.day}: no price, not on sale")
    else:
        say(
            f"{found.day}: {plain_yuan(found.list_fen)}"
            + (", set by hand" if found.by_hand else "")
        )
    for rule in found.restrictions:
        say(f"  {rule}")


@prices.command("quote")
@click.argument("room")
@click.option("--arrive", type=DAY, required=True)
@click.option("--nights", type=Whole(1, LONGEST_NIGHTS, Unit.NIGHTS), required=True)
@click.option("--rooms", type=ROOMS, default=1, show_default=True)
@click.option("--adults", type=ADULTS, default=2, show_default=True)
@click.option("--children", type=AGES, default="", help=AGES_HELP)
@click.option("--board", type=click.Choice([board.value for board in Board]))
@click.option("--beds", type=BEDS, default=0, show_default=True, help="extra beds")
@click.option("--booked", type=DAY, help="day of booking; today when left out")
@click.option("--by-night", is_flag=True, help="also what each night is sold for")
def quote_command(*, room: str, by_night: bool, **wish: Any) -> None:
    """Price a stay: each line with its reason, and whether parts of it would cost less."""
    own = services()
    now = own.clock.now()
    try:
        with own.database.read() as session:
            lines = operations.explained(
                session,
                room=room,
                ask=asked(wish, today=shanghai_date(now)),
                now=now,
                by_night=by_night,
            )
    except DomainError as error:
        fail(error)
    for line in lines:
        say(line)


def asked(wish: dict[str, Any], *, today: dt.date) -> Ask:
    """Return what the options of ``prices quote`` ask for; booked ``today`` unless they say."""
    try:
        stay = Stay.of(wish["arrive"], wish["nights"])
    except OverflowError as error:
        raise click.BadParameter("beyond the calendar", param_hint="arrive") from error
    return Ask(
        stay=stay,
        booked_on=wish["booked"] or today,
        rooms=wish["rooms"],
        party=Party(wish["adults"], wish["children"]),
        board=Board(wish["board"]) if wish["board"] else None,
        extra_beds=wish["beds"],
    )
