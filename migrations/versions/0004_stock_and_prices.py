"""Stock and prices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004_stock_and_prices"
down_revision = "0003_people"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "night_rate",
        sa.Column(
            "room_type_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("list_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("list_fen > 0", name=op.f("ck_night_rate_price_positive")),
        sa.ForeignKeyConstraint(
            ["room_type_id"], ["room_type.id"], name=op.f("fk_night_rate_room_type_id")
        ),
        sa.PrimaryKeyConstraint("room_type_id", "day", name=op.f("pk_night_rate")),
    )
    op.create_table(
        "stay_discount",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "room_type_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("min_nights", sa.Integer(), nullable=False),
        sa.Column("off_bp", sa.Integer(), nullable=False),
        sa.CheckConstraint("min_nights > 1", name=op.f("ck_stay_discount_nights_sensible")),
        sa.CheckConstraint(
            "off_bp > 0 AND off_bp < 10000", name=op.f("ck_stay_discount_discount_sensible")
        ),
        sa.ForeignKeyConstraint(
            ["room_type_id"], ["room_type.id"], name=op.f("fk_stay_discount_room_type_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stay_discount")),
        sa.UniqueConstraint(
            "room_type_id", "min_nights", name=op.f("uq_stay_discount_room_type_id_min_nights")
        ),
    )
    op.create_table(
        "stock_pool",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column(
            "room_type_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "enterprise_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_stock_pool_enterprise_id")
        ),
        sa.ForeignKeyConstraint(
            ["room_type_id"], ["room_type.id"], name=op.f("fk_stock_pool_room_type_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_pool")),
        sa.UniqueConstraint("room_type_id", name=op.f("uq_stock_pool_room_type_id")),
    )
    with op.batch_alter_table("stock_pool", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_stock_pool_enterprise_id"), ["enterprise_id"], unique=False
        )
    op.create_table(
        "stock_claim",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pool_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("holder", sa.String(length=32), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("first_day < last_day", name=op.f("ck_stock_claim_nights_positive")),
        sa.CheckConstraint("units > 0", name=op.f("ck_stock_claim_units_positive")),
        sa.ForeignKeyConstraint(
            ["pool_id"], ["stock_pool.id"], name=op.f("fk_stock_claim_pool_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_claim")),
    )
    with op.batch_alter_table("stock_claim", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stock_claim_holder"), ["holder"], unique=False)
        batch_op.create_index(
            "ix_stock_claim_live", ["pool_id", "first_day", "last_day"], unique=False
        )
    op.create_table(
        "stock_day",
        sa.Column("pool_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "taken >= 0 AND taken <= capacity", name=op.f("ck_stock_day_taken_within_capacity")
        ),
        sa.ForeignKeyConstraint(["pool_id"], ["stock_pool.id"], name=op.f("fk_stock_day_pool_id")),
        sa.PrimaryKeyConstraint("pool_id", "day", name=op.f("pk_stock_day")),
    )


def downgrade() -> None:
    op.drop_table("stock_day")
    with op.batch_alter_table("stock_claim", schema=None) as batch_op:
        batch_op.drop_index("ix_stock_claim_live")
        batch_op.drop_index(batch_op.f("ix_stock_claim_holder"))
    op.drop_table("stock_claim")
    with op.batch_alter_table("stock_pool", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stock_pool_enterprise_id"))
    op.drop_table("stock_pool")
    op.drop_table("stay_discount")
    op.drop_table("night_rate")
