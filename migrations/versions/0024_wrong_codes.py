"""How many codes of the second step of an account were wrong, and since when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024_wrong_codes"
down_revision = "0023_assignments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("staff_user") as batch:
        batch.add_column(
            sa.Column("wrong_codes", sa.Integer(), nullable=False, server_default=sa.text("0"))
        )
        batch.add_column(sa.Column("wrong_codes_since", sa.DateTime(timezone=True)))
    with op.batch_alter_table("staff_user") as batch:
        batch.alter_column("wrong_codes", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("staff_user") as batch:
        batch.drop_column("wrong_codes_since")
        batch.drop_column("wrong_codes")
