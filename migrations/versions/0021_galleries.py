"""What a photograph shows, a room type or a part of the house, and what must stay in sight."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021_galleries"
down_revision = "0020_keys"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("photo") as table:
        table.add_column(sa.Column("room_type_id", KEY, nullable=True))
        # What is there was shown as of the whole house, and cut through the middle.
        table.add_column(
            sa.Column("subject", sa.String(length=32), nullable=False, server_default="house")
        )
        table.add_column(
            sa.Column("focus", sa.String(length=32), nullable=False, server_default="centre")
        )
        table.create_index("ix_photo_room_type_id", ["room_type_id"])
        table.create_foreign_key("fk_photo_room_type_id", "room_type", ["room_type_id"], ["id"])
    with op.batch_alter_table("photo") as table:
        table.alter_column("subject", server_default=None)
        table.alter_column("focus", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("photo") as table:
        table.drop_constraint("fk_photo_room_type_id", type_="foreignkey")
        table.drop_index("ix_photo_room_type_id")
        for column in ("focus", "subject", "room_type_id"):
            table.drop_column(column)
