"""Live holds are counted by partner and listing; answers under a key are compressed and end."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0019_holds_and_keys"
down_revision = "0018_room_drawings"
branch_labels = None
depends_on = None

KEPT = dt.timedelta(days=90)
PART = 500
HELD = sa.text("state = 'held'")
MOMENT = sa.DateTime(timezone=True)
KEY = sa.table(
    "idempotency_key",
    sa.column("id", sa.BigInteger),
    sa.column("status", sa.Integer),
    sa.column("body", sa.LargeBinary),
    sa.column("created_at", MOMENT),
    sa.column("lease_until", MOMENT),
    sa.column("expires_at", MOMENT),
)


def upgrade() -> None:
    for column in ("partner_id", "listing_id"):
        op.create_index(
            f"ix_booking_held_{column}",
            "booking",
            [column],
            postgresql_where=HELD,
            sqlite_where=HELD,
        )
    # A request that never came to its end has no answer, and its key is free.
    op.execute(sa.delete(KEY).where(KEY.c.status.is_(None)))
    with op.batch_alter_table("idempotency_key") as batch_op:
        batch_op.add_column(sa.Column("expires_at", MOMENT, nullable=True))
        batch_op.drop_column("lease_until")
        batch_op.drop_index("ix_idempotency_key_created_at")
    _rewrite(zlib.compress, ends=True)
    with op.batch_alter_table("idempotency_key") as batch_op:
        batch_op.alter_column("expires_at", existing_type=MOMENT, nullable=False)
        batch_op.create_index("ix_idempotency_key_expires_at", ["expires_at"])


def downgrade() -> None:
    with op.batch_alter_table("idempotency_key") as batch_op:
        batch_op.drop_index("ix_idempotency_key_expires_at")
        batch_op.drop_column("expires_at")
        batch_op.add_column(sa.Column("lease_until", MOMENT, nullable=True))
    _rewrite(zlib.decompress, ends=False)
    op.execute(sa.update(KEY).values(lease_until=KEY.c.created_at))
    with op.batch_alter_table("idempotency_key") as batch_op:
        batch_op.alter_column("lease_until", existing_type=MOMENT, nullable=False)
        batch_op.create_index("ix_idempotency_key_created_at", ["created_at"])
    for column in ("listing_id", "partner_id"):
        op.drop_index(f"ix_booking_held_{column}", table_name="booking")


def _rewrite(turn: Callable[[bytes], bytes], *, ends: bool) -> None:
    """Turn every answer that is kept, some hundred at a time, and say until when it is kept."""
    connection, last = op.get_bind(), 0
    while rows := connection.execute(
        sa.select(KEY.c.id, KEY.c.body, KEY.c.created_at)
        .where(KEY.c.id > last)
        .order_by(KEY.c.id)
        .limit(PART)
    ).all():
        for row in rows:
            values = {"body": turn(row.body)} | (
                {"expires_at": row.created_at + KEPT} if ends else {}
            )
            connection.execute(sa.update(KEY).where(KEY.c.id == row.id).values(values))
        last = rows[-1].id
