"""Files wait to be found harmless, photographs to be made; what they weigh is counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015_uploads"
down_revision = "0014_stay_prices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("document", schema=None) as batch_op:
        # What is there was shown all the time.
        batch_op.add_column(
            sa.Column("state", sa.String(length=32), nullable=False, server_default="clean")
        )
        batch_op.create_index("ix_document_state", ["state"], unique=False)
    with op.batch_alter_table("photo", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("state", sa.String(length=32), nullable=False, server_default="ready")
        )
        batch_op.add_column(
            sa.Column("problem", sa.String(length=200), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("original", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("size", sa.Integer(), nullable=False, server_default="0"))
        batch_op.create_index("ix_photo_state", ["state"], unique=False)
    for table, columns in (
        ("document", ("state",)),
        ("photo", ("state", "problem", "tries", "size")),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                batch_op.alter_column(column, server_default=None)


def downgrade() -> None:
    # A photograph that is not made yet cannot be shown without these columns.
    op.execute(sa.text("DELETE FROM photo WHERE state <> 'ready'"))
    with op.batch_alter_table("photo", schema=None) as batch_op:
        batch_op.drop_index("ix_photo_state")
        for column in ("size", "tries", "original", "problem", "state"):
            batch_op.drop_column(column)
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index("ix_document_state")
        batch_op.drop_column("state")
