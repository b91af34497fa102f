"""What is changed is a booking: the table of changes says so in its name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035_booking_changes"
down_revision = "0034_journal_payables"
branch_labels = None
depends_on = None

COLUMNS = (
    ("id", sa.String(32), False),
    ("booking_id", sa.String(32), False),
    ("number", sa.Integer(), False),
    ("kind", sa.String(32), False),
    ("state", sa.String(32), False),
    ("wish", sa.Text(), False),
    ("was", sa.Text(), False),
    ("cause", sa.String(32), True),
    ("difference_fen", sa.BigInteger(), False),
    ("fee_fen", sa.BigInteger(), False),
    ("made_at", sa.DateTime(timezone=True), False),
    ("expires_at", sa.DateTime(timezone=True), True),
    ("release_at", sa.DateTime(timezone=True), True),
    ("applied_at", sa.DateTime(timezone=True), True),
)


def upgrade() -> None:
    _move("stay_change", "booking_change")


def downgrade() -> None:
    _move("booking_change", "stay_change")


def _move(old: str, new: str) -> None:
    """Make the table anew, so that its keys and constraints are called after it on SQLite too."""
    op.create_table(
        new,
        *(sa.Column(name, kind, nullable=empty) for name, kind, empty in COLUMNS),
        sa.CheckConstraint("fee_fen >= 0", name=op.f(f"ck_{new}_fee_not_negative")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f(f"fk_{new}_booking_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{new}")),
        sa.UniqueConstraint("booking_id", "number", name=op.f(f"uq_{new}_booking_id_number")),
    )
    names = ", ".join(name for name, _, _ in COLUMNS)
    op.execute(sa.text(f"INSERT INTO {new} ({names}) SELECT {names} FROM {old}"))  # noqa: S608
    op.drop_table(old)
    op.create_index(f"ix_{new}_due", new, ["state", "release_at"])
