"""Tariffs in versions, restrictions, quotes that are honoured, changes of a stay."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014_stay_prices"
down_revision = "0013_imports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "restriction",
        sa.Column(
            "room_type_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("min_nights", sa.Integer(), nullable=True),
        sa.Column("max_nights", sa.Integer(), nullable=True),
        sa.Column("min_nights_arrival", sa.Integer(), nullable=True),
        sa.Column("max_nights_arrival", sa.Integer(), nullable=True),
        sa.Column("no_arrival", sa.Boolean(), nullable=False),
        sa.Column("no_departure", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "min_nights >= 1 AND max_nights >= 1"
            " AND min_nights_arrival >= 1 AND max_nights_arrival >= 1",
            name=op.f("ck_restriction_nights_positive"),
        ),
        sa.ForeignKeyConstraint(
            ["room_type_id"], ["room_type.id"], name=op.f("fk_restriction_room_type_id")
        ),
        sa.PrimaryKeyConstraint("room_type_id", "day", name=op.f("pk_restriction")),
    )
    op.create_table(
        "tariff",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "room_type_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["room_type_id"], ["room_type.id"], name=op.f("fk_tariff_room_type_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tariff")),
    )
    with op.batch_alter_table("tariff", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tariff_room_type_id"), ["room_type_id"], unique=False)
        batch_op.create_index(
            "uq_tariff_current",
            ["room_type_id"],
            unique=True,
            sqlite_where=sa.text("replaced_at IS NULL"),
            postgresql_where=sa.text("replaced_at IS NULL"),
        )

    op.create_table(
        "stay_quote",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("holder", sa.String(length=40), nullable=False),
        sa.Column(
            "room_type_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("tariff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ask", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["room_type_id"], ["room_type.id"], name=op.f("fk_stay_quote_room_type_id")
        ),
        sa.ForeignKeyConstraint(["tariff_id"], ["tariff.id"], name=op.f("fk_stay_quote_tariff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stay_quote")),
    )
    with op.batch_alter_table("stay_quote", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stay_quote_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "return_right",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("booking_id", sa.String(length=32), nullable=False),
        sa.Column(
            "room_type_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("pool_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("check_in", sa.Date(), nullable=False),
        sa.Column("check_out", sa.Date(), nullable=False),
        sa.Column("rooms", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_return_right_booking_id")
        ),
        sa.ForeignKeyConstraint(
            ["pool_id"], ["stock_pool.id"], name=op.f("fk_return_right_pool_id")
        ),
        sa.ForeignKeyConstraint(
            ["room_type_id"], ["room_type.id"], name=op.f("fk_return_right_room_type_id")
        ),
        sa.ForeignKeyConstraint(
            ["taken_by"], ["booking.id"], name=op.f("fk_return_right_taken_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_right")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_return_right_booking_id")),
    )
    with op.batch_alter_table("return_right", schema=None) as batch_op:
        batch_op.create_index("ix_return_right_state", ["state", "deadline"], unique=False)

    op.create_table(
        "stay_change",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("booking_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("was", sa.Text(), nullable=False),
        sa.Column("cause", sa.String(length=32), nullable=True),
        sa.Column("difference_fen", sa.BigInteger(), nullable=False),
        sa.Column("fee_fen", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("release_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("fee_fen >= 0", name=op.f("ck_stay_change_fee_not_negative")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_stay_change_booking_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stay_change")),
        sa.UniqueConstraint("booking_id", "number", name=op.f("uq_stay_change_booking_id_number")),
    )
    with op.batch_alter_table("stay_change", schema=None) as batch_op:
        batch_op.create_index("ix_stay_change_due", ["state", "release_at"], unique=False)

    _tariffs_from_discounts()
    op.drop_table("stay_discount")
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("adjoining", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(
            sa.Column("board", sa.String(length=32), nullable=False, server_default="room_only")
        )
        batch_op.add_column(
            sa.Column("extra_beds", sa.Integer(), nullable=False, server_default="0")
        )
        batch_op.add_column(
            sa.Column(
                "tariff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.add_column(sa.Column("price", sa.Text(), nullable=False, server_default=""))
        batch_op.create_foreign_key(
            batch_op.f("fk_booking_tariff_id"), "tariff", ["tariff_id"], ["id"]
        )
    with op.batch_alter_table("booking_night", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("rate_fen", sa.BigInteger(), nullable=False, server_default="0")
        )
    with op.batch_alter_table("night_rate", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("by_hand", sa.Boolean(), nullable=False, server_default=sa.true())
        )
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("change_id", sa.String(length=32), nullable=True))
        batch_op.create_index(batch_op.f("ix_payment_change_id"), ["change_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_payment_change_id"), "stay_change", ["change_id"], ["id"]
        )
    _prices_of_bookings()
    for table, columns in (
        ("booking", ("adjoining", "board", "extra_beds", "price")),
        ("booking_night", ("rate_fen",)),
        ("night_rate", ("by_hand",)),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                batch_op.alter_column(column, server_default=None)


def _tariffs_from_discounts() -> None:
    """Write each room type's long-stay discounts as the first version of its tariff."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.text("SELECT room_type_id, min_nights, off_bp FROM stay_discount ORDER BY 1, 2")
    )
    tiers = defaultdict(list)
    for room_type_id, min_nights, off_bp in rows:
        tiers[room_type_id].append({"min_nights": min_nights, "off_bp": off_bp})
    tariff = sa.table(
        "tariff",
        sa.column("room_type_id"),
        sa.column("terms"),
        sa.column("made_at", sa.DateTime(timezone=True)),
    )
    made_at = dt.datetime.now(dt.UTC)
    if tiers:
        op.bulk_insert(
            tariff,
            [
                {
                    "room_type_id": room,
                    "terms": json.dumps({"tiers": steps}, separators=(",", ":")),
                    "made_at": made_at,
                }
                for room, steps in tiers.items()
            ],
        )


