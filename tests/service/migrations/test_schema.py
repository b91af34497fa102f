"""Migrations make exactly what the models say, on both databases, forwards and backwards."""

from __future__ import annotations

import ast
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from marketplace.kernel.db import Database
from marketplace.kernel.numbering import ChangeCounter, Log
from marketplace.operations import schema
from marketplace.tables import APPEND_ONLY, metadata
from tests.factories import make_enterprise, make_listing, make_room

VERSIONS = sorted((schema.ROOT / "migrations" / "versions").glob("*.py"))

CHECKS = {
    "ck_berth_class_capacity_positive": "capacity > 0",
    "ck_time_slot_minutes_and_capacity": "minutes > 0 AND capacity > 0",
    "ck_booking_days_in_order": "starts_on <= ends_on",
    "ck_booking_item_days_in_order": "first_day < last_day",
    "ck_booking_item_party_positive": "units > 0 AND adults > 0",
    "ck_booking_item_total_not_negative": "total_fen >= 0",
    "ck_booking_total_not_negative": "total_fen >= 0",
    "ck_ledger_entry_amount_not_zero": "amount_fen <> 0",
    "ck_listing_nights_in_order": "min_nights >= 1 AND min_nights <= max_nights",
    "ck_night_rate_price_positive": "list_fen > 0",
    "ck_payable_amount_positive": "amount_fen > 0",
    "ck_payment_amount_positive": "amount_fen > 0",
    "ck_payment_use_fen_positive": "fen > 0",
    "ck_refund_amount_positive": "amount_fen > 0",
    "ck_room_type_guests_in_order": "max_adults >= 1 AND max_adults <= max_guests",
    "ck_restriction_nights_positive": (
        "min_nights >= 1 AND max_nights >= 1"
        " AND min_nights_arrival >= 1 AND max_nights_arrival >= 1"
    ),
    "ck_booking_change_fee_not_negative": "fee_fen >= 0",
    "ck_stock_claim_nights_positive": "first_day < last_day",
    "ck_stock_claim_units_positive": "units > 0",
    "ck_stock_pool_owner_of_its_kind": (
        "kind = 'room' AND room_type_id IS NOT NULL AND time_slot_id IS NULL"
        " OR kind = 'slot' AND time_slot_id IS NOT NULL AND room_type_id IS NULL"
    ),
    "ck_stock_day_taken_within_capacity": "taken >= 0 AND taken <= capacity",
    "ck_tariff_one_owner": (
        "CASE WHEN room_type_id IS NULL THEN 0 ELSE 1 END"
        " + CASE WHEN listing_id IS NULL THEN 0 ELSE 1 END = 1"
    ),
}
TRIGGERS = {
    f"{table}_no_{verb}"
    for table in ("audit_entry", "audit_seal", "journal", "ledger_entry", "payment_use")
    for verb in ("update", "delete")
}


def checks(connection: sa.Connection) -> dict[str, str]:
    """The CHECK constraints of the database, written alike for both."""
    inspector = sa.inspect(connection)
    found: dict[str, str] = {}
    for table in inspector.get_table_names():
        for check in inspector.get_check_constraints(table):
            assert check["name"], f"{table} has a CHECK without a name"
            # PostgreSQL adds brackets and casts of its own.
            text = re.sub(r"::\w+|[()]", "", check["sqltext"])
            found[check["name"]] = " ".join(text.split())
    return found


def triggers(connection: sa.Connection) -> set[str]:
    query = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }[connection.dialect.name]
    return set(connection.scalars(sa.text(query)))


def test_the_migrations_make_exactly_the_models(database: Database) -> None:
    command.check(schema.config_for(database.url))


def test_a_model_without_its_migration_would_be_noticed(database: Database) -> None:
    with database.write() as session:
        session.execute(sa.text("ALTER TABLE partner DROP COLUMN credit_limit_fen"))
    with pytest.raises(CommandError, match="credit_limit_fen"):
        command.check(schema.config_for(database.url))


def test_checks_and_triggers_are_those_expected(database: Database) -> None:
    with database.read() as session:
        assert checks(session.connection()) == CHECKS
        assert triggers(session.connection()) == TRIGGERS


def test_the_expected_ones_are_those_of_the_models() -> None:
    named = {
        constraint.name: str(constraint.sqltext)
        for table in metadata.sorted_tables
        for constraint in table.constraints
        if isinstance(constraint, sa.CheckConstraint)
    }
    assert named == CHECKS
    assert {f"{table}_no_{verb}" for table in APPEND_ONLY for verb in ("update", "delete")} == (
        TRIGGERS
    )


