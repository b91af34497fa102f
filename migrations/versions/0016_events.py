"""Events with the whole view of a booking, in place of a state in the change log; epochs."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0016_events"
down_revision = "0015_uploads"
branch_labels = None
depends_on = None

AT_ONCE = 500
SHANGHAI = dt.timezone(dt.timedelta(hours=8))

INSTANT = sa.DateTime(timezone=True)


def _table(name: str, *columns: tuple[Any, str]) -> Any:
    return sa.table(
        name, *(sa.column(column, kind) for kind, names in columns for column in names.split())
    )


change = _table(
    "change",
    (sa.BigInteger, "id number"),
    (sa.String, "kind entity_id"),
    (sa.JSON, "detail"),
    (INSTANT, "at"),
)
event = _table(
    "event",
    (sa.BigInteger, "id number"),
    (sa.String, "stream subject type by"),
    (sa.Integer, "version"),
    (INSTANT, "at"),
    (sa.Text, "what view"),
)
booking = _table(
    "booking",
    (sa.String, "id code state external_ref board reason"),
    (sa.BigInteger, "partner_id listing_id room_type_id total_fen fee_fen"),
    (sa.Integer, "rooms adults extra_beds version"),
    (sa.Date, "check_in check_out"),
    (sa.JSON, "children_ages policy"),
    (sa.Boolean, "test"),
    (INSTANT, "placed_at expires_at confirmed_at ended_at checked_in_at"),
)
night = _table(
    "booking_night",
    (sa.String, "booking_id"),
    (sa.Date, "day"),
    (sa.BigInteger, "list_fen sold_fen"),
)
stay_change = _table("stay_change", (sa.String, "booking_id state"), (sa.BigInteger, "fee_fen"))
room = _table("room_type", (sa.BigInteger, "id listing_id"), (sa.String, "code"))
listing = _table(
    "listing",
    (sa.BigInteger, "id enterprise_id"),
    (sa.String, "code name_zh name_en"),
    (sa.Boolean, "is_sample"),
)
enterprise = _table("enterprise", (sa.BigInteger, "id"), (sa.String, "code"))

FIRST = {"held": "booking.held", "confirmed": "booking.confirmed", "in_stay": "booking.arrived"}
AGAIN = {"held": "booking.extended"}
ENDS = {
    "completed": "booking.completed",
    "curtailed": "booking.left_early",
    "cancelled": "booking.cancelled",
    "expired": "booking.expired",
    "no_show": "booking.no_show",
}


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stream", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=20), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("view", sa.Text(), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("number", name=op.f("uq_event_number")),
        sa.UniqueConstraint("subject", "version", name=op.f("uq_event_subject_version")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_stream_number", ["stream", "number"], unique=False)
        batch_op.create_index(
            "ix_event_unnumbered",
            ["id"],
            unique=False,
            sqlite_where=sa.text("number IS NULL"),
            postgresql_where=sa.text("number IS NULL"),
        )
    op.create_table(
        "log_epoch",
        sa.Column("epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_before", sa.BigInteger(), nullable=False),
        sa.Column("last_change_before", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("epoch", name=op.f("pk_log_epoch")),
    )
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("rehousing", schema=None) as batch_op:
        batch_op.add_column(sa.Column("deadline", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True))
    # Events go on where the changes were, so that every cursor held reads what it would have read.
    op.execute(
        "INSERT INTO change_counter (id, last_number)"
        " SELECT 2, last_number FROM change_counter WHERE id = 1"
    )
    _move_changes()
    _write_views()


def _move_changes() -> None:
    """Make one event of each change of a partner's booking: same number, old detail."""
    connection = op.get_bind()
    state = change.c.detail["state"].as_string()
    row = (
        sa.select(
            *(change.c.id, change.c.entity_id, change.c.at, change.c.number),
            sa.cast(change.c.detail, sa.Text).label("what"),
            state.label("state"),
            sa.func.row_number()
            .over(partition_by=change.c.entity_id, order_by=change.c.id)
            .label("version"),
            sa.func.row_number()
            .over(partition_by=[change.c.entity_id, state], order_by=change.c.id)
            .label("time"),
        )
        .where(change.c.kind == "booking")
        .subquery()
    )
    kind = sa.case(
        *((sa.and_(row.c.time == 1, row.c.state == key), text) for key, text in FIRST.items()),
        *((row.c.state == key, text) for key, text in (AGAIN | ENDS).items()),
        else_="booking.updated",
    )
    environment = sa.case((booking.c.test, ":test"), else_=":live")
    stream = sa.literal("partner:") + sa.cast(booking.c.partner_id, sa.String) + environment
    connection.execute(
        sa.insert(event).from_select(
            ["stream", "subject", "version", "type", "at", "by", "what", "number"],
            sa.select(
                stream,
                sa.literal("booking:") + booking.c.id,
                *(row.c.version, kind, row.c.at, sa.literal("unknown"), row.c.what, row.c.number),
            )
            .join(booking, booking.c.id == row.c.entity_id)
            .where(booking.c.partner_id.is_not(None))
            .order_by(row.c.id),
        )
    )
    counted = (
        sa.select(sa.func.count())
        .where(change.c.kind == "booking", change.c.entity_id == booking.c.id)
        .scalar_subquery()
    )
    connection.execute(sa.update(booking).values(version=counted))
    connection.execute(sa.delete(change).where(change.c.kind == "booking"))


