"""The facts of all stays that search filters by, as bit sets: one row of bits for each choice.

A filter is the AND of rows and a facet's counts are population counts of ANDs, so that all counts
over 10,000 listings cost a few microseconds. Each process builds its own beside the matrix.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Enterprise, EnterpriseCluster, EnterpriseGrade, Listing, Site
from catalog.queries import a_level, is_visible
from catalog.vocabulary import Cluster, FoodTag, ListingKind, Pace, Theme
from marketplace.offers.matrix.arrays import Flags
from marketplace.offers.search.search_types import Access, Grade, HospitalWithin, Provenance

Bits = npt.NDArray[np.uint64]
"""One bit for each listing, 64 to a word."""
WORD = 64
DENSE = 16
"""So many times more ids than listings still make a table of them worth while."""
FAMILY = "family"
CHOICES: dict[str, tuple[str, ...]] = {
    "cluster": tuple(Cluster),
    "theme": tuple(theme for theme in Theme if theme is not Theme.RAIL),
    "access": tuple(Access),
    "hospital": tuple(HospitalWithin),
    "food": tuple(FoodTag),
    "pace": tuple(Pace),
    "grade": tuple(Grade),
    "provenance": tuple(Provenance),
    FAMILY: (FAMILY,),
}
"""Every facet that rests on facts alone, with its values, in the order of the page."""
ROWS = [(name, value) for name, values in CHOICES.items() for value in values]
ROW_OF = {pair: number for number, pair in enumerate(ROWS)}
SLICES = {
    name: slice(ROW_OF[name, values[0]], ROW_OF[name, values[-1]] + 1)
    for name, values in CHOICES.items()
}
PACES = tuple(Pace)
FAR = np.iinfo(np.int16).max
"""Minutes to a hospital that nobody has told."""
_EACH = ("visible", "lat", "lon", "error_km", "ease", "hospital")
"""The arrays of ``Facts`` with one figure for each listing, besides the ids."""


def pack(flags: npt.NDArray[np.bool_]) -> Bits:
    """Return truths as bits along the last axis, filled up to whole words with zeros."""
    spare = -flags.shape[-1] % WORD
    padded = np.pad(flags, [(0, 0)] * (flags.ndim - 1) + [(0, spare)])
    packed = np.packbits(padded, axis=-1, bitorder="little")
    return np.ascontiguousarray(packed).view(np.uint64)


def unpack(bits: Bits, count: int) -> Flags:
    """Return the first ``count`` bits as truths."""
    return np.unpackbits(bits.view(np.uint8), count=count, bitorder="little").view(np.bool_)


@dataclass(slots=True)
class Facts:
    """Facts of the stays in ``ids``, which rise; every array has one place for each of them."""

    ids: npt.NDArray[np.int64]
    visible: Flags
    lat: npt.NDArray[np.float64]
    lon: npt.NDArray[np.float64]
    error_km: npt.NDArray[np.float64]
    """How far off the point may be."""
    ease: npt.NDArray[np.int8]
    """How many of lift, no steps, grab bars and a near hospital it has, for the first order."""
    hospital: npt.NDArray[np.int16]
    """Minutes of driving to the nearest hospital, ``FAR`` where nobody has said."""
    flags: Flags
    """[row of ``ROWS``, listing]."""
    bits: Bits = field(init=False)
    """``flags`` packed."""
    _table: npt.NDArray[np.int64] = field(init=False)
    """Id to place, -1 where there is none; empty where ids are far apart."""

    def __post_init__(self) -> None:
        """Pack the flags and index the ids."""
        self.bits = pack(self.flags)
        highest = int(self.ids[-1]) if len(self.ids) else 0
        dense = highest <= DENSE * len(self.ids)
        # One place more than the highest id, which stands for everything above it.
        self._table = np.full(highest + 2 if dense and highest else 0, -1, np.int64)
        if len(self._table):
            self._table[self.ids] = np.arange(len(self.ids))

    @property
    def count(self) -> int:
        """How many listings."""
        return len(self.ids)

    @property
    def nbytes(self) -> int:
        """The memory of all arrays, in bytes."""
        each = (getattr(self, name) for name in _EACH)
        return sum(array.nbytes for array in (self.ids, *each, self.flags, self.bits, self._table))

    def rows_of(self, listing_ids: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the places of those listings that are known, in the order given."""
        rows, known = self.places(listing_ids)
        return rows[known]

    def places(self, listing_ids: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], Flags]:
        """Return the place of each listing, and which of them are known at all."""
        if not self.count:
            return np.zeros(len(listing_ids), np.int64), np.zeros(len(listing_ids), np.bool_)
        if len(self._table):
            # One look a listing, where ids are not far apart.
            rows = self._table[np.minimum(listing_ids, len(self._table) - 1)]
            return rows, rows >= 0
        rows = np.minimum(np.searchsorted(self.ids, listing_ids), self.count - 1).astype(np.int64)
        return rows, self.ids[rows] == listing_ids

    def only(self, keep: Flags) -> Facts:
        """Return the facts of some of the listings."""
        names = ("ids", *_EACH)
        arrays = {name: getattr(self, name)[keep] for name in names}
        return Facts(**arrays, flags=self.flags[:, keep])

    def put(self, other: Facts) -> None:
        """Take over the facts of the listings in ``other``, all of which are known here."""
        rows = self.rows_of(other.ids)
        for name in _EACH:
            getattr(self, name)[rows] = getattr(other, name)
        self.flags[:, rows] = other.flags
        self.bits = pack(self.flags)


