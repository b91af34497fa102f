"""What was typed in a form that came after its session, for half an hour."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027_kept_forms"
down_revision = "0026_epoch_beginnings"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "staff_kept_form",
        sa.Column("id", KEY, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["staff_user.id"], name="fk_staff_kept_form_user_id_staff_user"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_staff_kept_form"),
        sa.UniqueConstraint("digest", name="uq_staff_kept_form_digest"),
    )
    op.create_index("ix_staff_kept_form_user_id", "staff_kept_form", ["user_id"])


def downgrade() -> None:
    op.drop_table("staff_kept_form")
