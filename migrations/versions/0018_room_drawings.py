"""Which drawing stands for a room type."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018_room_drawings"
down_revision = "0017_sessions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("room_type") as table:
        table.add_column(
            sa.Column("illustration", sa.String(length=40), nullable=False, server_default="")
        )
    with op.batch_alter_table("room_type") as table:
        table.alter_column("illustration", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("room_type") as table:
        table.drop_column("illustration")
