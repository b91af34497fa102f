"""A change keeps what was chosen before and after as every other row does.

How many rooms it is about, and whether they shall be side by side, was the booking's.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0036_change_selections"
down_revision = "0035_booking_changes"
branch_labels = None
depends_on = None

CHANGES = sa.table(
    "booking_change",
    sa.column("id", sa.String),
    sa.column("booking_id", sa.String),
    sa.column("wish", sa.Text),
    sa.column("was", sa.Text),
)
ITEMS = sa.table(
    "booking_item",
    sa.column("booking_id", sa.String),
    sa.column("number", sa.Integer),
    sa.column("units", sa.Integer),
    sa.column("adjoining", sa.Boolean),
)
DAYS, PEOPLE = ("check_in", "check_out"), ("adults", "children_ages")
Told = dict[str, Any]


def upgrade() -> None:
    _rewrite(_chosen)


def downgrade() -> None:
    _rewrite(_wished)


def _rewrite(told_anew: Callable[[Told, sa.Row[Any]], Told]) -> None:
    connection = op.get_bind()
    rows = connection.execute(
        sa.select(CHANGES, ITEMS.c.units, ITEMS.c.adjoining).join(
            ITEMS, sa.and_(ITEMS.c.booking_id == CHANGES.c.booking_id, ITEMS.c.number == 1)
        )
    ).all()
    for row in rows:
        anew = {
            name: json.dumps(told_anew(json.loads(text), row), separators=(",", ":"))
            for name, text in (("wish", row.wish), ("was", row.was))
        }
        connection.execute(CHANGES.update().where(CHANGES.c.id == row.id).values(anew))


def _chosen(wish: Told, row: sa.Row[Any]) -> Told:
    chosen = {
        "room_type_id": wish["room_type_id"],
        "stay": {name: wish[name] for name in DAYS},
        "rooms": row.units,
        "party": {name: wish[name] for name in PEOPLE if wish.get(name)},
        "board": wish.get("board", "room_only"),
    }
    if wish.get("extra_beds"):
        chosen["extra_beds"] = wish["extra_beds"]
    return chosen | ({"adjoining": True} if row.adjoining and row.units > 1 else {})


def _wished(chosen: Told, row: sa.Row[Any]) -> Told:
    del row
    wish = {"room_type_id": chosen["room_type_id"], **chosen["stay"], **chosen["party"]}
    return wish | {name: chosen[name] for name in ("board", "extra_beds") if name in chosen}
