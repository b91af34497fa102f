"""Messages that are not about a booking: about a case before the office, or about a licence."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012_messages"
down_revision = "0011_rehousing"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("case_id", KEY, nullable=True))
        batch_op.add_column(sa.Column("licence_id", KEY, nullable=True))
        batch_op.alter_column("booking_id", existing_type=sa.String(length=32), nullable=True)
        batch_op.alter_column("enterprise_id", existing_type=KEY, nullable=True)
        batch_op.create_foreign_key(
            batch_op.f("fk_message_case_id"), "review_case", ["case_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_message_licence_id"), "licence", ["licence_id"], ["id"]
        )


def downgrade() -> None:
    op.execute("DELETE FROM message WHERE booking_id IS NULL OR enterprise_id IS NULL")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_message_licence_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_message_case_id"), type_="foreignkey")
        batch_op.alter_column("enterprise_id", existing_type=KEY, nullable=False)
        batch_op.alter_column("booking_id", existing_type=sa.String(length=32), nullable=False)
        batch_op.drop_column("licence_id")
        batch_op.drop_column("case_id")
