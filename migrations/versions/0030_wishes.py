"""An answer kept under a key becomes a wish: of whom, on which surface, and of which booking."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030_wishes"
down_revision = "0029_payables"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PARTNERS = "partner:%"
SURFACE = ":stays"
"""The only surface that there was; what the pages of operators keep has none."""
FORMER = sa.table(
    "idempotency_key",
    sa.column("scope"),
    sa.column("key"),
    sa.column("fingerprint"),
    sa.column("status"),
    sa.column("body"),
    sa.column("created_at"),
    sa.column("expires_at"),
)
WISH = sa.table(
    "wish",
    sa.column("scope"),
    sa.column("key"),
    sa.column("print"),
    sa.column("status"),
    sa.column("body"),
    sa.column("made_at"),
    sa.column("expires_at"),
)


def upgrade() -> None:
    op.create_table(
        "wish",
        sa.Column("scope", sa.String(80), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("print", sa.String(64), nullable=False),
        sa.Column("booking_id", sa.String(32), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("scope", "key", name=op.f("pk_wish")),
    )
    op.create_index("ix_wish_expires_at", "wish", ["expires_at"])
    scope = sa.case(
        (FORMER.c.scope.like(PARTNERS), FORMER.c.scope.concat(SURFACE)), else_=FORMER.c.scope
    )
    answers = sa.select(scope, *list(FORMER.c)[1:])
    op.execute(sa.insert(WISH).from_select(list(WISH.c), answers))
    op.drop_table("idempotency_key")


def downgrade() -> None:
    op.create_table(
        "idempotency_key",
        sa.Column("id", KEY, nullable=False),
        sa.Column("scope", sa.String(60), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_key")),
        sa.UniqueConstraint("scope", "key", name=op.f("uq_idempotency_key_scope_key")),
    )
    op.create_index("ix_idempotency_key_expires_at", "idempotency_key", ["expires_at"])
    # Before, every key ended, and partners had one surface.
    of_partners = WISH.c.scope.like(PARTNERS)
    scope = sa.case((of_partners, sa.func.replace(WISH.c.scope, SURFACE, "")), else_=WISH.c.scope)
    answers = (
        sa.select(scope, *list(WISH.c)[1:])
        .where(WISH.c.expires_at.is_not(None))
        .where(~of_partners | WISH.c.scope.like(f"%{SURFACE}"))
    )
    op.execute(sa.insert(FORMER).from_select(list(FORMER.c), answers))
    op.drop_table("wish")
