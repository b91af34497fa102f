"""Loading the directory file."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import sqlalchemy as sa

from catalog.bulk.directory_loading import DATA, import_directory
from catalog.bulk.reasons import FileRefused
from catalog.geography.reference_loading import is_plannable, load_reference
from catalog.models import Enterprise, EnterpriseCluster, Site, Station
from catalog.office.models import ImportRun
from catalog.service import suspend
from catalog.states import EnterpriseStatus
from catalog.vocabulary import Cluster, Slope
from marketplace.kernel import audit, changes
from marketplace.kernel.clock import SetClock
from marketplace.kernel.db import Database
from marketplace.sample import load_sample

PLACES = DATA / "directory-places.csv"


def lines() -> list[dict[str, str]]:
    with PLACES.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def count(database: Database, model: type) -> int:
    with database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


class TestTheRealFile:
    def test_loads_122_places_and_8_stations(self, database: Database, clock: SetClock) -> None:
        seen: list[tuple[int, int]] = []
        report = import_directory(
            database, PLACES, clock=clock, progress=lambda *step: seen.append(step)
        )
        assert (report.created, report.updated, report.unchanged) == (130, 0, 0)
        assert report.refused == ()
        assert seen[-1] == (130, 130)
        assert (count(database, Enterprise), count(database, Site)) == (122, 122)
        assert count(database, Station) == 8

    def test_a_rerun_changes_nothing(self, directory: Database, clock: SetClock) -> None:
        report = import_directory(directory, PLACES, clock=clock)
        assert (report.created, report.updated, report.unchanged) == (0, 0, 130)
        # The office's list has the first one alone: there is nothing to take back of the other.
        assert count(directory, ImportRun) == 1
        assert (count(directory, Enterprise), count(directory, Site)) == (122, 122)

    def test_nothing_is_claimed_and_two_are_planned(self, directory: Database) -> None:
        with directory.read() as session:
            rows = session.scalars(sa.select(Enterprise)).all()
        assert not any(row.claimed or row.is_sample for row in rows)
        assert sorted(row.code for row in rows if row.planned) == ["JL013", "JL088"]
        assert {row.status for row in rows} == {EnterpriseStatus.LISTED}
        assert all(row.source for row in rows)

    def test_six_places_are_in_no_cluster(self, directory: Database) -> None:
        assert count(directory, EnterpriseCluster) == 116

    def test_stations_stand_on_their_own_slope(self, directory: Database) -> None:
        with directory.read() as session:
            rows = {row.name_zh: row for row in session.scalars(sa.select(Station))}
            pairs = session.execute(
                sa.select(Site.slope, Station.slope).join(
                    Station, Station.id == Site.nearest_station_id
                )
            ).all()
        assert (rows["长白山站"].town_zh, rows["长白山站"].slope) == ("二道白河", Slope.NORTH)
        assert (rows["长白山西站"].town_zh, rows["长白山西站"].slope) == ("松江河", Slope.WEST)
        assert all(site is None or site is station for site, station in pairs)
        assert len(pairs) > 80


class TestChanges:
    def test_a_changed_line_updates_its_entry(
        self, directory: Database, clock: SetClock, tmp_path: Path
    ) -> None:
        rows = lines()
        rows[0]["note_zh"] = "新的说明"
        rows[1]["cluster"] = "other_jilin"
        rows[2]["cluster"] = "jian"
        rows[122]["note_en"] = "New note"
        clock.advance(days=1)
        report = import_directory(directory, write(tmp_path / "new.csv", rows), clock=clock)
        assert (report.created, report.updated, report.unchanged) == (0, 4, 126)
        with directory.read() as session:
            first = session.scalars(sa.select(Enterprise).where(Enterprise.code == "JL001")).one()
            members = session.execute(
                sa.select(Enterprise.code, EnterpriseCluster.cluster)
                .join(EnterpriseCluster, EnterpriseCluster.enterprise_id == Enterprise.id)
                .where(Enterprise.code.in_(["JL001", "JL002"]))
            ).all()
        assert (first.note_zh, first.version, first.updated_at) == ("新的说明", 2, clock.now())
        assert [tuple(member) for member in members] == [("JL001", Cluster.CHANGBAI)]

    def test_the_office_decision_is_kept(
        self, directory: Database, clock: SetClock, tmp_path: Path
    ) -> None:
        with directory.write() as session:
            key = session.scalar(sa.select(Enterprise.id).where(Enterprise.code == "JL002"))
            assert key is not None
            suspend(session, enterprise_id=key, reason="检查", actor=audit.SYSTEM, now=clock.now())
        rows = lines()
        rows[1]["name_en"] = "Another name"
        import_directory(directory, write(tmp_path / "new.csv", rows), clock=clock)
        with directory.read() as session:
            row = session.get_one(Enterprise, key)
        assert (row.status, row.suspended_reason) == (EnterpriseStatus.SUSPENDED, "检查")
        assert row.name_en == "Another name"

    def test_listings_of_a_changed_enterprise_are_announced(
        self, directory: Database, clock: SetClock, tmp_path: Path
    ) -> None:
        load_sample(directory, clock=clock, days=2)
        with directory.write() as session:
            # An entry that its owner has taken over: the sample's listings stand in for theirs.
            sample = session.scalars(sa.select(Enterprise).where(Enterprise.code == "SMP01")).one()
            sample.code, sample.is_sample = "JL200", False
            changes_before = session.scalar(sa.select(sa.func.max(changes.Change.id))) or 0
        row = lines()[0] | {"id": "JL200", "cluster": "changbai"}
        import_directory(directory, write(tmp_path / "new.csv", [row]), clock=clock)
        with directory.read() as session:
            told = session.scalars(
                sa.select(changes.Change.kind).where(changes.Change.id > changes_before)
            ).all()
        assert sorted(told) == [changes.ENTERPRISE, changes.LISTING, changes.LISTING]


class TestRefusals:
    def test_bad_lines_are_named_and_the_rest_loads(
        self, database: Database, clock: SetClock, tmp_path: Path
    ) -> None:
        load_reference(database)
        rows = lines()
        rows[0]["lat"] = "10"
        rows[1]["type"] = "casino"
        rows[2]["cluster"] = "paris"
        rows[3]["name_zh"] = ""
        rows[5]["id"] = rows[4]["id"]
        rows[6]["adcode"] = "229999"
        report = import_directory(database, write(tmp_path / "bad.csv", rows), clock=clock)
        assert [line for line, _reason in report.refused] == [2, 3, 4, 5, 7, 8]
        assert "重复" in report.refused[4][1]
        assert report.created == 124
        assert count(database, Enterprise) == 116

    def test_a_sample_code_is_not_for_real_places(
        self, directory: Database, clock: SetClock, tmp_path: Path
    ) -> None:
        load_sample(directory, clock=clock, days=2)
        rows = [lines()[0] | {"id": "SMP01"}]
        report = import_directory(directory, write(tmp_path / "bad.csv", rows), clock=clock)
        assert report.created == report.updated == 0
        assert "示例" in report.refused[0][1]

    def test_another_file_is_refused_whole(self, database: Database, clock: SetClock) -> None:
        with pytest.raises(FileRefused, match="name_zh"):
            import_directory(database, DATA / "rail-links.csv", clock=clock)
        assert count(database, Enterprise) == 0


@pytest.mark.parametrize(
    ("as_of", "usable"),
    [
        ("2025-09-28", True),
        ("2026 timetable in an itinerary", True),
        ("2015 (approximate)", False),
        ("2019-12", False),
        ("unknown", False),
    ],
)
def test_old_timetables_are_not_for_planning(as_of: str, usable: bool) -> None:
    assert is_plannable(as_of) is usable