def _write_views() -> None:
    """Give the last event of each booking the booking as it is."""
    connection = op.get_bind()
    after = ""
    while True:
        rows = connection.execute(
            sa.select(
                booking,
                room.c.code.label("room_code"),
                listing.c.code.label("listing_code"),
                *(listing.c.name_zh, listing.c.name_en, listing.c.is_sample),
                enterprise.c.code.label("enterprise_code"),
            )
            .join(room, room.c.id == booking.c.room_type_id)
            .join(listing, listing.c.id == booking.c.listing_id)
            .join(enterprise, enterprise.c.id == listing.c.enterprise_id)
            .where(booking.c.partner_id.is_not(None), booking.c.id > after)
            .order_by(booking.c.id)
            .limit(AT_ONCE)
        ).all()
        if not rows:
            return
        ids = [row.id for row in rows]
        nights: dict[str, list[Any]] = defaultdict(list)
        for each in connection.execute(
            sa.select(night).where(night.c.booking_id.in_(ids)).order_by(night.c.day)
        ):
            nights[each.booking_id].append(each)
        fees = connection.execute(
            sa.select(stay_change.c.booking_id, sa.func.sum(stay_change.c.fee_fen).label("fen"))
            .where(stay_change.c.booking_id.in_(ids), stay_change.c.state == "applied")
            .group_by(stay_change.c.booking_id)
        )
        kept = {row.booking_id: int(row.fen) for row in fees}
        connection.execute(
            sa.update(event)
            .where(
                event.c.subject == sa.bindparam("about"), event.c.version == sa.bindparam("last")
            )
            .values(view=sa.bindparam("told")),
            [
                {
                    "about": f"booking:{row.id}",
                    "last": row.version,
                    "told": json.dumps(
                        _view(row, nights[row.id], kept.get(row.id, 0)), ensure_ascii=False
                    ),
                }
                for row in rows
            ],
        )
        after = ids[-1]


def _view(row: Any, nights: list[Any], kept_fen: int) -> dict[str, Any]:
    over = row.state in {"cancelled", "no_show"}
    fee = kept_fen + ((row.fee_fen or 0) if over else 0)
    owed = (fee if over else row.total_fen + kept_fen) if row.confirmed_at else 0
    changed = max(filter(None, (row.placed_at, row.confirmed_at, row.checked_in_at, row.ended_at)))
    return {
        "id": row.id,
        "code": row.code,
        "version": row.version,
        "kind": "stay",
        "state": row.state,
        "test": row.test,
        "is_sample": row.is_sample,
        "surface": "stays",
        "their_ref": row.external_ref,
        "placed_at": _instant(row.placed_at),
        "updated_at": _instant(changed),
        "expires_at": _instant(row.expires_at) if row.state in {"held", "expired"} else None,
        "confirmed_at": _instant(row.confirmed_at),
        "redeemed_at": _instant(row.checked_in_at),
        "ended_at": _instant(row.ended_at),
        "starts_on": row.check_in.isoformat(),
        "ends_on": row.check_out.isoformat(),
        "items": [_item(row, nights)],
        "units": _units(row),
        "party": {"adults": row.adults, "ages": row.children_ages},
        "money": {
            "currency": "CNY",
            **dict.fromkeys(("public_fen", "retail_fen", "net_fen"), row.total_fen),
            "owed_fen": owed,
            "fee_fen": fee,
            "contract": None,
        },
        "policy": _policy(row),
        "ending": _ending(row, kept_fen, len(nights)),
        "change": None,
        "rehousing": None,
        "departure": None,
    }


