"""A booking becomes a header with items, and its nights become parts of an item.

Every booking so far is a stay with one item: the room. Going back keeps that first item; what has
several cannot be told by the tables of before, and stops the way back.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031_booking_items"
down_revision = "0030_wishes"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
HELD = sa.text("state = 'held'")
REFERS = {
    "listing_id": "listing",
    "room_type_id": "room_type",
    "pool_id": "stock_pool",
    "tariff_id": "tariff",
}
MOVED = {
    "listing_id": ("listing_id", KEY),
    "room_type_id": ("room_type_id", KEY),
    "pool_id": ("pool_id", KEY),
    "rooms": ("units", sa.Integer()),
    "adults": ("adults", sa.Integer()),
    "children_ages": ("children_ages", sa.JSON()),
    "board": ("board", sa.String(32)),
    "extra_beds": ("extra_beds", sa.Integer()),
    "adjoining": ("adjoining", sa.Boolean()),
    "tariff_id": ("tariff_id", KEY),
    "price": ("price", sa.Text()),
    "commission_bp": ("commission_bp", sa.Integer()),
    "policy": ("policy", sa.JSON()),
}
"""What moves from the booking to its item, as it was called and as it is called there."""
EMPTY = {
    "children_ages": sa.text("'[]'"),
    "board": "room_only",
    "adjoining": sa.false(),
    "price": "",
    "policy": sa.text("'{}'"),
}
"""What stands in such a column for the moment until the item's value is there; zero in others."""


def upgrade() -> None:
    _make_items()
    inside = ", ".join(MOVED)
    items = ", ".join(new for new, _ in MOVED.values())
    op.execute(
        sa.text(
            "INSERT INTO booking_item (booking_id, number, kind, enterprise_id, first_day,"  # noqa: S608
            f" last_day, list_fen, total_fen, {items})"
            " SELECT id, 1, 'room', enterprise_id, check_in, check_out, list_fen, total_fen,"
            f" {inside} FROM booking"
        )
    )
    op.execute(
        sa.text(
            "INSERT INTO booking_part (booking_id, item, day, rate_fen, list_fen, sold_fen,"
            " commission_fen, earned_at) SELECT booking_id, 1, day, rate_fen, list_fen, sold_fen,"
            " commission_fen, earned_at FROM booking_night"
        )
    )
    op.drop_table("booking_night")
    op.drop_index("ix_booking_held_listing_id", table_name="booking")
    op.drop_index("ix_booking_arrivals", table_name="booking")
    with op.batch_alter_table("booking") as table:
        table.drop_constraint(op.f("ck_booking_party_positive"), type_="check")
        for column in REFERS:
            table.drop_constraint(op.f(f"fk_booking_{column}"), type_="foreignkey")
        for column in MOVED:
            table.drop_column(column)
        table.alter_column("check_in", new_column_name="starts_on", existing_type=sa.Date())
        table.alter_column("check_out", new_column_name="ends_on", existing_type=sa.Date())
        table.add_column(sa.Column("kind", sa.String(32), nullable=False, server_default="stay"))
        table.create_check_constraint(
            op.f("ck_booking_days_in_order"), sa.text("starts_on <= ends_on")
        )
    with op.batch_alter_table("booking") as table:
        table.alter_column("kind", existing_type=sa.String(32), server_default=None)
        table.create_index("ix_booking_starts", ["enterprise_id", "starts_on"])


