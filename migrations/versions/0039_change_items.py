"""A change says which item of its booking it changes, and keeps an item that was given up alone.

So far every booking that was changed had one item.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039_change_items"
down_revision = "0038_photo_problems"
branch_labels = None
depends_on = None

CHANGES = sa.table("booking_change", sa.column("item", sa.Integer), sa.column("kind", sa.String))


def upgrade() -> None:
    with op.batch_alter_table("booking_change") as table:
        table.add_column(sa.Column("item", sa.Integer(), nullable=False, server_default="1"))
        table.add_column(sa.Column("given_up", sa.Text(), nullable=False, server_default="null"))
    with op.batch_alter_table("booking_change") as table:
        table.alter_column("item", existing_type=sa.Integer(), server_default=None)
        table.alter_column("given_up", existing_type=sa.Text(), server_default=None)


def downgrade() -> None:
    several = sa.select(sa.func.count()).where(
        sa.or_(CHANGES.c.item != 1, CHANGES.c.kind == "cancel")
    )
    if op.get_bind().scalar(several):
        raise RuntimeError("changes of several items cannot be told by the tables of before")
    with op.batch_alter_table("booking_change") as table:
        table.drop_column("given_up")
        table.drop_column("item")
