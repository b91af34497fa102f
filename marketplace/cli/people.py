"""Commands about accounts, partners and what is paid to people."""

from __future__ import annotations

import click

from marketplace.cli.base import AS, actor_of, fail, named, say, services
from marketplace.cli.values import YUAN, Whole
from marketplace.kernel.errors import DomainError
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.partners import keys
from marketplace.payments.refunds import bank_refunds
from marketplace.staff.demo_accounts import DEMO_ACCOUNTS, demo_accounts, enterprise_by_code
from marketplace.staff.passwords import new_password
from marketplace.staff.roles import Role
from marketplace.staff.service import NewUser, add_user


@click.command("demo-accounts")
def demo_accounts_command() -> None:
    """Make the demo sign-ins, once, and print them. Refused in production."""
    own = services()
    if own.settings.production:
        raise click.ClickException("demo accounts are not for production")
    path = own.settings.state_dir / DEMO_ACCOUNTS
    with own.database.write() as session:
        lines = demo_accounts(session, path=path, now=own.clock.now())
    for line in lines:
        say(line)
    say("codes change every 30 seconds: this command says the next, an authenticator app too")


@click.command("user-add")
@click.argument("login")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--enterprise", help="directory code of the enterprise, for operators")
@click.option("--password", help="made and printed once when left out")
@AS
def user_add(
    login: str, role: str, enterprise: str | None, password: str | None, who: str | None
) -> None:
    """Make a staff account; without a password one is made and printed once."""
    own = services()
    given = password or new_password()
    try:
        with own.database.write() as session:
            add_user(
                session,
                NewUser(
                    login=login,
                    password=given,
                    role=Role(role),
                    enterprise_id=enterprise_by_code(session, enterprise) if enterprise else None,
                ),
                now=own.clock.now(),
                actor=actor_of(session, who),
            )
    except DomainError as error:
        fail(error)
    say(f"{login} added" + ("" if password else f", password: {given}"))


@click.command("partner-key")
@click.argument("name")
@click.option("--test", is_flag=True, help="its bookings take no real stock")
@click.option("--revoke", is_flag=True, help="end every key of this partner (of this kind)")
@click.option("--rotate", is_flag=True, help="issue a new key; older ones work 7 more days")
@click.option("--credit", type=YUAN, help="credit limit in yuan")
@click.option(
    "--per-minute", type=Whole(1), default=600, show_default=True, help="requests a minute"
)
@AS
def partner_key(
    *,
    name: str,
    test: bool,
    revoke: bool,
    rotate: bool,
    credit: int | None,
    per_minute: int,
    who: str | None,
) -> None:
    """Issue an API key for a partner and print it, once."""
    own = services()
    try:
        with own.database.write() as session:
            actor = actor_of(session, who)
            if revoke:
                ended = keys.revoke(session, name=name, test=test, actor=actor, now=own.clock.now())
                say(f"{ended} keys revoked")
                return
            key = keys.issue(
                UnitOfWork(session, now=own.clock.now(), actor=actor, ids=own.ids),
                keys.NewKey(
                    name=name,
                    test=test,
                    rotate=rotate,
                    credit_limit_fen=credit,
                    per_minute=per_minute,
                ),
            )
    except DomainError as error:
        fail(error)
    say(key)


@click.command("refund-paid")
@click.argument("refund")
@click.argument("bank_reference")
@AS
def refund_paid(refund: str, bank_reference: str, who: str | None) -> None:
    """Note that REFUND was paid by bank transfer under BANK_REFERENCE."""
    own, name = services(), named(who)
    try:
        with own.database.write() as session:
            bank_refunds.record(
                session,
                refund_id=refund,
                bank_ref=bank_reference,
                actor=actor_of(session, name),
                now=own.clock.now(),
            )
    except DomainError as error:
        fail(error)
    say("recorded")