def _item(row: Any, nights: list[Any]) -> dict[str, Any]:
    runs: list[dict[str, Any]] = []
    for each in nights:
        last = runs[-1] if runs else None
        if last and (last["list_fen"], last["net_fen"]) == (each.list_fen, each.sold_fen):
            last["last"] = each.day.isoformat()
            continue
        day = each.day.isoformat()
        runs.append(
            {"first": day, "last": day, "list_fen": each.list_fen, "net_fen": each.sold_fen}
        )
    return {
        "number": 1,
        "kind": "stay",
        "enterprise": row.enterprise_code,
        "listing": row.listing_code,
        "room_type": row.room_code,
        **dict.fromkeys(("slot", "berth_class", "departure")),
        "title": {"zh": row.name_zh, "en": row.name_en},
        "first": row.check_in.isoformat(),
        "last": (row.check_out - dt.timedelta(days=1)).isoformat(),
        "units": row.rooms,
        "board": row.board,
        "beds": row.extra_beds,
        "runs": runs,
    }


def _units(row: Any) -> list[dict[str, Any]]:
    each, more = divmod(row.total_fen, row.rooms)
    return [
        {
            "number": number,
            "uuid": None,
            "unit": "room",
            "their_ref": None,
            "state": row.state,
            "net_fen": each + (number <= more),
        }
        for number in range(1, row.rooms + 1)
    ]


def _policy(row: Any) -> list[dict[str, Any]]:
    """Return each day from the booking to the arrival once, days that cost the same as one row."""
    rows: list[dict[str, Any]] = []
    placed = row.placed_at if row.placed_at.tzinfo else row.placed_at.replace(tzinfo=dt.UTC)
    since = min(placed.astimezone(SHANGHAI).date(), row.check_in)
    ends = [row.check_in - dt.timedelta(days=band["days"]) for band in row.policy["bands"]]
    for until in [*ends, row.check_in]:
        if until < since:
            continue
        days = (row.check_in - until).days
        shares = [band["fee_bp"] for band in row.policy["bands"] if days >= band["days"]]
        share = shares[0] if shares else row.policy["bands"][-1]["fee_bp"]
        told = {"fee_bp": share, "fee_fen": (row.total_fen * share + 5_000) // 10_000}
        if rows and rows[-1]["fee_bp"] == share:
            rows[-1]["until"] = until.isoformat()
        else:
            rows.append({"since": since.isoformat(), "until": until.isoformat(), **told})
        since = until + dt.timedelta(days=1)
    return rows


def _ending(row: Any, kept_fen: int, nights: int) -> dict[str, Any] | None:
    if row.state not in ENDS:
        return None
    stayed = row.state in {"completed", "curtailed"}
    fee = kept_fen if stayed else row.fee_fen or 0
    paid_back = row.confirmed_at is not None and not stayed
    return {
        "by": "unknown",
        "reason": row.reason,
        "at": _instant(row.ended_at or row.placed_at),
        "fee_fen": fee,
        "refund_fen": row.total_fen - fee if paid_back else 0,
        "nights_used": nights if stayed else 0,
    }


def _instant(value: dt.datetime | None) -> str | None:
    if value is None:
        return None
    utc = value if value.tzinfo is None else value.astimezone(dt.UTC).replace(tzinfo=None)
    return utc.isoformat() + "Z"


def downgrade() -> None:
    connection = op.get_bind()
    told = connection.execute(
        sa.select(event.c.subject, event.c.what, event.c.view, event.c.at).order_by(event.c.id)
    ).all()
    rows = [
        {
            "kind": "booking",
            "entity_id": row.subject.removeprefix("booking:"),
            "detail": {"state": json.loads(row.view or row.what)["state"]},
            "at": row.at,
        }
        for row in told
    ]
    if rows:
        # Without numbers: those that they had may be given to other changes by now.
        connection.execute(sa.insert(change), rows)
    op.execute("DELETE FROM change_counter WHERE id = 2")
    with op.batch_alter_table("rehousing", schema=None) as batch_op:
        batch_op.drop_column("declined_at")
        batch_op.drop_column("deadline")
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.drop_column("version")
    op.drop_table("log_epoch")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_event_unnumbered",
            sqlite_where=sa.text("number IS NULL"),
            postgresql_where=sa.text("number IS NULL"),
        )
        batch_op.drop_index("ix_event_stream_number")
    op.drop_table("event")
