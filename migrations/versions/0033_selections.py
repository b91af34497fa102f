"""A price that was given says which stay was chosen, as one thing with its room type."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0033_selections"
down_revision = "0032_payment_uses"
branch_labels = None
depends_on = None

SHANGHAI = dt.timezone(dt.timedelta(hours=8))
QUOTES = sa.table(
    "stay_quote",
    sa.column("id", sa.String),
    sa.column("room_type_id", sa.BigInteger),
    sa.column("selection", sa.Text),
    sa.column("made_at", sa.DateTime(timezone=True)),
)
BESIDES = ("board", "extra_beds")
"""What is written alike before and after, and only where it is not the default."""


def upgrade() -> None:
    with op.batch_alter_table("stay_quote") as table:
        table.alter_column("ask", new_column_name="selection", existing_type=sa.Text())
    _rewrite(_chosen)


def downgrade() -> None:
    _rewrite(_asked)
    with op.batch_alter_table("stay_quote") as table:
        table.alter_column("selection", new_column_name="ask", existing_type=sa.Text())


def _rewrite(told_anew: Any) -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.select(QUOTES)).all():
        told = told_anew(json.loads(row.selection), row)
        connection.execute(
            QUOTES.update()
            .where(QUOTES.c.id == row.id)
            .values(selection=json.dumps(told, separators=(",", ":")))
        )


def _chosen(ask: dict[str, Any], row: sa.Row[Any]) -> dict[str, Any]:
    party = {"adults": ask.get("adults", 2)}
    if ask.get("children_ages"):
        party["children_ages"] = ask["children_ages"]
    rooms = ask.get("rooms", 1)
    chosen = {"room_type_id": row.room_type_id, "stay": ask["stay"], "rooms": rooms, "party": party}
    return chosen | {name: ask[name] for name in BESIDES if name in ask}


def _asked(chosen: dict[str, Any], row: sa.Row[Any]) -> dict[str, Any]:
    made_at = row.made_at if row.made_at.tzinfo else row.made_at.replace(tzinfo=dt.UTC)
    day = made_at.astimezone(SHANGHAI).date().isoformat()
    asked = {"stay": chosen["stay"], "booked_on": day, "rooms": chosen["rooms"], **chosen["party"]}
    return asked | {name: chosen[name] for name in BESIDES if name in chosen}
