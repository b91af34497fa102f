"""Imports by command, which no member of staff gives, and finding what two lines share."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013_imports"
down_revision = "0012_messages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("import_run", schema=None) as batch_op:
        batch_op.alter_column(
            "given_by",
            existing_type=sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        )
    with op.batch_alter_table("import_line", schema=None) as batch_op:
        batch_op.add_column(sa.Column("credit_code", sa.String(length=18), nullable=True))
        batch_op.add_column(
            sa.Column("is_station", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.create_index("ix_import_line_code", ["run_id", "code"], unique=False)
        batch_op.create_index("ix_import_line_credit_code", ["run_id", "credit_code"], unique=False)
        batch_op.create_index(
            "ix_import_line_open", ["run_id", "settled", "is_station", "line"], unique=False
        )
    # The default was for the rows that stood there already.
    with op.batch_alter_table("import_line", schema=None) as batch_op:
        batch_op.alter_column("is_station", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("import_line", schema=None) as batch_op:
        batch_op.drop_index("ix_import_line_open")
        batch_op.drop_index("ix_import_line_credit_code")
        batch_op.drop_index("ix_import_line_code")
        batch_op.drop_column("is_station")
        batch_op.drop_column("credit_code")
    # A run without a giver cannot stand under the older rule; what it did to the directory stays.
    op.execute(
        "DELETE FROM import_line WHERE run_id IN (SELECT id FROM import_run WHERE given_by IS NULL)"
    )
    op.execute("DELETE FROM import_run WHERE given_by IS NULL")
    with op.batch_alter_table("import_run", schema=None) as batch_op:
        batch_op.alter_column(
            "given_by",
            existing_type=sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        )
