"""What a guest needs to arrive at a house: its telephone, from when, and the way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022_house_details"
down_revision = "0021_galleries"
branch_labels = None
depends_on = None

COLUMNS = {"phone": 40, "arrive_from": 5, "way_zh": 200}


def upgrade() -> None:
    with op.batch_alter_table("site") as table:
        for name, length in COLUMNS.items():
            table.add_column(
                sa.Column(name, sa.String(length=length), nullable=False, server_default="")
            )
    with op.batch_alter_table("site") as table:
        for name in COLUMNS:
            table.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("site") as table:
        for name in COLUMNS:
            table.drop_column(name)
