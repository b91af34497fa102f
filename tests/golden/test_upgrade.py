"""A filled database of an earlier revision says the same after it is brought up to date."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic import command

from marketplace.kernel.db import Database
from marketplace.operations import schema
from tests.golden import dump, record, rows
from tests.golden.filling import facts_at

BEFORE = "0023_assignments"
"""The revision that the restructuring began at."""


USE_WHAT_IS_IN_SUSPENSE = """
INSERT INTO payment_use SELECT id, payable_id, paid_fen, paid_at FROM payment
WHERE state = 'succeeded' AND id NOT IN (SELECT payment_id FROM payment_use)
"""


@pytest.fixture
def old(database: Database) -> sa.URL:
    """A database at that revision, filled with the story."""
    command.downgrade(schema.config_for(database.url), BEFORE)
    dump.load(database.url, BEFORE)
    return database.url


def assert_as_kept(url: sa.URL) -> None:
    before = {name: "\n".join(lines) for name, lines in dump.facts_of(BEFORE).items()}
    after = {name: "\n".join(lines) for name, lines in facts_at(url).items()}
    if found := record.differences(before, after):
        pytest.fail("\n".join(found), pytrace=False)


def test_every_row_is_as_it_was_up_and_down_and_up_again(old: sa.URL) -> None:
    schema.upgrade(old)
    assert_as_kept(old)
    command.downgrade(schema.config_for(old), BEFORE)
    schema.upgrade(old)
    assert_as_kept(old)


def test_nothing_of_it_refers_to_nothing(old: sa.URL) -> None:
    """The dump is whole: each reference of each row leads somewhere."""
    schema.upgrade(old)
    engine = sa.create_engine(old, poolclass=sa.NullPool)
    with engine.connect() as connection:
        inspector = sa.inspect(connection)
        lost = [
            f"{table}.{key['constrained_columns']}"
            for table in inspector.get_table_names()
            for key in inspector.get_foreign_keys(table)
            if connection.exec_driver_sql(_orphans(table, key)).scalar()
        ]
    engine.dispose()
    assert lost == []


def _orphans(table: str, key: dict[str, object]) -> str:
    own, theirs = key["constrained_columns"], key["referred_columns"]
    assert isinstance(own, list)
    assert isinstance(theirs, list)
    same = " AND ".join(f'b."{t}" = a."{o}"' for o, t in zip(own, theirs, strict=True))
    given = " AND ".join(f'a."{o}" IS NOT NULL' for o in own)
    return (
        f'SELECT count(*) FROM "{table}" a WHERE {given}'
        f' AND NOT EXISTS (SELECT 1 FROM "{key["referred_table"]}" b WHERE {same})'
    )


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("change", "subject"),
    [
        ("UPDATE booking_part SET sold_fen = sold_fen + 1 WHERE earned_at IS NULL", "nights"),
        ("DELETE FROM stock_claim WHERE id = (SELECT max(id) FROM stock_claim)", "claims"),
        ("UPDATE stock_day SET taken = taken - 1 WHERE taken > 0", "stock days"),
        (USE_WHAT_IS_IN_SUSPENSE, "payments"),
    ],
)  # fmt: skip
def test_a_migration_that_loses_something_is_seen(old: sa.URL, change: str, subject: str) -> None:
    """The comparison itself, with rows that a careless migration would leave behind."""
    schema.upgrade(old)
    database = Database(old)
    with database.write() as session:
        session.execute(sa.text(change))
        after = rows.facts(session.connection())[subject]
        session.rollback()
    database.dispose()
    assert after != dump.facts_of(BEFORE)[subject]
