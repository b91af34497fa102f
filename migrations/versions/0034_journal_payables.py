"""The journals of a payment, and of what goes back of it, name the payable that was paid."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034_journal_payables"
down_revision = "0033_selections"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
VERBS = ("UPDATE", "DELETE")
IDENTIFIER = 32
"""How many signs the identifiers of payments and refunds have; they follow the word in a key."""
journal = sa.table("journal", sa.column("key", sa.String), sa.column("payable_id", KEY))
payment = sa.table("payment", sa.column("id", sa.String), sa.column("payable_id", KEY))
refund = sa.table("refund", sa.column("id", sa.String), sa.column("payment_id", sa.String))


def upgrade() -> None:
    _let_change()
    with op.batch_alter_table("journal") as table:
        table.add_column(sa.Column("payable_id", KEY, nullable=True))
        table.create_foreign_key("fk_journal_payable_id", "payable", ["payable_id"], ["id"])
    paid = sa.select(payment.c.payable_id).where(payment.c.id == _named("pay:"))
    given_back = (
        sa.select(payment.c.payable_id)
        .join(refund, refund.c.payment_id == payment.c.id)
        .where(refund.c.id == _named("refund:"))
    )
    for word, of in (("pay:", paid), ("refund:", given_back)):
        op.execute(
            sa.update(journal)
            .where(journal.c.key.startswith(word))
            .values(payable_id=of.scalar_subquery())
        )
    _keep_as_is()


def _named(word: str) -> sa.ColumnElement[str]:
    return sa.func.substr(journal.c.key, len(word) + 1, IDENTIFIER)


def _let_change() -> None:
    of = "" if op.get_bind().dialect.name == "sqlite" else " ON journal"
    for verb in VERBS:
        op.execute(f"DROP TRIGGER journal_no_{verb.lower()}{of}")


def _keep_as_is() -> None:
    how = (
        "BEGIN SELECT RAISE(ABORT, 'journal is append-only'); END"
        if op.get_bind().dialect.name == "sqlite"
        else "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    for verb in VERBS:
        op.execute(f"CREATE TRIGGER journal_no_{verb.lower()} BEFORE {verb} ON journal {how}")


def downgrade() -> None:
    _let_change()
    with op.batch_alter_table("journal") as table:
        table.drop_constraint("fk_journal_payable_id", type_="foreignkey")
        table.drop_column("payable_id")
    _keep_as_is()
