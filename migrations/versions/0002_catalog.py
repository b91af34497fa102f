"""The directory: enterprises, listings, and the places round them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_catalog"
down_revision = "0001_kernel"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "division",
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("parent_code", sa.String(length=6), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_division")),
    )
    op.create_table(
        "enterprise",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=160), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("claimed", sa.Boolean(), nullable=False),
        sa.Column("planned", sa.Boolean(), nullable=False),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.Column("prefecture", sa.String(length=40), nullable=False),
        sa.Column("county", sa.String(length=40), nullable=False),
        sa.Column("adcode", sa.String(length=6), nullable=False),
        sa.Column("administering_body", sa.String(length=60), nullable=True),
        sa.Column("note_zh", sa.Text(), nullable=False),
        sa.Column("note_en", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_date", sa.String(length=10), nullable=False),
        sa.Column("certainty", sa.String(length=32), nullable=False),
        sa.Column("grade", sa.String(length=10), nullable=True),
        sa.Column("grade_as_of", sa.String(length=10), nullable=True),
        sa.Column("suspended_reason", sa.String(length=300), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprise")),
        sa.UniqueConstraint("code", name=op.f("uq_enterprise_code")),
    )
    with op.batch_alter_table("enterprise", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enterprise_is_sample"), ["is_sample"], unique=False)
    op.create_table(
        "rail_link",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_station", sa.String(length=40), nullable=False),
        sa.Column("to_station", sa.String(length=40), nullable=False),
        sa.Column("fastest_minutes", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.String(length=60), nullable=False),
        sa.Column("usable_for_planning", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rail_link")),
        sa.UniqueConstraint(
            "from_station", "to_station", name=op.f("uq_rail_link_from_station_to_station")
        ),
    )
    op.create_table(
        "source_city",
        sa.Column("adcode", sa.String(length=6), nullable=False),
        sa.Column("city_zh", sa.String(length=40), nullable=False),
        sa.Column("province_zh", sa.String(length=40), nullable=False),
        sa.Column("region", sa.String(length=20), nullable=False),
        sa.Column("july_2008", sa.Double(), nullable=False),
        sa.Column("july_2009", sa.Double(), nullable=False),
        sa.Column("july_mean", sa.Double(), nullable=False),
        sa.Column("cooler_by", sa.Double(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("adcode", name=op.f("pk_source_city")),
    )
    op.create_table(
        "station",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name_zh", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("town_zh", sa.String(length=40), nullable=False),
        sa.Column("town_en", sa.String(length=60), nullable=False),
        sa.Column("slope", sa.String(length=32), nullable=True),
        sa.Column("cluster", sa.String(length=32), nullable=True),
        sa.Column("adcode", sa.String(length=6), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("datum", sa.String(length=32), nullable=False),
        sa.Column("coord_error_km", sa.Double(), nullable=False),
        sa.Column("note_zh", sa.Text(), nullable=False),
        sa.Column("note_en", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station")),
        sa.UniqueConstraint("code", name=op.f("uq_station_code")),
    )
    op.create_table(
        "enterprise_cluster",
        sa.Column(
            "enterprise_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("cluster", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_enterprise_cluster_enterprise_id")
        ),
        sa.PrimaryKeyConstraint("enterprise_id", "cluster", name=op.f("pk_enterprise_cluster")),
    )
    op.create_table(
        "site",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "enterprise_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("town_zh", sa.String(length=40), nullable=False),
        sa.Column("town_en", sa.String(length=60), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("datum", sa.String(length=32), nullable=False),
        sa.Column("coord_basis", sa.String(length=160), nullable=False),
        sa.Column("coord_error_km", sa.Double(), nullable=False),
        sa.Column("slope", sa.String(length=32), nullable=True),
        sa.Column(
            "nearest_station_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_site_enterprise_id")
        ),
        sa.ForeignKeyConstraint(
            ["nearest_station_id"], ["station.id"], name=op.f("fk_site_nearest_station_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
    )
    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_site_enterprise_id"), ["enterprise_id"], unique=False)
    op.create_table(
        "listing",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "enterprise_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=160), nullable=False),
        sa.Column("summary_zh", sa.Text(), nullable=False),
        sa.Column("summary_en", sa.Text(), nullable=False),
        sa.Column("theme", sa.String(length=32), nullable=False),
        sa.Column("min_nights", sa.Integer(), nullable=False),
        sa.Column("max_nights", sa.Integer(), nullable=False),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.Column("lift", sa.Boolean(), nullable=True),
        sa.Column("no_steps", sa.Boolean(), nullable=True),
        sa.Column("grab_bars", sa.Boolean(), nullable=True),
        sa.Column("hospital_km", sa.Integer(), nullable=True),
        sa.Column("hospital_minutes", sa.Integer(), nullable=True),
        sa.Column("altitude_m", sa.Integer(), nullable=True),
        sa.Column("heating", sa.String(length=32), nullable=True),
        sa.Column("food", sa.JSON(), nullable=False),
        sa.Column("pace", sa.String(length=32), nullable=True),
        sa.Column("family_suited", sa.Boolean(), nullable=False),
        sa.Column("illustration", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "min_nights >= 1 AND min_nights <= max_nights", name=op.f("ck_listing_nights_in_order")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_listing_enterprise_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_listing_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing")),
        sa.UniqueConstraint("code", name=op.f("uq_listing_code")),
    )
    with op.batch_alter_table("listing", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_listing_enterprise_id"), ["enterprise_id"], unique=False
        )
    op.create_table(
        "room_type",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "listing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("code", sa.String(length=28), nullable=False),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=100), nullable=False),
        sa.Column("max_adults", sa.Integer(), nullable=False),
        sa.Column("max_guests", sa.Integer(), nullable=False),
        sa.Column("area_m2", sa.Integer(), nullable=True),
        sa.Column("beds_zh", sa.String(length=80), nullable=False),
        sa.Column("beds_en", sa.String(length=100), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "max_adults >= 1 AND max_adults <= max_guests",
            name=op.f("ck_room_type_guests_in_order"),
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_room_type_listing_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_type")),
        sa.UniqueConstraint("code", name=op.f("uq_room_type_code")),
    )
    with op.batch_alter_table("room_type", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_room_type_listing_id"), ["listing_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("room_type", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_room_type_listing_id"))
    op.drop_table("room_type")
    with op.batch_alter_table("listing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_listing_enterprise_id"))
    op.drop_table("listing")
    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_site_enterprise_id"))
    op.drop_table("site")
    op.drop_table("enterprise_cluster")
    op.drop_table("station")
    op.drop_table("source_city")
    op.drop_table("rail_link")
    with op.batch_alter_table("enterprise", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enterprise_is_sample"))
    op.drop_table("enterprise")
    op.drop_table("division")
