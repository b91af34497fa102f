"""What we add for the operator of a rehoused guest is of the item that costs more.

So far every booking that was rehoused had one item: its lowest.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040_item_topups"
down_revision = "0039_change_items"
branch_labels = None
depends_on = None

BOOKINGS = sa.table("booking", sa.column("id", sa.String), sa.column("topup_fen", sa.BigInteger))
ITEMS = sa.table(
    "booking_item",
    sa.column("booking_id", sa.String),
    sa.column("number", sa.Integer),
    sa.column("topup_fen", sa.BigInteger),
)


def upgrade() -> None:
    _add("booking_item")
    other = ITEMS.alias()
    lowest = sa.select(sa.func.min(other.c.number)).where(other.c.booking_id == ITEMS.c.booking_id)
    theirs = sa.select(BOOKINGS.c.topup_fen).where(BOOKINGS.c.id == ITEMS.c.booking_id)
    op.execute(
        ITEMS.update()
        .where(ITEMS.c.number == lowest.scalar_subquery())
        .values(topup_fen=theirs.scalar_subquery())
    )
    with op.batch_alter_table("booking") as table:
        table.drop_column("topup_fen")


def downgrade() -> None:
    _add("booking")
    theirs = sa.select(sa.func.coalesce(sa.func.sum(ITEMS.c.topup_fen), 0)).where(
        ITEMS.c.booking_id == BOOKINGS.c.id
    )
    op.execute(BOOKINGS.update().values(topup_fen=theirs.scalar_subquery()))
    with op.batch_alter_table("booking_item") as table:
        table.drop_column("topup_fen")


def _add(name: str) -> None:
    with op.batch_alter_table(name) as table:
        table.add_column(
            sa.Column("topup_fen", sa.BigInteger(), nullable=False, server_default="0")
        )
    # The default was for the rows that stood there already.
    with op.batch_alter_table(name) as table:
        table.alter_column("topup_fen", existing_type=sa.BigInteger(), server_default=None)
