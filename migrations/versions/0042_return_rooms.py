"""The same rooms next summer are kept for each item of a stay.

So far every stay that earned the right had one item.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042_return_rooms"
down_revision = "0041_offered_rooms"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TO_TYPE, TO_POOL = "fk_return_right_room_type_id", "fk_return_right_pool_id"
RIGHTS = sa.table(
    "return_right",
    sa.column("id", KEY),
    sa.column("booking_id", sa.String),
    sa.column("room_type_id", KEY),
    sa.column("pool_id", KEY),
    sa.column("rooms", sa.Integer),
)
ROOMS = sa.table(
    "return_room",
    sa.column("right_id", KEY),
    sa.column("item", sa.Integer),
    sa.column("room_type_id", KEY),
    sa.column("pool_id", KEY),
    sa.column("units", sa.Integer),
)
ITEMS = sa.table(
    "booking_item", sa.column("booking_id", sa.String), sa.column("number", sa.Integer)
)
COLUMNS = (("room_type_id", "room_type_id", KEY), ("pool_id", "pool_id", KEY))
COUNT = ("rooms", "units", sa.Integer())


def upgrade() -> None:
    op.create_table(
        "return_room",
        sa.Column("right_id", KEY, nullable=False),
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("room_type_id", KEY, nullable=False),
        sa.Column("pool_id", KEY, nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["right_id"], ["return_right.id"], name=op.f("fk_return_room_right_id")
        ),
        sa.ForeignKeyConstraint(
            ["room_type_id"], ["room_type.id"], name=op.f("fk_return_room_room_type_id")
        ),
        sa.ForeignKeyConstraint(
            ["pool_id"], ["stock_pool.id"], name=op.f("fk_return_room_pool_id")
        ),
        sa.PrimaryKeyConstraint("right_id", "item", name=op.f("pk_return_room")),
    )
    lowest = (
        sa.select(sa.func.min(ITEMS.c.number))
        .where(ITEMS.c.booking_id == RIGHTS.c.booking_id)
        .scalar_subquery()
    )
    op.execute(
        ROOMS.insert().from_select(
            ["right_id", "item", "room_type_id", "pool_id", "units"],
            sa.select(RIGHTS.c.id, lowest, RIGHTS.c.room_type_id, RIGHTS.c.pool_id, RIGHTS.c.rooms),
        )
    )
    with op.batch_alter_table("return_right") as table:
        table.drop_constraint(TO_TYPE, type_="foreignkey")
        table.drop_constraint(TO_POOL, type_="foreignkey")
        for name, _, _ in (*COLUMNS, COUNT):
            table.drop_column(name)


def downgrade() -> None:
    rooms = sa.select(ROOMS.c.right_id).group_by(ROOMS.c.right_id).having(sa.func.count() > 1)
    if op.get_bind().execute(rooms).first():
        raise RuntimeError("a right to several rooms cannot be told by the tables of before")
    with op.batch_alter_table("return_right") as table:
        for name, _, kind in (*COLUMNS, COUNT):
            table.add_column(sa.Column(name, kind, nullable=True))
    for name, theirs, _ in (*COLUMNS, COUNT):
        found = sa.select(ROOMS.c[theirs]).where(ROOMS.c.right_id == RIGHTS.c.id)
        op.execute(RIGHTS.update().values({name: found.scalar_subquery()}))
    op.drop_table("return_room")
    with op.batch_alter_table("return_right") as table:
        for name, _, kind in (*COLUMNS, COUNT):
            table.alter_column(name, existing_type=kind, nullable=False)
        table.create_foreign_key(TO_TYPE, "room_type", ["room_type_id"], ["id"])
        table.create_foreign_key(TO_POOL, "stock_pool", ["pool_id"], ["id"])
