"""What is to be paid is a row of its own: a payable for each hold and each change to be paid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0029_payables"
down_revision = "0028_pool_owners"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
ASKED_FOR = sa.text("state IN ('open', 'advanced')")
LIVE = ("created", "open", "processing")
LIVE_ATTEMPT = sa.text("state IN ('created', 'open', 'processing')")


def _table(name: str, *groups: tuple[Any, str]) -> Any:
    return sa.table(
        name, *(sa.column(column, kind) for kind, columns in groups for column in columns.split())
    )


payable = _table(
    "payable",
    (KEY, "id"),
    (sa.String, "booking_id kind subject_id currency state"),
    (sa.Integer, "number part"),
    (sa.BigInteger, "amount_fen"),
    (MOMENT, "due_at grace_until next_at opened_at ended_at"),
)
payment = _table(
    "payment",
    (sa.String, "id booking_id change_id stage state key currency"),
    (KEY, "payable_id"),
    (sa.BigInteger, "amount_fen"),
    (MOMENT, "created_at paid_at expires_at closed_at"),
    (sa.Boolean, "in_suspense"),
)
refund = _table("refund", (sa.String, "payment_id reason"))
booking = _table(
    "booking",
    (sa.String, "id channel state"),
    (sa.Boolean, "test"),
    (sa.BigInteger, "total_fen"),
    (MOMENT, "placed_at expires_at release_at confirmed_at ended_at"),
)
change = _table(
    "stay_change",
    (sa.String, "id booking_id state"),
    (sa.Integer, "number"),
    (sa.BigInteger, "difference_fen"),
    (MOMENT, "made_at expires_at release_at applied_at"),
)
COLUMNS = (
    *("booking_id", "number", "kind", "subject_id", "part", "amount_fen", "currency"),
    *("due_at", "grace_until", "state", "opened_at", "ended_at"),
)


def upgrade() -> None:
    op.create_table(
        "payable",
        sa.Column("id", KEY, nullable=False),
        sa.Column("booking_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.String(length=32), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("grace_until", MOMENT, nullable=True),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_payable_amount_positive")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_payable_booking_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payable")),
        sa.UniqueConstraint("booking_id", "number", name=op.f("uq_payable_booking_id_number")),
    )
    op.create_index("ix_payable_next", "payable", ["state", "next_at"])
    op.create_index(
        "uq_payable_asked_for",
        "payable",
        ["kind", "subject_id", "part"],
        unique=True,
        sqlite_where=ASKED_FOR,
        postgresql_where=ASKED_FOR,
    )
    op.add_column("payment", sa.Column("payable_id", KEY, nullable=True))
    _of_bookings()
    _of_changes()
    _give_payments_theirs()
    with op.batch_alter_table("payment") as table:
        table.drop_constraint("fk_payment_change_id", type_="foreignkey")
        table.drop_index("ix_payment_change_id")
        table.drop_column("change_id")
        table.drop_column("stage")
        table.alter_column("payable_id", existing_type=KEY, nullable=False)
        table.create_foreign_key("fk_payment_payable_id", "payable", ["payable_id"], ["id"])
        table.create_index("ix_payment_payable_id", ["payable_id"])
        table.create_index(
            "uq_payment_live",
            ["payable_id"],
            unique=True,
            sqlite_where=LIVE_ATTEMPT,
            postgresql_where=LIVE_ATTEMPT,
        )


def _of_bookings() -> None:
    """Give the hold of each traveller a payable for its whole price."""
    state = sa.case(
        (booking.c.state == "held", "open"),
        (booking.c.state == "expired", "lapsed"),
        (sa.and_(booking.c.state == "cancelled", booking.c.confirmed_at.is_(None)), "void"),
        else_="settled",
    )
    ended_at = sa.case(
        (booking.c.state == "held", sa.null()),
        else_=sa.func.coalesce(booking.c.confirmed_at, booking.c.ended_at),
    )
    # Once it is confirmed a stay may change its price; what was asked for the hold stays.
    asked = _asked(payment.c.booking_id == booking.c.id, payment.c.change_id.is_(None))
    rows = sa.select(
        booking.c.id,
        sa.literal(1),
        sa.literal("full"),
        booking.c.id,
        sa.literal(1),
        sa.func.coalesce(*asked, booking.c.total_fen),
        sa.literal("CNY"),
        booking.c.expires_at,
        booking.c.release_at,
        state,
        booking.c.placed_at,
        ended_at,
    ).where(
        booking.c.channel == "web",
        booking.c.test.is_(sa.false()),
        sa.func.coalesce(*asked, booking.c.total_fen) > 0,
    )
    op.execute(sa.insert(payable).from_select(COLUMNS, rows))


def _of_changes() -> None:
    """Give each change that was to be paid a payable for what it costs more."""
    state = sa.case(
        (change.c.state == "held", "open"),
        (change.c.state == "applied", "settled"),
        (change.c.state == "withdrawn", "void"),
        else_="lapsed",
    )
    ended_at = sa.case(
        (change.c.state == "held", sa.null()),
        else_=sa.func.coalesce(change.c.applied_at, change.c.expires_at),
    )
    asked = _asked(payment.c.change_id == change.c.id)
    rows = sa.select(
        change.c.booking_id,
        change.c.number + 1,
        sa.literal("change"),
        change.c.id,
        sa.literal(1),
        sa.func.coalesce(*asked, change.c.difference_fen),
        sa.literal("CNY"),
        change.c.expires_at,
        change.c.release_at,
        state,
        change.c.made_at,
        ended_at,
    ).where(
        change.c.expires_at.is_not(None),
        sa.func.coalesce(*asked, change.c.difference_fen) > 0,
    )
    op.execute(sa.insert(payable).from_select(COLUMNS, rows))


def _asked(*of: Any) -> list[Any]:
    """Return what was asked for, by the attempt that paid it, or else by any."""
    fits = (payment.c.state == "succeeded", payment.c.in_suspense.is_(sa.false()))
    return [
        sa.select(sa.func.max(payment.c.amount_fen)).where(*of, *fits).scalar_subquery(),
        sa.select(sa.func.max(payment.c.amount_fen)).where(*of).scalar_subquery(),
    ]


def _give_payments_theirs() -> None:
    """Let each payment pay the payable of what it was for; of two at once one has its own."""
    theirs = (
        sa.select(payable.c.id)
        .where(
            payable.c.booking_id == payment.c.booking_id,
            payable.c.subject_id == sa.func.coalesce(payment.c.change_id, payment.c.booking_id),
        )
        .scalar_subquery()
    )
    op.execute(sa.update(payment).values(payable_id=theirs))
    for found in _to_be_parted():
        _give_its_own(found)


def _to_be_parted() -> list[Any]:
    """Return the payments that cannot share a payable with another: none, but for accidents.

    Of several that were paid, one bought what it was for, and the others went back; of several
    pages that are open the newest is the one to pay on.
    """
    connection = op.get_bind()
    late = sa.exists().where(refund.c.payment_id == payment.c.id, refund.c.reason == "late_payment")
    paid = connection.execute(
        sa.select(payment)
        .where(payment.c.state == "succeeded", payment.c.in_suspense.is_(sa.false()))
        .order_by(sa.case((late, 1), else_=0), payment.c.paid_at, payment.c.key)
    ).all()
    live = connection.execute(
        sa.select(payment)
        .where(payment.c.state.in_(LIVE))
        .order_by(payment.c.created_at.desc(), payment.c.key.desc())
    ).all()
    alone = connection.execute(
        sa.select(payment).where(payment.c.payable_id.is_(None)).order_by(payment.c.key)
    ).all()
    return [*alone, *_second(paid), *_second(live)]


def _second(payments: Sequence[Any]) -> list[Any]:
    seen: set[int] = set()
    second = []
    for found in payments:
        if found.payable_id in seen:
            second.append(found)
        elif found.payable_id is not None:
            seen.add(found.payable_id)
    return second


def _give_its_own(found: Any) -> None:
    """Give a payment a payable of its own sum, which nobody is asked for any more."""
    connection = op.get_bind()
    last = connection.scalar(
        sa.select(sa.func.coalesce(sa.func.max(payable.c.number), 0)).where(
            payable.c.booking_id == found.booking_id
        )
    )
    subject_id = found.change_id or found.booking_id
    due_at = found.expires_at or found.created_at
    connection.execute(
        sa.insert(payable).values(
            booking_id=found.booking_id,
            number=last + 1,
            kind="change" if found.change_id else "full",
            subject_id=subject_id,
            part=1,
            amount_fen=found.amount_fen,
            currency=found.currency,
            due_at=due_at,
            state="void",
            opened_at=found.created_at,
            ended_at=found.paid_at or due_at,
        )
    )
    own = sa.select(payable.c.id).where(
        payable.c.booking_id == found.booking_id, payable.c.number == last + 1
    )
    connection.execute(
        sa.update(payment).where(payment.c.id == found.id).values(payable_id=own.scalar_subquery())
    )


def downgrade() -> None:
    op.add_column("payment", sa.Column("change_id", sa.String(length=32), nullable=True))
    op.add_column(
        "payment",
        sa.Column("stage", sa.String(length=32), nullable=False, server_default="full"),
    )
    theirs = sa.select(payable.c.subject_id).where(
        payable.c.id == payment.c.payable_id, payable.c.kind == "change"
    )
    op.execute(sa.update(payment).values(change_id=theirs.scalar_subquery()))
    with op.batch_alter_table("payment") as table:
        table.drop_index(
            "uq_payment_live", sqlite_where=LIVE_ATTEMPT, postgresql_where=LIVE_ATTEMPT
        )
        table.drop_index("ix_payment_payable_id")
        table.drop_constraint("fk_payment_payable_id", type_="foreignkey")
        table.drop_column("payable_id")
        table.alter_column(
            "stage",
            existing_type=sa.String(length=32),
            existing_nullable=False,
            server_default=None,
        )
        table.create_foreign_key("fk_payment_change_id", "stay_change", ["change_id"], ["id"])
        table.create_index("ix_payment_change_id", ["change_id"])
    op.drop_table("payable")