def test_twice_is_harmless(database: Database) -> None:
    with database.write() as session:
        make_enterprise(session)
    schema.upgrade(database.url)
    with database.read() as session:
        assert schema.current(session.connection()) == schema.head(database.url)
        assert session.scalar(sa.text("SELECT count(*) FROM enterprise")) == 1
        assert checks(session.connection()) == CHECKS


def test_down_to_nothing_and_up_again(database: Database) -> None:
    command.downgrade(schema.config_for(database.url), "base")
    with database.read() as session:
        tables = set(sa.inspect(session.connection()).get_table_names())
        assert tables == {"alembic_version"}
        assert triggers(session.connection()) == set()
    schema.upgrade(database.url)
    command.check(schema.config_for(database.url))
    with database.read() as session:
        assert triggers(session.connection()) == TRIGGERS
        assert all(session.get(ChangeCounter, log) is not None for log in Log)


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_a_migration_imports_nothing_of_the_application(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add((node.module or "").partition(".")[0])
    standard = {"__future__", "collections", "datetime", "json", "typing", "zlib"}
    assert imported <= standard | {"sqlalchemy", "alembic"}


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_a_migration_bears_its_number(path: Path) -> None:
    assert re.fullmatch(r"\d{4}_[a-z0-9_]+", path.stem)
    assert f'revision = "{path.stem}"' in path.read_text(encoding="utf-8")


NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "9999_next"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("{table}", recreate="always") as table:
        table.add_column(sa.Column("remark", sa.String(20), nullable=True))
    {more}


def downgrade():
    pass
"""


@pytest.fixture
def next_revision(database: Database, tmp_path: Path) -> Callable[..., Config]:
    """Write one more revision, in a copy, that rebuilds a table; gives what runs it."""
    folder = tmp_path / "migrations"
    shutil.copytree(schema.ROOT / "migrations", folder)

    def write(table: str, more: str = "pass") -> Config:
        before = schema.head(database.url)
        text = NEXT.format(before=before, table=table, more=more)
        (folder / "versions" / "9999_next.py").write_text(text, encoding="utf-8")
        config = schema.config_for(database.url)
        config.set_main_option("script_location", str(folder))
        return config

    return write


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
class TestRebuilding:
    """SQLite alters by building the table anew; what hangs on it must stay."""

    @pytest.fixture(autouse=True)
    def filled(self, database: Database) -> None:
        with database.write() as session:
            make_room(
                session, listing_id=make_listing(session, enterprise_id=make_enterprise(session))
            )

    def counts(self, database: Database) -> dict[str, int]:
        with database.read() as session:
            return {
                name: session.scalar(sa.text(f'SELECT count(*) FROM "{name}"')) or 0
                for name in metadata.tables
            }

    @pytest.mark.parametrize("table", ["enterprise", "listing", "room_type", "stock_pool"])
    def test_children_stay(
        self, database: Database, next_revision: Callable[..., Config], table: str
    ) -> None:
        before = self.counts(database)
        assert before["stock_day"] == before["night_rate"] == 120
        command.upgrade(next_revision(table), "head")
        assert self.counts(database) == before
        with database.read() as session:
            assert session.execute(sa.text(f"SELECT remark FROM {table}")).all() == [(None,)]
            found = checks(session.connection())
            assert {name: text for name, text in found.items() if name in CHECKS} == CHECKS

    def test_rows_that_refer_to_nothing_stop_it_and_nothing_has_happened(
        self, database: Database, next_revision: Callable[..., Config]
    ) -> None:
        before = self.counts(database)
        config = next_revision("listing", "op.execute('DELETE FROM enterprise')")
        with pytest.raises(RuntimeError, match="refer to nothing"):
            command.upgrade(config, "head")
        assert self.counts(database) == before
        with database.read() as session:
            assert schema.current(session.connection()) == schema.head(database.url)

    def test_a_statement_that_fails_undoes_all_before_it(
        self, database: Database, next_revision: Callable[..., Config]
    ) -> None:
        config = next_revision("listing", "op.execute('no statement at all')")
        with pytest.raises(sa.exc.OperationalError):
            command.upgrade(config, "head")
        with closing(sqlite3.connect(str(database.url.database))) as connection:
            columns = [row[1] for row in connection.execute("PRAGMA table_info(listing)")]
        assert "remark" not in columns
