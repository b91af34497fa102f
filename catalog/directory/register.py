"""The directory as the office reads it: entries by words whatever their status."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Enterprise, Listing
from catalog.states import EnterpriseStatus, ListingStatus
from marketplace.kernel import typed

MOST_FOUND = 500


@dataclass(frozen=True, slots=True)
class Counts:
    """How many entries stand where."""

    listed: int
    suspended: int


def matching(session: Session, *, words: str) -> list[int]:
    """Return the ids of the entries whose code is ``words`` or whose name or place holds them."""
    wanted = words.strip()
    pattern = "%" + wanted.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    fields = (Enterprise.name_zh, Enterprise.name_en, Enterprise.county, Enterprise.prefecture)
    rows = session.scalars(
        sa.select(Enterprise.id)
        .where(
            sa.or_(
                Enterprise.code == typed.code(wanted),
                *(field.ilike(pattern, escape="\\") for field in fields),
            )
        )
        .order_by(Enterprise.code)
        .limit(MOST_FOUND)
    )
    return list(rows)


def counts(session: Session, *, samples: bool) -> Counts:
    """Return how many entries are listed and how many suspended."""
    rows = session.execute(
        sa.select(Enterprise.status, sa.func.count().label("number"))
        .where(Enterprise.is_sample.is_(samples))
        .group_by(Enterprise.status)
    )
    found = {row.status: row.number for row in rows}
    return Counts(found.get(EnterpriseStatus.LISTED, 0), found.get(EnterpriseStatus.SUSPENDED, 0))


def on_sale(session: Session, *, enterprise_id: int) -> int:
    """Return how many published listings a suspension of the enterprise takes off sale."""
    found = session.scalar(
        sa.select(sa.func.count())
        .select_from(Listing)
        .where(Listing.enterprise_id == enterprise_id, Listing.status == ListingStatus.PUBLISHED)
    )
    return found or 0