def _make_items() -> None:
    op.create_table(
        "booking_item",
        sa.Column("booking_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("enterprise_id", KEY, nullable=False),
        sa.Column("listing_id", KEY, nullable=False),
        sa.Column("room_type_id", KEY, nullable=False),
        sa.Column("pool_id", KEY, nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("adults", sa.Integer(), nullable=False),
        sa.Column("children_ages", sa.JSON(), nullable=False),
        sa.Column("board", sa.String(32), nullable=False),
        sa.Column("extra_beds", sa.Integer(), nullable=False),
        sa.Column("adjoining", sa.Boolean(), nullable=False),
        sa.Column("tariff_id", KEY, nullable=True),
        sa.Column("price", sa.Text(), nullable=False),
        sa.Column("list_fen", sa.BigInteger(), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("commission_bp", sa.Integer(), nullable=False),
        sa.Column("policy", sa.JSON(), nullable=False),
        sa.CheckConstraint("first_day < last_day", name=op.f("ck_booking_item_days_in_order")),
        sa.CheckConstraint("units > 0 AND adults > 0", name=op.f("ck_booking_item_party_positive")),
        sa.CheckConstraint("total_fen >= 0", name=op.f("ck_booking_item_total_not_negative")),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{other}.id"], name=op.f(f"fk_booking_item_{column}")
            )
            for column, other in {
                "booking_id": "booking",
                "enterprise_id": "enterprise",
                **REFERS,
            }.items()
        ),
        sa.PrimaryKeyConstraint("booking_id", "number", name=op.f("pk_booking_item")),
    )
    op.create_index("ix_booking_item_arrivals", "booking_item", ["enterprise_id", "first_day"])
    op.create_index("ix_booking_item_listing", "booking_item", ["listing_id", "first_day"])
    op.create_index("ix_booking_item_pool_id", "booking_item", ["pool_id"])
    op.create_table(
        "booking_part",
        sa.Column("booking_id", sa.String(32), nullable=False),
        sa.Column("item", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rate_fen", sa.BigInteger(), nullable=False),
        sa.Column("list_fen", sa.BigInteger(), nullable=False),
        sa.Column("sold_fen", sa.BigInteger(), nullable=False),
        sa.Column("commission_fen", sa.BigInteger(), nullable=False),
        sa.Column("earned_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id", "item"],
            ["booking_item.booking_id", "booking_item.number"],
            name=op.f("fk_booking_part_booking_id"),
        ),
        sa.PrimaryKeyConstraint("booking_id", "item", "day", name=op.f("pk_booking_part")),
    )


def downgrade() -> None:
    several = sa.text("SELECT booking_id FROM booking_item WHERE number > 1 LIMIT 1")
    if found := op.get_bind().scalar(several):
        raise RuntimeError(f"booking {found} has several items, which no table of before can hold")
    op.drop_index("ix_booking_starts", table_name="booking")
    with op.batch_alter_table("booking") as table:
        table.drop_constraint(op.f("ck_booking_days_in_order"), type_="check")
        table.alter_column("starts_on", new_column_name="check_in", existing_type=sa.Date())
        table.alter_column("ends_on", new_column_name="check_out", existing_type=sa.Date())
        table.drop_column("kind")
        for column, (_, kind) in MOVED.items():
            begin = None if column == "tariff_id" else EMPTY.get(column, "0")
            table.add_column(
                sa.Column(column, kind, nullable=column == "tariff_id", server_default=begin)
            )
    for old, (new, _) in MOVED.items():
        op.execute(
            sa.text(
                f"UPDATE booking SET {old} = (SELECT {new} FROM booking_item"  # noqa: S608
                " WHERE booking_item.booking_id = booking.id)"
            )
        )
    with op.batch_alter_table("booking") as table:
        for column, (_, kind) in MOVED.items():
            if column != "tariff_id":
                table.alter_column(column, existing_type=kind, server_default=None)
        for column, other in REFERS.items():
            table.create_foreign_key(op.f(f"fk_booking_{column}"), other, [column], ["id"])
        table.create_check_constraint(
            op.f("ck_booking_party_positive"), sa.text("rooms > 0 AND adults > 0")
        )
        table.create_index("ix_booking_arrivals", ["enterprise_id", "check_in"])
    op.create_index(
        "ix_booking_held_listing_id",
        "booking",
        ["listing_id"],
        postgresql_where=HELD,
        sqlite_where=HELD,
    )
    op.create_table(
        "booking_night",
        sa.Column("booking_id", sa.String(32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rate_fen", sa.BigInteger(), nullable=False),
        sa.Column("list_fen", sa.BigInteger(), nullable=False),
        sa.Column("sold_fen", sa.BigInteger(), nullable=False),
        sa.Column("commission_fen", sa.BigInteger(), nullable=False),
        sa.Column("earned_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_booking_night_booking_id")
        ),
        sa.PrimaryKeyConstraint("booking_id", "day", name=op.f("pk_booking_night")),
    )
    op.execute(
        sa.text(
            "INSERT INTO booking_night (booking_id, day, rate_fen, list_fen, sold_fen,"
            " commission_fen, earned_at) SELECT booking_id, day, rate_fen, list_fen, sold_fen,"
            " commission_fen, earned_at FROM booking_part"
        )
    )
    op.drop_table("booking_part")
    op.drop_table("booking_item")
