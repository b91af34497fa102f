"""The simulated gateway's own tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007_simulated_gateway"
down_revision = "0006_payments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "simulated_event",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("payment_ref", sa.String(length=40), nullable=True),
        sa.Column("refund_ref", sa.String(length=40), nullable=True),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_simulated_event")),
    )
    op.create_table(
        "simulated_payment",
        sa.Column("ref", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("return_url", sa.String(length=500), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_fen", sa.BigInteger(), nullable=True),
        sa.Column("refund_fails", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_simulated_payment")),
        sa.UniqueConstraint("key", name=op.f("uq_simulated_payment_key")),
        sa.UniqueConstraint("token", name=op.f("uq_simulated_payment_token")),
    )
    op.create_table(
        "simulated_refund",
        sa.Column("ref", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("payment_ref", sa.String(length=40), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_ref"], ["simulated_payment.ref"], name=op.f("fk_simulated_refund_payment_ref")
        ),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_simulated_refund")),
        sa.UniqueConstraint("key", name=op.f("uq_simulated_refund_key")),
    )
    with op.batch_alter_table("simulated_refund", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_simulated_refund_payment_ref"), ["payment_ref"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("simulated_refund", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_simulated_refund_payment_ref"))
    op.drop_table("simulated_refund")
    op.drop_table("simulated_payment")
    op.drop_table("simulated_event")
