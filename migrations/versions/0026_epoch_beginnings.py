"""An epoch of the logs says above which number it begins."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026_epoch_beginnings"
down_revision = "0025_event_retention"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("log_epoch", sa.Column("began_after", sa.BigInteger(), nullable=True))
    # Until now each began at its very first number.
    op.execute("UPDATE log_epoch SET began_after = epoch * 1099511627776")
    with op.batch_alter_table("log_epoch") as batch_op:
        batch_op.alter_column("began_after", existing_type=sa.BigInteger(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("log_epoch") as batch_op:
        batch_op.drop_column("began_after")
