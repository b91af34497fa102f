"""Pools belong to room types or to times of an activity, and their kind says to which."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028_pool_owners"
down_revision = "0027_kept_forms"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OWNER_OF_ITS_KIND = (
    "kind = 'room' AND room_type_id IS NOT NULL AND time_slot_id IS NULL"
    " OR kind = 'slot' AND time_slot_id IS NOT NULL AND room_type_id IS NULL"
)


def upgrade() -> None:
    with op.batch_alter_table("stock_pool") as table:
        table.alter_column("room_type_id", existing_type=KEY, nullable=True)
        table.add_column(sa.Column("time_slot_id", KEY, nullable=True))
        table.create_foreign_key(
            "fk_stock_pool_time_slot_id", "time_slot", ["time_slot_id"], ["id"]
        )
        table.create_unique_constraint("uq_stock_pool_time_slot_id", ["time_slot_id"])
        table.create_check_constraint(
            op.f("ck_stock_pool_owner_of_its_kind"), sa.text(OWNER_OF_ITS_KIND)
        )


def downgrade() -> None:
    # Before, nothing but rooms could have stock.
    pool = sa.table("stock_pool", sa.column("id"), sa.column("kind"))
    slots = sa.select(pool.c.id).where(pool.c.kind == "slot")
    for name in ("stock_claim", "stock_day"):
        held = sa.table(name, sa.column("pool_id"))
        op.execute(sa.delete(held).where(held.c.pool_id.in_(slots)))
    op.execute(sa.delete(pool).where(pool.c.kind == "slot"))
    with op.batch_alter_table("stock_pool") as table:
        table.drop_constraint(op.f("ck_stock_pool_owner_of_its_kind"), type_="check")
        table.drop_constraint("uq_stock_pool_time_slot_id", type_="unique")
        table.drop_constraint("fk_stock_pool_time_slot_id", type_="foreignkey")
        table.drop_column("time_slot_id")
        table.alter_column("room_type_id", existing_type=KEY, nullable=False)