def _prices_of_bookings() -> None:
    """Write down how each booking's price came about, as far as its nights tell."""
    connection = op.get_bind()
    connection.execute(
        sa.text(
            "UPDATE booking_night SET rate_fen = list_fen /"
            " (SELECT rooms FROM booking WHERE booking.id = booking_night.booking_id)"
        )
    )
    bookings = connection.execute(
        sa.text("SELECT id, check_in, check_out, rooms, list_fen, total_fen FROM booking")
    ).all()
    for each in bookings:
        nights = connection.execute(
            sa.text("SELECT day, rate_fen FROM booking_night WHERE booking_id = :id ORDER BY day"),
            {"id": each.id},
        ).all()
        connection.execute(
            sa.text("UPDATE booking SET price = :price WHERE id = :id"),
            {"id": each.id, "price": json.dumps(_price(each, nights), separators=(",", ":"))},
        )


def _price(booking: Any, nights: Sequence[Any]) -> dict[str, Any]:
    lines: dict[tuple[str, int], list[str]] = defaultdict(list)
    for day, rate_fen in nights:
        lines[(str(day)[:7], rate_fen)].append(str(day))
    less = booking.list_fen - booking.total_fen
    return {
        "stay": {"check_in": str(booking.check_in), "check_out": str(booking.check_out)},
        "rooms": booking.rooms,
        "lines": [
            {
                "first_day": days[0],
                "nights": len(days),
                "list_fen": fen,
                "amount_fen": fen * len(days) * booking.rooms,
            }
            for (_, fen), days in lines.items()
        ],
        "extras": [],
        "reductions": [{"kind": "agreed", "off_fen": less}] if less > 0 else [],
        "nights": [],
        "list_fen": booking.list_fen,
        "total_fen": booking.total_fen,
    }


def downgrade() -> None:
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_payment_change_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_payment_change_id"))
        batch_op.drop_column("change_id")

    with op.batch_alter_table("night_rate", schema=None) as batch_op:
        batch_op.drop_column("by_hand")

    with op.batch_alter_table("booking_night", schema=None) as batch_op:
        batch_op.drop_column("rate_fen")

    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_booking_tariff_id"), type_="foreignkey")
        batch_op.drop_column("price")
        batch_op.drop_column("tariff_id")
        batch_op.drop_column("extra_beds")
        batch_op.drop_column("board")
        batch_op.drop_column("adjoining")

    op.create_table(
        "stay_discount",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "room_type_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("min_nights", sa.Integer(), nullable=False),
        sa.Column("off_bp", sa.Integer(), nullable=False),
        sa.CheckConstraint("min_nights > 1", name=op.f("ck_stay_discount_nights_sensible")),
        sa.CheckConstraint(
            "off_bp > 0 AND off_bp < 10000", name=op.f("ck_stay_discount_discount_sensible")
        ),
        sa.ForeignKeyConstraint(
            ["room_type_id"], ["room_type.id"], name=op.f("fk_stay_discount_room_type_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stay_discount")),
        sa.UniqueConstraint(
            "room_type_id", "min_nights", name=op.f("uq_stay_discount_room_type_id_min_nights")
        ),
    )
    with op.batch_alter_table("stay_change", schema=None) as batch_op:
        batch_op.drop_index("ix_stay_change_due")

    op.drop_table("stay_change")
    with op.batch_alter_table("return_right", schema=None) as batch_op:
        batch_op.drop_index("ix_return_right_state")

    op.drop_table("return_right")
    with op.batch_alter_table("stay_quote", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stay_quote_expires_at"))

    op.drop_table("stay_quote")
    with op.batch_alter_table("tariff", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_tariff_current",
            sqlite_where=sa.text("replaced_at IS NULL"),
            postgresql_where=sa.text("replaced_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_tariff_room_type_id"))

    op.drop_table("tariff")
    op.drop_table("restriction")
