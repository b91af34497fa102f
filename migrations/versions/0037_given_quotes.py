"""A given quote is of a listing and holds several rooms; a tariff is of one of several owners."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias

import sqlalchemy as sa
from alembic import op

revision = "0037_given_quotes"
down_revision = "0036_change_selections"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
CURRENT = sa.text("replaced_at IS NULL")
ONE_OWNER = (
    "CASE WHEN room_type_id IS NULL THEN 0 ELSE 1 END"
    " + CASE WHEN listing_id IS NULL THEN 0 ELSE 1 END = 1"
)
OWNERS = ("room_type_id", "listing_id")
OF_ROOM = ("room_type_id", "tariff_id", "selection", "quote")
OF_LISTING = ("listing_id", "ask", "quote")
ROOMS = sa.table("room_type", sa.column("id", KEY), sa.column("listing_id", KEY))


def upgrade() -> None:
    op.create_table(
        "given_quote",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("holder", sa.String(40), nullable=False),
        sa.Column("listing_id", KEY, nullable=False),
        sa.Column("ask", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_given_quote_listing_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_given_quote")),
    )
    op.create_index("ix_given_quote_expires_at", "given_quote", ["expires_at"])
    _copy("stay_quote", OF_ROOM, "given_quote", OF_LISTING, _of_listing)
    op.drop_table("stay_quote")
    op.drop_index("uq_tariff_current", table_name="tariff")
    with op.batch_alter_table("tariff") as table:
        table.alter_column("room_type_id", existing_type=KEY, nullable=True)
        table.add_column(sa.Column("listing_id", KEY, nullable=True))
        table.create_foreign_key("fk_tariff_listing_id", "listing", ["listing_id"], ["id"])
        table.create_check_constraint(op.f("ck_tariff_one_owner"), sa.text(ONE_OWNER))
    op.create_index("ix_tariff_listing_id", "tariff", ["listing_id"])
    for owner in OWNERS:
        _unique_current(f"uq_tariff_current_{owner}", owner)


def downgrade() -> None:
    for owner in OWNERS:
        op.drop_index(f"uq_tariff_current_{owner}", table_name="tariff")
    op.drop_index("ix_tariff_listing_id", table_name="tariff")
    # Before, nothing but rooms could have a tariff.
    tariff = sa.table("tariff", sa.column("listing_id", KEY))
    op.execute(sa.delete(tariff).where(tariff.c.listing_id.is_not(None)))
    with op.batch_alter_table("tariff") as table:
        table.drop_constraint(op.f("ck_tariff_one_owner"), type_="check")
        table.drop_constraint("fk_tariff_listing_id", type_="foreignkey")
        table.drop_column("listing_id")
        table.alter_column("room_type_id", existing_type=KEY, nullable=False)
    _unique_current("uq_tariff_current", "room_type_id")
    op.create_table(
        "stay_quote",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("holder", sa.String(40), nullable=False),
        sa.Column("room_type_id", KEY, nullable=False),
        sa.Column("tariff_id", KEY, nullable=True),
        sa.Column("selection", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["room_type_id"], ["room_type.id"], name=op.f("fk_stay_quote_room_type_id")
        ),
        sa.ForeignKeyConstraint(["tariff_id"], ["tariff.id"], name=op.f("fk_stay_quote_tariff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stay_quote")),
    )
    op.create_index("ix_stay_quote_expires_at", "stay_quote", ["expires_at"])
    _copy("given_quote", OF_LISTING, "stay_quote", OF_ROOM, _of_room)
    op.drop_table("given_quote")


def _unique_current(name: str, owner: str) -> None:
    op.create_index(
        name, "tariff", [owner], unique=True, sqlite_where=CURRENT, postgresql_where=CURRENT
    )


Row: TypeAlias = dict[str, Any]


def _copy(
    source: str,
    source_own: tuple[str, ...],
    target: str,
    target_own: tuple[str, ...],
    told_anew: Callable[[Row], Row | None],
) -> None:
    """Write every quote of one table into the other, as ``told_anew`` says it."""
    connection = op.get_bind()
    kept = _columns(source, source_own)
    found = connection.execute(sa.select(kept)).mappings().all()
    rows = [told for row in found if (told := told_anew(dict(row))) is not None]
    if rows:
        connection.execute(sa.insert(_columns(target, target_own)), rows)


def _columns(table: str, own: tuple[str, ...]) -> sa.TableClause:
    moments = (sa.column(name, MOMENT) for name in ("made_at", "expires_at"))
    return sa.table(table, *(sa.column(name) for name in ("id", "holder", *own)), *moments)


def _of_listing(row: Row) -> Row:
    found = op.get_bind().execute(
        sa.select(ROOMS.c.listing_id).where(ROOMS.c.id == row.pop("room_type_id"))
    )
    price = {"tariff_id": row.pop("tariff_id"), "quote": json.loads(row["quote"])}
    asked = json.loads(row.pop("selection"))
    return row | {
        "listing_id": found.scalar_one(),
        "ask": _text([asked]),
        "quote": _text([price]),
    }


def _of_room(row: Row) -> Row | None:
    """Return the quote of one room; those of several live half an hour and had no place before."""
    asked, priced = json.loads(row.pop("ask")), json.loads(row["quote"])
    if len(asked) != 1:
        return None
    del row["listing_id"]
    return row | {
        "room_type_id": asked[0]["room_type_id"],
        "tariff_id": priced[0]["tariff_id"],
        "selection": _text(asked[0]),
        "quote": _text(priced[0]["quote"]),
    }


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