def load(session: Session, listing_ids: Collection[int] | None = None) -> Facts:
    """Read the facts of the stays among ``listing_ids``, hidden ones too; ``None`` asks for all."""
    statement = (
        sa.select(
            Listing.id,
            is_visible().label("visible"),
            Site.lat,
            Site.lon,
            Site.coord_error_km,
            Listing.theme,
            Listing.lift,
            Listing.no_steps,
            Listing.grab_bars,
            Listing.hospital_minutes,
            Listing.food,
            Listing.pace,
            Listing.family_suited,
            Listing.is_sample,
            a_level(EnterpriseGrade.value).label("grade"),
            Listing.enterprise_id,
        )
        .join(Enterprise, Enterprise.id == Listing.enterprise_id)
        .join(Site, Site.id == Listing.site_id)
        .where(Listing.kind == ListingKind.STAY)
        .order_by(Listing.id)
    )
    members = sa.select(EnterpriseCluster.enterprise_id, EnterpriseCluster.cluster)
    if listing_ids is not None:
        statement = statement.where(Listing.id.in_(listing_ids))
        owners = sa.select(Listing.enterprise_id).where(Listing.id.in_(listing_ids))
        members = members.where(EnterpriseCluster.enterprise_id.in_(owners))
    clusters: dict[int, set[str]] = {}
    for enterprise_id, cluster in session.execute(members):
        clusters.setdefault(enterprise_id, set()).add(cluster)
    return _facts(session.execute(statement).all(), clusters)


def _facts(rows: Iterable[Any], clusters: Mapping[int, set[str]]) -> Facts:
    rows = list(rows)
    flags = np.zeros((len(ROWS), len(rows)), np.bool_)
    for place, row in enumerate(rows):
        for pair in _true_of(row, clusters.get(row.enterprise_id, ())):
            if pair in ROW_OF:
                flags[ROW_OF[pair], place] = True
    easy = [ROW_OF["access", value] for value in Access]
    easy.append(ROW_OF["hospital", HospitalWithin.MINUTES_30])
    return Facts(
        ids=np.array([row.id for row in rows], np.int64),
        visible=np.array([bool(row.visible) for row in rows], np.bool_),
        lat=np.array([row.lat for row in rows], np.float64),
        lon=np.array([row.lon for row in rows], np.float64),
        error_km=np.array([row.coord_error_km for row in rows], np.float64),
        ease=flags[easy].sum(axis=0, dtype=np.int8),
        hospital=np.array(
            [FAR if row.hospital_minutes is None else row.hospital_minutes for row in rows],
            np.int16,
        ),
        flags=flags,
    )


def _true_of(row: Any, clusters: Collection[str]) -> Iterable[tuple[str, str]]:
    """Yield every (facet, value) that holds for a listing."""
    yield from (("cluster", cluster) for cluster in clusters)
    yield "theme", row.theme
    yield from (("access", value) for value in Access if getattr(row, value))
    if row.hospital_minutes is not None:
        yield from (
            ("hospital", value) for value in HospitalWithin if row.hospital_minutes <= int(value)
        )
    yield from (("food", tag) for tag in row.food)
    if row.pace is not None:
        # A place that asks for little walking also suits whoever can walk more.
        yield from (("pace", pace) for pace in PACES[PACES.index(row.pace) :])
    known = row.grade in (Grade.A5, Grade.A4, Grade.A3)
    yield "grade", row.grade if known else Grade.NONE
    yield "provenance", Provenance.SAMPLE if row.is_sample else Provenance.REAL
    if row.family_suited:
        yield FAMILY, FAMILY
