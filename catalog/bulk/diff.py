"""What a line would do: new, changed, unchanged, or refused with the reason. Changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.bulk import flat_facts
from catalog.bulk.directory_rows import PlaceRow, parse_place, read_towns
from catalog.bulk.flat_facts import Entry, Facts, different
from catalog.bulk.reasons import RowError
from catalog.bulk.states import Verdict
from catalog.bulk.tables.source import Line
from catalog.geography.reference_models import Division
from catalog.geography.rules import StationPoint, nearest_station
from catalog.geography.towns import TownPoint
from catalog.models import Enterprise, Station
from catalog.office.models import ImportLine
from catalog.states import EnterpriseStatus
from catalog.vocabulary import Slope

TOWNS = Path(__file__).resolve().parents[2] / "data" / "towns.csv"
WHERE = ("lat", "lon", "slope")
"""The facts that the nearest station depends on."""
LONGEST_CODE = 20


@dataclass(frozen=True, slots=True)
class Ground:
    """What every line is judged against."""

    towns: Sequence[TownPoint]
    counties: Mapping[str, str]
    stations: Sequence[StationPoint]

    def station(self, code: str) -> StationPoint | None:
        """Return a station by its code."""
        return next((point for point in self.stations if point.code == code), None)

    def nearest(self, where: Mapping[str, Any]) -> str:
        """Return the code of the station to arrive at, or an empty text."""
        slope = Slope(where["slope"]) if where.get("slope") else None
        found = nearest_station(where["lat"], where["lon"], slope, self.stations)
        return next((point.code for point in self.stations if point.id == found), "")


def ground(session: Session) -> Ground:
    """Return the towns, divisions and stations as they are known now."""
    divisions = session.execute(sa.select(Division.code, Division.name))
    counties = {row.code: row.name for row in divisions}
    return Ground(read_towns(TOWNS), counties, station_points(session))


def station_points(session: Session) -> list[StationPoint]:
    """Return the stations as the choice of the nearest one needs them."""
    rows = session.execute(
        sa.select(Station.id, Station.code, Station.lat, Station.lon, Station.slope)
    )
    return [StationPoint(*row) for row in rows]


def judge(
    session: Session, *, run_id: int, lines: Sequence[Line], against: Ground
) -> list[dict[str, Any]]:
    """Return the rows of ``import_line`` for these lines; six queries however many there are."""
    parsed = [_parse(line, against) for line in lines]
    places = [place for place in parsed if isinstance(place, PlaceRow)]
    chunk = _ChunkJudge(session, run_id, places, against)
    made = []
    for (number, row, _fault), place in zip(lines, parsed, strict=True):
        kept: dict[str, Any] = {
            "run_id": run_id,
            "line": number,
            "code": row["id"][:LONGEST_CODE],
            "credit_code": None,
            "is_station": False,
            "reason": "",
            "before": None,
            "after": None,
            "settled": False,
            "version": None,
        }
        try:
            if isinstance(place, RowError):
                raise place
            kept |= {"code": place.code} | chunk.judge(place)
        except RowError as error:
            kept |= {"verdict": Verdict.REFUSED.value, "reason": error.packed}
        made.append(kept)
    return made


def _parse(line: Line, against: Ground) -> PlaceRow | RowError:
    if line.fault is not None:
        return line.fault
    try:
        return parse_place(line.cells, towns=against.towns, counties=against.counties)
    except RowError as error:
        return error


class _ChunkJudge:
    """Judges the lines of one chunk; remembers which codes they use."""

    def __init__(
        self, session: Session, run_id: int, places: Sequence[PlaceRow], against: Ground
    ) -> None:
        codes = {place.code for place in places}
        credit = {place.facts["credit_code"] for place in places if "credit_code" in place.facts}
        self._against = against
        self._entries = flat_facts.entries(session, codes)
        self._stations = flat_facts.stations(session, codes)
        self._seen = _used(session, run_id, ImportLine.code, codes)
        self._seen_credit = _used(session, run_id, ImportLine.credit_code, credit)
        self._holders = credit_holders(session, credit)

    def judge(self, place: PlaceRow) -> dict[str, Any]:
        """Return verdict, before and after of a line; raises ``RowError``."""
        if place.code in self._seen:
            raise RowError("code_twice", value=place.code)
        have, wanted = self._station(place) if place.is_station else self._entry(place)
        credit = wanted.get("credit_code")
        self._check_credit(place.code, credit)
        self._seen.add(place.code)
        if credit:
            self._seen_credit.add(credit)
        before, after = (None, wanted) if have is None else different(have, wanted)
        verdict = Verdict.NEW if have is None else Verdict.CHANGED if after else Verdict.UNCHANGED
        return {
            "verdict": verdict.value,
            "is_station": place.is_station,
            "credit_code": credit or None,
            "before": before or None,
            "after": after or None,
        }

    def _station(self, place: PlaceRow) -> tuple[Facts | None, Facts]:
        if place.code in self._entries:
            raise RowError("code_of_enterprise", value=place.code)
        row = self._stations.get(place.code)
        return (flat_facts.station_facts(row) if row is not None else None), place.facts

    def _entry(self, place: PlaceRow) -> tuple[Facts | None, Facts]:
        if place.code in self._stations:
            raise RowError("code_of_station", value=place.code)
        entry = self._entries.get(place.code)
        if entry is None:
            wanted = place.facts | {"clusters": list(flat_facts.in_order(place.clusters))}
            return None, wanted | self._chosen_station(place, wanted)
        if entry.row.is_sample:
            raise RowError("code_of_sample", value=place.code)
        have = entry.facts()
        wanted = place.facts | {"clusters": _joined(entry, place)}
        wanted |= self._chosen_station(place, have | wanted)
        # What a claimed entry's operator has told is not told anew from a place on the map.
        if not wanted.get("station") and not entry.row.claimed:
            moved = any(have.get(name) != wanted.get(name, have.get(name)) for name in WHERE)
            if place.station is None or moved:
                wanted["station"] = self._against.nearest(have | wanted)
        if different(have, wanted)[1]:
            check_open(entry)
        return have, wanted

    def _chosen_station(self, place: PlaceRow, where: Mapping[str, Any]) -> Facts:
        """Return the station that the line itself names."""
        if not place.station:
            return {}
        point = self._against.station(place.station)
        if point is None:
            raise RowError("station", value=place.station)
        slope = where.get("slope", "")
        if slope and point.slope != slope:
            raise RowError("station_slope", value=place.station)
        return {"station": place.station}

    def _check_credit(self, code: str, credit: str | None) -> None:
        if not credit:
            return
        if credit in self._seen_credit:
            raise RowError("credit_code_twice", value=credit)
        holder = self._holders.get(credit, code)
        if holder != code:
            raise RowError("credit_code_taken", value=credit, holder=holder)


def check_open(entry: Entry) -> None:
    """Raise ``RowError`` for an entry whose facts no import may change."""
    if entry.row.claimed:
        raise RowError("claimed")
    if entry.row.status is EnterpriseStatus.DELISTED:
        raise RowError("delisted")


def credit_holders(session: Session, credit: Collection[str]) -> dict[str, str]:
    """Return whose each of these credit codes is: the directory code of an entry not delisted."""
    if not credit:
        return {}
    rows = session.execute(
        sa.select(Enterprise.credit_code, Enterprise.code).where(
            Enterprise.credit_code.in_(credit), Enterprise.status != EnterpriseStatus.DELISTED
        )
    )
    return {str(row.credit_code): row.code for row in rows}


def _joined(entry: Entry, place: PlaceRow) -> list[str]:
    """Return the clusters with those that the line names; further ones are the office's doing.

    A line that names none takes the entry out of all.
    """
    return list(flat_facts.in_order({*entry.clusters, *place.clusters}) if place.clusters else ())


def _used(
    session: Session,
    run_id: int,
    column: sa.orm.InstrumentedAttribute[Any],
    values: Collection[str],
) -> set[str]:
    """Return which of ``values`` earlier lines of the run use."""
    if not values:
        return set()
    return set(
        session.scalars(
            sa.select(column).where(
                ImportLine.run_id == run_id,
                column.in_(values),
                ImportLine.verdict != Verdict.REFUSED,
            )
        )
    )
