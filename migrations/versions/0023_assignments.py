"""Which colleague of the office looks after an enterprise."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023_assignments"
down_revision = "0022_house_details"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "assignment",
        sa.Column("enterprise_id", KEY, autoincrement=False, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name="fk_assignment_enterprise_id_enterprise"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["staff_user.id"], name="fk_assignment_user_id_staff_user"
        ),
        sa.PrimaryKeyConstraint("enterprise_id", name="pk_assignment"),
    )
    op.create_index("ix_assignment_user_id", "assignment", ["user_id"])


def downgrade() -> None:
    op.drop_table("assignment")
