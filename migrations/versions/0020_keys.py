"""Fingerprints of the keys, and the key that each seal of the audit trail was made with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020_keys"
down_revision = "0019_holds_and_keys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "key_print",
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("key_id", sa.String(length=8), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("purpose", "key_id", name=op.f("pk_key_print")),
    )
    # Not in a batch: rebuilding the table would drop the triggers that protect its rows. The seals
    # that stand there were made without a key, and stay so.
    op.add_column("audit_seal", sa.Column("key_id", sa.String(length=8), nullable=True))


def downgrade() -> None:
    op.drop_column("audit_seal", "key_id")
    op.drop_table("key_print")
