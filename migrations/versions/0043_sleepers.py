"""An item says who sleeps in its rooms, encrypted, where the traveller said so."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043_sleepers"
down_revision = "0042_return_rooms"
branch_labels = None
depends_on = None

ITEMS = sa.table("booking_item", sa.column("sleepers", sa.Text))


def upgrade() -> None:
    with op.batch_alter_table("booking_item") as table:
        table.add_column(sa.Column("sleepers", sa.Text(), nullable=True))


def downgrade() -> None:
    said = sa.select(sa.func.count()).where(ITEMS.c.sleepers.is_not(None))
    if op.get_bind().scalar(said):
        raise RuntimeError("who sleeps where cannot be told by the tables of before")
    with op.batch_alter_table("booking_item") as table:
        table.drop_column("sleepers")
