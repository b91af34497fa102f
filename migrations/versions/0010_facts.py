"""More facts: grades by scheme, licences' end, what springs, activities and trains have."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010_facts"
down_revision = "0009_office"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "enterprise_grade",
        sa.Column(
            "enterprise_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("scheme", sa.String(length=32), nullable=False),
        sa.Column("value", sa.String(length=20), nullable=False),
        sa.Column("as_of", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_enterprise_grade_enterprise_id")
        ),
        sa.PrimaryKeyConstraint("enterprise_id", "scheme", name=op.f("pk_enterprise_grade")),
    )
    op.execute(
        "INSERT INTO enterprise_grade (enterprise_id, scheme, value, as_of) "
        "SELECT id, 'a_level', grade, COALESCE(grade_as_of, '') FROM enterprise "
        "WHERE grade IS NOT NULL"
    )
    op.create_table(
        "berth_class",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "listing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("code", sa.String(length=28), nullable=False),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("lower", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("capacity > 0", name=op.f("ck_berth_class_capacity_positive")),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_berth_class_listing_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_berth_class")),
        sa.UniqueConstraint("code", name=op.f("uq_berth_class_code")),
    )
    with op.batch_alter_table("berth_class", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_berth_class_listing_id"), ["listing_id"], unique=False)
    op.create_table(
        "time_slot",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "listing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("code", sa.String(length=28), nullable=False),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=100), nullable=False),
        sa.Column("weekdays", sa.JSON(), nullable=False),
        sa.Column("starts", sa.String(length=5), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "minutes > 0 AND capacity > 0", name=op.f("ck_time_slot_minutes_and_capacity")
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_time_slot_listing_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_slot")),
        sa.UniqueConstraint("code", name=op.f("uq_time_slot_code")),
    )
    with op.batch_alter_table("time_slot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_time_slot_listing_id"), ["listing_id"], unique=False)
    with op.batch_alter_table("enterprise", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "legal_name", sa.String(length=120), nullable=False, server_default=sa.text("''")
            )
        )
        batch_op.add_column(sa.Column("credit_code", sa.String(length=18), nullable=True))
        batch_op.add_column(sa.Column("sells_until", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_enterprise_sells_until", ["sells_until"], unique=False)
        batch_op.create_index(
            "uq_enterprise_credit_code",
            ["credit_code"],
            unique=True,
            sqlite_where=sa.text("status <> 'delisted'"),
            postgresql_where=sa.text("status <> 'delisted'"),
        )
        batch_op.drop_column("grade_as_of")
        batch_op.drop_column("grade")
    # The defaults were for the rows that stood there already.
    with op.batch_alter_table("enterprise", schema=None) as batch_op:
        batch_op.alter_column("legal_name", server_default=None)
    with op.batch_alter_table("listing", schema=None) as batch_op:
        batch_op.add_column(sa.Column("steps", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("bed_height_cm", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("july_mean_c", sa.Double(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "july_years", sa.String(length=20), nullable=False, server_default=sa.text("''")
            )
        )
        batch_op.add_column(sa.Column("activity", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("spring", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("water_c", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("cautions_zh", sa.Text(), nullable=False, server_default=sa.text("''"))
        )
        batch_op.add_column(
            sa.Column("cautions_en", sa.Text(), nullable=False, server_default=sa.text("''"))
        )
        batch_op.add_column(
            sa.Column("tcm", sa.JSON(), nullable=False, server_default=sa.text("'[]'"))
        )
        batch_op.add_column(sa.Column("pets", sa.String(length=32), nullable=True))
        batch_op.add_column(
            sa.Column("opens", sa.String(length=5), nullable=False, server_default=sa.text("''"))
        )
        batch_op.add_column(
            sa.Column("closes", sa.String(length=5), nullable=False, server_default=sa.text("''"))
        )
    # The defaults were for the rows that stood there already.
    with op.batch_alter_table("listing", schema=None) as batch_op:
        batch_op.alter_column("july_years", server_default=None)
        batch_op.alter_column("cautions_zh", server_default=None)
        batch_op.alter_column("cautions_en", server_default=None)
        batch_op.alter_column("tcm", server_default=None)
        batch_op.alter_column("opens", server_default=None)
        batch_op.alter_column("closes", server_default=None)
    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "address", sa.String(length=200), nullable=False, server_default=sa.text("''")
            )
        )
    # The defaults were for the rows that stood there already.
    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.alter_column("address", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.drop_column("address")
    with op.batch_alter_table("listing", schema=None) as batch_op:
        batch_op.drop_column("closes")
        batch_op.drop_column("opens")
        batch_op.drop_column("pets")
        batch_op.drop_column("tcm")
        batch_op.drop_column("cautions_en")
        batch_op.drop_column("cautions_zh")
        batch_op.drop_column("water_c")
        batch_op.drop_column("spring")
        batch_op.drop_column("activity")
        batch_op.drop_column("july_years")
        batch_op.drop_column("july_mean_c")
        batch_op.drop_column("bed_height_cm")
        batch_op.drop_column("steps")
    with op.batch_alter_table("enterprise", schema=None) as batch_op:
        batch_op.add_column(sa.Column("grade", sa.VARCHAR(length=10), nullable=True))
        batch_op.add_column(sa.Column("grade_as_of", sa.VARCHAR(length=10), nullable=True))
        batch_op.drop_index(
            "uq_enterprise_credit_code",
            sqlite_where=sa.text("status <> 'delisted'"),
            postgresql_where=sa.text("status <> 'delisted'"),
        )
        batch_op.drop_index("ix_enterprise_sells_until")
        batch_op.drop_column("checked_at")
        batch_op.drop_column("sells_until")
        batch_op.drop_column("credit_code")
        batch_op.drop_column("legal_name")
    op.execute(
        "UPDATE enterprise SET grade = (SELECT value FROM enterprise_grade "
        "WHERE enterprise_id = enterprise.id AND scheme = 'a_level')"
    )
    op.execute(
        "UPDATE enterprise SET grade_as_of = (SELECT as_of FROM enterprise_grade "
        "WHERE enterprise_id = enterprise.id AND scheme = 'a_level')"
    )
    with op.batch_alter_table("time_slot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_time_slot_listing_id"))
    op.drop_table("time_slot")
    with op.batch_alter_table("berth_class", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_berth_class_listing_id"))
    op.drop_table("berth_class")
    op.drop_table("enterprise_grade")
