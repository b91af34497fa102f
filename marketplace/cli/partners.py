"""Commands about partners' accounts: each says what it would do, and does it with ``--apply``."""

from __future__ import annotations

from typing import Any

import click
from sqlalchemy.orm import Session

from marketplace.cli.base import APPLY, AS, carry_out, fail, say, services
from marketplace.cli.values import YUAN
from marketplace.kernel.audit import Actor
from marketplace.kernel.errors import DomainError
from marketplace.kernel.money import exact_yuan
from marketplace.partners import account
from marketplace.partners.account import Account


@click.group("partner")
def partner() -> None:
    """See what partners owe, note what they paid, and set how much they may owe."""


@partner.command("balance")
@click.argument("name")
def balance_command(name: str) -> None:
    """Say what the partner NAME owes, keeps on hold and may still hold."""
    own = services()
    try:
        with own.database.read() as session:
            found = account.account(session, name=name, now=own.clock.now())
    except DomainError as error:
        fail(error)
    say(_told(found))


@partner.command("payment")
@click.argument("name")
@click.argument("amount", type=YUAN)
@click.argument("bank_reference")
@click.option("--undo", is_flag=True, help="take back what was noted by mistake")
@APPLY
@AS
def payment_command(
    *, name: str, amount: int, bank_reference: str, undo: bool, apply: bool, who: str | None
) -> None:
    """Note that the partner NAME paid AMOUNT yuan into the bank under BANK_REFERENCE."""

    def run(session: Session, actor: Actor) -> str:
        wanted: dict[str, Any] = {"name": name, "now": services().clock.now()}
        if not apply:
            found = account.account(session, **wanted)
            after = found.owed_fen + (amount if undo else -amount)
            return f"{_told(found)}; would owe {exact_yuan(after)}"
        wanted |= {"fen": amount, "bank_ref": bank_reference, "actor": actor}
        if undo:
            return f"taken back; {_told(account.take_back_payment(session, **wanted))}"
        found, new = account.record_payment(session, **wanted)
        return f"{'noted' if new else 'was noted before'}; {_told(found)}"

    carry_out(run, apply=apply, who=who)


@partner.command("credit")
@click.argument("name")
@click.argument("limit", type=YUAN)
@APPLY
@AS
def credit_command(*, name: str, limit: int, apply: bool, who: str | None) -> None:
    """Let the partner NAME owe at most LIMIT yuan; its keys stay as they are."""

    def run(session: Session, actor: Actor) -> str:
        now = services().clock.now()
        before = account.account(session, name=name, now=now).limit_fen
        if not apply:
            return f"limit {exact_yuan(before)} now, {exact_yuan(limit)} then"
        found = account.set_limit(session, name=name, limit_fen=limit, actor=actor, now=now)
        return f"limit was {exact_yuan(before)}; {_told(found)}"

    carry_out(run, apply=apply, who=who)


def _told(found: Account) -> str:
    return (
        f"{found.name}: owes {exact_yuan(found.owed_fen)}, on hold {exact_yuan(found.held_fen)}, "
        f"limit {exact_yuan(found.limit_fen)}, may still hold {exact_yuan(found.free_fen)}"
    )
