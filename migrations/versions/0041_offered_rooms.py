"""An offer of another place names a room for each item of the booking.

So far every booking that was offered one had one item.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041_offered_rooms"
down_revision = "0040_item_topups"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNIQUE = "uq_rehousing_offer_rehousing_id_room_type_id"
TYPE = "fk_rehousing_offer_room_type_id"
OFFERS = sa.table(
    "rehousing_offer",
    sa.column("id", KEY),
    sa.column("rehousing_id", KEY),
    sa.column("room_type_id", KEY),
    sa.column("total_fen", sa.BigInteger),
)
ROOMS = sa.table(
    "offered_room",
    sa.column("offer_id", KEY),
    sa.column("item", sa.Integer),
    sa.column("room_type_id", KEY),
    sa.column("total_fen", sa.BigInteger),
)
REHOUSINGS = sa.table("rehousing", sa.column("id", KEY), sa.column("booking_id", sa.String))
ITEMS = sa.table(
    "booking_item", sa.column("booking_id", sa.String), sa.column("number", sa.Integer)
)


def upgrade() -> None:
    op.create_table(
        "offered_room",
        sa.Column("offer_id", KEY, nullable=False),
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("room_type_id", KEY, nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["rehousing_offer.id"], name=op.f("fk_offered_room_offer_id")
        ),
        sa.ForeignKeyConstraint(
            ["room_type_id"], ["room_type.id"], name=op.f("fk_offered_room_room_type_id")
        ),
        sa.PrimaryKeyConstraint("offer_id", "item", name=op.f("pk_offered_room")),
    )
    lowest = (
        sa.select(sa.func.min(ITEMS.c.number))
        .where(ITEMS.c.booking_id == REHOUSINGS.c.booking_id)
        .scalar_subquery()
    )
    op.execute(
        ROOMS.insert().from_select(
            ["offer_id", "item", "room_type_id", "total_fen"],
            sa.select(OFFERS.c.id, lowest, OFFERS.c.room_type_id, OFFERS.c.total_fen).join(
                REHOUSINGS, REHOUSINGS.c.id == OFFERS.c.rehousing_id
            ),
        )
    )
    with op.batch_alter_table("rehousing_offer") as table:
        table.drop_constraint(UNIQUE, type_="unique")
        table.drop_constraint(TYPE, type_="foreignkey")
        table.drop_column("room_type_id")
        table.drop_column("total_fen")


def downgrade() -> None:
    rooms = sa.select(ROOMS.c.offer_id).group_by(ROOMS.c.offer_id).having(sa.func.count() > 1)
    if op.get_bind().execute(rooms).first():
        raise RuntimeError("an offer of several rooms cannot be told by the tables of before")
    with op.batch_alter_table("rehousing_offer") as table:
        table.add_column(sa.Column("room_type_id", KEY, nullable=True))
        table.add_column(sa.Column("total_fen", sa.BigInteger(), nullable=True))
    for name in ("room_type_id", "total_fen"):
        theirs = sa.select(ROOMS.c[name]).where(ROOMS.c.offer_id == OFFERS.c.id)
        op.execute(OFFERS.update().values({name: theirs.scalar_subquery()}))
    op.drop_table("offered_room")
    with op.batch_alter_table("rehousing_offer") as table:
        table.alter_column("room_type_id", existing_type=KEY, nullable=False)
        table.alter_column("total_fen", existing_type=sa.BigInteger(), nullable=False)
        table.create_foreign_key(TYPE, "room_type", ["room_type_id"], ["id"])
        table.create_unique_constraint(UNIQUE, ["rehousing_id", "room_type_id"])
