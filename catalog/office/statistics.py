"""What the register holds, in numbers: by cluster, category, grade, county and standing."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Enterprise
from catalog.office.entries.completeness import Field, Freshness
from catalog.office.entries.records import Record
from catalog.office.models import Licence
from catalog.states import EnterpriseStatus
from catalog.vocabulary import Category, Cluster, GradeScheme, LicenceKind

WARNED_DAYS = 60
"""How long before its end a licence is called about to expire."""


@dataclass(frozen=True, slots=True)
class Quality:
    """How complete and how fresh the entries of a cluster are; ``None`` is outside all."""

    cluster: Cluster | None
    entries: int
    percent: int | None
    """Mean completeness in whole per cent; ``None`` without entries."""
    bands: dict[Freshness, int]


@dataclass(frozen=True, slots=True)
class Register:
    """The register in numbers. An entry in two clusters counts in both, and once in ``entries``."""

    entries: int
    claimed: int
    planned: int
    clusters: dict[Cluster | None, int]
    categories: dict[Category, int]
    grades: dict[tuple[GradeScheme, str], int]
    counties: dict[tuple[str, str], int]
    """By prefecture and county, in Chinese."""
    quality: tuple[Quality, ...]


@dataclass(frozen=True, slots=True)
class Ending:
    """A licence that ends soon or has ended; its number is nobody's business here."""

    code: str
    name_zh: str
    name_en: str
    kind: LicenceKind
    expires_on: dt.date


def standing(session: Session, *, samples: bool) -> dict[EnterpriseStatus, int]:
    """Return how many entries stand where with the office, struck-off ones too: one query."""
    rows = session.execute(
        sa.select(Enterprise.status, sa.func.count())
        .where(Enterprise.is_sample.is_(samples))
        .group_by(Enterprise.status)
    )
    found = {row[0]: row[1] for row in rows}
    return {status: found.get(status, 0) for status in EnterpriseStatus}


def summed(entries: Iterable[Record]) -> Register:
    """Count what ``entries`` are."""
    have = list(entries)
    clusters: Counter[Cluster | None] = Counter()
    grades: Counter[tuple[GradeScheme, str]] = Counter()
    for one in have:
        clusters.update(one.clusters or (None,))
        grades.update((grade.scheme, grade.value) for grade in one.grades)
    order: list[Cluster | None] = [*Cluster, None]
    categories = Counter(one.category for one in have)
    counties = Counter((one.prefecture, one.county) for one in have)
    return Register(
        entries=len(have),
        claimed=sum(one.claimed for one in have),
        planned=sum(one.planned for one in have),
        clusters={cluster: clusters[cluster] for cluster in order},
        categories=dict(sorted(categories.items(), key=lambda pair: (-pair[1], pair[0]))),
        grades=dict(sorted(grades.items())),
        counties=dict(sorted(counties.items(), key=lambda pair: (-pair[1], pair[0]))),
        quality=tuple(quality(cluster, have) for cluster in order),
    )


def quality(cluster: Cluster | None, entries: Iterable[Record]) -> Quality:
    """Measure the entries of one cluster, or those of none."""
    mine = [one for one in entries if in_cluster(one, cluster)]
    bands = Counter(one.fresh for one in mine)
    total = sum(one.complete.percent for one in mine)
    return Quality(
        cluster,
        len(mine),
        total // len(mine) if mine else None,
        {band: bands[band] for band in Freshness},
    )


def in_cluster(entry: Record, cluster: Cluster | None) -> bool:
    """Whether an entry belongs to a cluster, or with ``None`` to none at all."""
    return cluster in entry.clusters if cluster is not None else not entry.clusters


def lacking(entries: Iterable[Record]) -> dict[Field, tuple[int, int]]:
    """Return for each field how many entries lack it, and how many should have it."""
    lack: Counter[Field] = Counter()
    asked: Counter[Field] = Counter()
    for one in entries:
        asked.update(one.complete.asked)
        lack.update(one.complete.missing)
    return {field: (lack[field], asked[field]) for field in Field if asked[field]}


_AGE = list(Freshness)


def worst(entries: Iterable[Record], *, most: int) -> list[Record]:
    """Return the entries that need work most: the least complete, then the oldest."""
    order = sorted(
        entries, key=lambda one: (one.complete.percent, -_AGE.index(one.fresh), one.code)
    )
    return order[:most]


def endings(session: Session, *, samples: bool, today: dt.date, most: int) -> list[Ending]:
    """Return the licences that end within 60 days or have ended, the first to end first."""
    rows = session.execute(
        sa.select(
            Enterprise.code,
            Enterprise.name_zh,
            Enterprise.name_en,
            Licence.kind,
            Licence.expires_on,
        )
        .join(Enterprise, Enterprise.id == Licence.enterprise_id)
        .where(
            Enterprise.is_sample.is_(samples),
            Enterprise.status != EnterpriseStatus.DELISTED,
            Licence.replaced_at.is_(None),
            Licence.expires_on <= today + dt.timedelta(days=WARNED_DAYS),
        )
        .order_by(Licence.expires_on, Enterprise.code, Licence.kind)
        .limit(most)
    )
    return [
        Ending(code, zh, en, kind, ends) for code, zh, en, kind, ends in rows if ends is not None
    ]
