"""What money was used for is a row; what no use claims is in suspense, without a flag."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0032_payment_uses"
down_revision = "0031_booking_items"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def _table(name: str, *groups: tuple[Any, str]) -> Any:
    return sa.table(
        name, *(sa.column(column, kind) for kind, columns in groups for column in columns.split())
    )


payment = _table(
    "payment",
    (sa.String, "id booking_id state key currency"),
    (KEY, "payable_id"),
    (sa.BigInteger, "amount_fen paid_fen"),
    (MOMENT, "created_at paid_at"),
    (sa.Boolean, "in_suspense"),
)
payable = _table(
    "payable",
    (KEY, "id"),
    (sa.String, "booking_id kind subject_id currency state"),
    (sa.Integer, "number part"),
    (sa.BigInteger, "amount_fen"),
    (MOMENT, "due_at opened_at ended_at"),
)
use = _table(
    "payment_use",
    (sa.String, "payment_id"),
    (KEY, "payable_id"),
    (sa.BigInteger, "fen"),
    (MOMENT, "made_at"),
)
refund = _table("refund", (sa.String, "id payment_id reason source"))
USED = (payment.c.state == "succeeded", payment.c.in_suspense.is_(sa.false()))


def make_append_only(table: str, dialect: str) -> list[str]:
    """Return the statements that make a table refuse UPDATE and DELETE."""
    how = (
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        if dialect == "sqlite"
        else "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    return [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} {how}"
        for verb in ("UPDATE", "DELETE")
    ]


def upgrade() -> None:
    op.create_table(
        "payment_use",
        sa.Column("payment_id", sa.String(length=32), nullable=False),
        sa.Column("payable_id", KEY, nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.CheckConstraint("fen > 0", name=op.f("ck_payment_use_fen_positive")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_payment_use_payment_id")
        ),
        sa.ForeignKeyConstraint(
            ["payable_id"], ["payable.id"], name=op.f("fk_payment_use_payable_id")
        ),
        sa.PrimaryKeyConstraint("payment_id", "payable_id", name=op.f("pk_payment_use")),
    )
    op.create_index("ix_payment_use_payable_id", "payment_use", ["payable_id"])
    for second in _paid_again():
        _give_its_own(second)
    op.execute(
        sa.insert(use).from_select(
            ["payment_id", "payable_id", "fen", "made_at"],
            sa.select(
                payment.c.id,
                payment.c.payable_id,
                payment.c.paid_fen,
                sa.func.coalesce(payment.c.paid_at, payment.c.created_at),
            ).where(*USED),
        )
    )
    for statement in make_append_only("payment_use", op.get_bind().dialect.name):
        op.execute(statement)
    op.add_column("refund", sa.Column("source", sa.String(length=32), nullable=True))
    suspended = sa.exists().where(
        payment.c.id == refund.c.payment_id, payment.c.in_suspense.is_(sa.true())
    )
    op.execute(sa.update(refund).values(source=sa.case((suspended, "suspense"), else_="prepaid")))
    with op.batch_alter_table("refund") as table:
        table.alter_column("source", existing_type=sa.String(length=32), nullable=False)
    with op.batch_alter_table("payment") as table:
        table.drop_column("in_suspense")


def _paid_again() -> list[Any]:
    """Return the payments of what another had paid already: they were given back at once."""
    late = sa.exists().where(refund.c.payment_id == payment.c.id, refund.c.reason == "late_payment")
    paid = op.get_bind().execute(
        sa.select(payment)
        .where(*USED)
        .order_by(sa.case((late, 1), else_=0), payment.c.paid_at, payment.c.key)
    )
    seen: set[int] = set()
    again = []
    for found in paid.all():
        if found.payable_id in seen:
            again.append(found)
        seen.add(found.payable_id)
    return again


def _give_its_own(found: Any) -> None:
    """Give a payment a payable of its own sum, which nobody is asked for any more."""
    connection = op.get_bind()
    last = connection.scalar(
        sa.select(sa.func.max(payable.c.number)).where(payable.c.booking_id == found.booking_id)
    )
    of = connection.execute(sa.select(payable).where(payable.c.id == found.payable_id)).one()
    connection.execute(
        sa.insert(payable).values(
            booking_id=found.booking_id,
            number=last + 1,
            kind=of.kind,
            subject_id=of.subject_id,
            part=of.part,
            amount_fen=found.amount_fen,
            currency=found.currency,
            due_at=of.due_at,
            state="void",
            opened_at=found.created_at,
            ended_at=found.paid_at,
        )
    )
    own = sa.select(payable.c.id).where(
        payable.c.booking_id == found.booking_id, payable.c.number == last + 1
    )
    connection.execute(
        sa.update(payment).where(payment.c.id == found.id).values(payable_id=own.scalar_subquery())
    )


def downgrade() -> None:
    op.add_column(
        "payment",
        sa.Column("in_suspense", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    unused = ~sa.exists().where(use.c.payment_id == payment.c.id)
    op.execute(
        sa.update(payment)
        .where(payment.c.state == "succeeded", unused)
        .values(in_suspense=sa.true())
    )
    with op.batch_alter_table("payment") as table:
        table.alter_column(
            "in_suspense",
            existing_type=sa.Boolean(),
            existing_nullable=False,
            server_default=None,
        )
    with op.batch_alter_table("refund") as table:
        table.drop_column("source")
    op.drop_table("payment_use")
