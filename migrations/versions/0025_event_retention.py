"""An event says from when it is looked at whether it is still needed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025_event_retention"
down_revision = "0024_wrong_codes"
branch_labels = None
depends_on = None

DUE = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("event", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    # Each one is looked at once soon: only its sweep knows how long it stays.
    op.execute("UPDATE event SET due_at = at")
    op.create_index("ix_event_due", "event", ["due_at"], sqlite_where=DUE, postgresql_where=DUE)


def downgrade() -> None:
    op.drop_index("ix_event_due", table_name="event")
    # The product of before reads everything in a stream; what was withdrawn is in none.
    with op.batch_alter_table("event") as batch_op:
        batch_op.drop_column("due_at")
