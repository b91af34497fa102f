"""The word index in the database, for nodes without a disk of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008_search_index"
down_revision = "0007_simulated_gateway"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "search_document",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_search_document")),
    )
    op.create_table(
        "search_posting",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("term", sa.String(length=160), nullable=False),
        sa.Column("ids", sa.LargeBinary(), nullable=False),
        sa.Column("weights", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "term", name=op.f("pk_search_posting")),
    )
    op.create_table(
        "search_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("build", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_state")),
    )
    op.execute("INSERT INTO search_state (id, build, cursor) VALUES (1, 0, 0)")


def downgrade() -> None:
    op.drop_table("search_state")
    op.drop_table("search_posting")
    op.drop_table("search_document")
