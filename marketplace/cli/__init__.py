"""Commands: ``flask --app app …``. Each opens its own transactions, like any edge."""

from __future__ import annotations

from flask import Flask

from marketplace.cli import accounts, bookings, keeping, keys, loading, partners, people, prices
from marketplace.cli.base import DATA

__all__ = ["COMMANDS", "DATA", "set_up"]

COMMANDS = (
    loading.migrate,
    loading.import_directory_command,
    loading.load_data,
    loading.play_sample,
    loading.build_index,
    loading.sample,
    prices.prices,
    bookings.bookings,
    people.demo_accounts_command,
    people.user_add,
    accounts.accounts,
    people.partner_key,
    partners.partner,
    people.refund_paid,
    keeping.audit_command,
    keeping.backup_command,
    keeping.restore_command,
    keeping.anchor_command,
    keys.keys,
)


def set_up(app: Flask) -> None:
    """Add the commands to the application."""
    for command in COMMANDS:
        app.cli.add_command(command)
