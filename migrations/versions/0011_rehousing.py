"""Rehousing of guests whose enterprise was suspended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011_rehousing"
down_revision = "0010_facts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rehousing",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("booking_id", sa.String(length=32), nullable=False),
        sa.Column(
            "suspension_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("check_in", sa.Date(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_rehousing_booking_id")
        ),
        sa.ForeignKeyConstraint(
            ["suspension_id"], ["suspension.id"], name=op.f("fk_rehousing_suspension_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rehousing")),
        sa.UniqueConstraint(
            "booking_id", "suspension_id", name=op.f("uq_rehousing_booking_id_suspension_id")
        ),
    )
    with op.batch_alter_table("rehousing", schema=None) as batch_op:
        batch_op.create_index("ix_rehousing_state", ["state", "check_in"], unique=False)
    op.create_table(
        "rehousing_offer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "rehousing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "room_type_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("km", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["rehousing_id"], ["rehousing.id"], name=op.f("fk_rehousing_offer_rehousing_id")
        ),
        sa.ForeignKeyConstraint(
            ["room_type_id"], ["room_type.id"], name=op.f("fk_rehousing_offer_room_type_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rehousing_offer")),
        sa.UniqueConstraint(
            "rehousing_id",
            "room_type_id",
            name=op.f("uq_rehousing_offer_rehousing_id_room_type_id"),
        ),
    )
    with op.batch_alter_table("rehousing_offer", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_rehousing_offer_rehousing_id"), ["rehousing_id"], unique=False
        )
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "source_province",
                sa.String(length=20),
                nullable=False,
                server_default=sa.text("''"),
            )
        )
        batch_op.add_column(
            sa.Column("topup_fen", sa.BigInteger(), nullable=False, server_default=sa.text("'0'"))
        )
    # The defaults were for the rows that stood there already.
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.alter_column("source_province", server_default=None)
        batch_op.alter_column("topup_fen", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.drop_column("topup_fen")
        batch_op.drop_column("source_province")
    with op.batch_alter_table("rehousing_offer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rehousing_offer_rehousing_id"))
    op.drop_table("rehousing_offer")
    with op.batch_alter_table("rehousing", schema=None) as batch_op:
        batch_op.drop_index("ix_rehousing_state")
    op.drop_table("rehousing")
