"""An import from preview to undo, piece by piece, on both databases."""

from __future__ import annotations

import io

import pytest
import sqlalchemy as sa

from catalog.bulk import application, export, import_runs
from catalog.bulk.directory_loading import DATA
from catalog.bulk.reasons import unpack
from catalog.bulk.states import ImportUnderWay, RunState, WrongRunState
from catalog.bulk.tables import source
from catalog.models import Enterprise, EnterpriseCluster, EnterpriseGrade, Listing, Site, Station
from catalog.office.models import ImportLine, ImportRun
from catalog.service import suspend
from catalog.states import EnterpriseStatus
from marketplace.kernel import audit, changes
from marketplace.kernel.clock import SetClock
from marketplace.kernel.db import Database
from marketplace.staff.roles import Role
from marketplace.staff.service import NewUser, add_user
from tests.factories import make_listing
from tests.support.bureau import CLERK, Bureau
from tests.support.directory_file import as_csv, as_xlsx, line, lines

CREDIT = "91110000600037341L"


@pytest.fixture
def bureau(directory: Database, clock: SetClock) -> Bureau:
    with directory.write() as session:
        clerk = add_user(
            session,
            NewUser(login="clerk", password="river-birch-stone", role=Role.OFFICE),
            now=clock.now(),
        )
    return Bureau(directory, clock, clerk.id)


def test_many_lines_in_pieces_with_crashes_between_and_a_whole_undo(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = bureau.snapshot()
    rows = [*lines(1_480), line(9, name_zh="又一个"), line(1_481, lat="30")]
    rows[20] = line(21, id="JL001", name_zh="改了名字的泉", cluster="jian", source="book 2026")
    run_id = bureau.give(as_csv(rows))
    # The worker dies after some pieces, before it could owe the next one; the sweep tries again.
    tools = import_runs.Tools(bureau.database, bureau.blobs, bureau.clock, owes=False)
    import_runs.advance(tools, run_id=run_id, actor=CLERK, lines=200, pieces=3)
    assert (bureau.run(run_id).state, bureau.run(run_id).done) == (RunState.READING, 600)
    bureau.work()
    run = bureau.run(run_id)
    assert (run.state, run.total, run.done) == (RunState.PREVIEWED, 1_482, 1_482)
    assert run.counts == {"new": 1_479, "changed": 1, "unchanged": 0, "refused": 2}
    assert "重复" in bureau.reasons(run_id)["JL00009"]
    assert "不在吉林省" in bureau.reasons(run_id)["JL01481"]
    assert bureau.snapshot() == before, "a preview changes nothing"

    bureau.decide(import_runs.begin_apply, run_id)
    with pytest.raises(WrongRunState):
        bureau.decide(import_runs.begin_apply, run_id)
    assert bureau.step(lines=200, pieces=2)
    assert (bureau.run(run_id).state, bureau.run(run_id).done) == (RunState.APPLYING, 400)
    assert bureau.count(Enterprise) == 122 + 400 - 1

    def dies(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(application.fact_writer, "tell", dies)
        with pytest.raises(RuntimeError):
            import_runs.advance(tools, run_id=run_id, actor=CLERK, lines=200)
    assert bureau.run(run_id).done == 400, "a piece is done whole or not at all"
    bureau.work()
    run = bureau.run(run_id)
    assert (run.state, run.done, run.total) == (RunState.APPLIED, 1_480, 1_480)
    assert bureau.count(Enterprise) == 122 + 1_479
    assert bureau.entry("JL001").name_zh == "改了名字的泉"
    with bureau.database.read() as session:
        told = session.scalars(
            sa.select(changes.Change.entity_id).where(changes.Change.kind == changes.ENTERPRISE)
        ).all()
        entry = session.execute(
            sa.select(audit.AuditEntry.actor_id, audit.AuditEntry.detail).where(
                audit.AuditEntry.subject_id == str(run_id)
            )
        ).one()
    assert len(told) == len(set(told)) + 1 == 122 + 1_480, "each once, and the changed one again"
    assert entry.actor_id == "1"
    assert entry.detail == {"new": 1_479, "changed": 1, "unchanged": 0, "refused": 2}

    bureau.undo(run_id)
    assert bureau.run(run_id).state is RunState.UNDONE
    assert bureau.snapshot() == before
    with pytest.raises(WrongRunState):
        bureau.decide(import_runs.begin_undo, run_id)


def test_a_new_entry_has_everything_the_line_tells(bureau: Bureau) -> None:
    heads = ["legal_name", "credit_code", "address", "grade", "grade_as_of", "town_zh", "slope"]
    row = line(
        1,
        legal_name="示例有限公司",
        credit_code=CREDIT,
        address="二道白河镇 1 号",
        grade="4A",
        grade_as_of="2025",
        town_zh="二道白河",
        slope="north",
        cluster="changbai;jian",
    )
    bureau.applied([row], heads=[*row, *(head for head in heads if head not in row)])
    entry = bureau.entry("JL00001")
    with bureau.database.read() as session:
        site = session.scalars(sa.select(Site).where(Site.enterprise_id == entry.id)).one()
        station = session.get_one(Station, site.nearest_station_id)
        grade = session.scalars(
            sa.select(EnterpriseGrade).where(EnterpriseGrade.enterprise_id == entry.id)
        ).one()
        clusters = session.scalars(
            sa.select(EnterpriseCluster.cluster).where(EnterpriseCluster.enterprise_id == entry.id)
        ).all()
    assert (entry.status, entry.claimed, entry.version) == (EnterpriseStatus.LISTED, False, 1)
    assert (entry.legal_name, entry.credit_code) == ("示例有限公司", CREDIT)
    assert (site.address, site.name, station.name_zh) == (
        "二道白河镇 1 号",
        "第1号山庄",
        "长白山站",
    )
    assert (grade.value, grade.as_of, sorted(clusters)) == ("4A", "2025", ["changbai", "jian"])


class TestRefusedByRow:
    def test_codes_counties_stations_and_credit_codes(self, bureau: Bureau) -> None:
        heads = [*line(1), "credit_code", "slope", "station"]
        with bureau.database.read() as session:
            west = session.scalars(
                sa.select(Station.code).where(Station.name_zh == "长白山西站")
            ).one()
        run_id = bureau.applied(
            [
                line(1, credit_code=CREDIT),
                line(2, credit_code=CREDIT),
                line(3, county="长白县"),
                line(4, slope="north", station=west),
                line(5, station="JL99999"),
                line(6, id=west),
                line(7, credit_code=CREDIT[:-1] + "M"),
                line(8, type="casino"),
            ],
            heads=heads,
        )
        reasons = bureau.reasons(run_id)
        assert "重复" in reasons["JL00002"]
        assert "安图县" in reasons["JL00003"]
        assert "所在的坡" in reasons["JL00004"]
        assert "没有编号" in reasons["JL00005"]
        assert "车站的" in reasons[west]
        assert "校验码" in reasons["JL00007"]
        assert "类别" in reasons["JL00008"]
        assert bureau.run(run_id).counts["new"] == 1
        again = bureau.previewed([line(9, credit_code=CREDIT)], heads=heads)
        assert "JL00001 的" in bureau.reasons(again)["JL00009"]

    def test_a_claimed_or_delisted_entry_is_not_overwritten(self, bureau: Bureau) -> None:
        bureau.applied([line(1), line(2), line(3)])
        with bureau.database.write() as session:
            session.execute(
                sa.update(Enterprise).where(Enterprise.code == "JL00001").values(claimed=True)
            )
            session.execute(
                sa.update(Enterprise)
                .where(Enterprise.code == "JL00002")
                .values(status=EnterpriseStatus.DELISTED)
            )
        run_id = bureau.applied([line(1, name_en="A"), line(2, name_en="B"), line(3, name_en="C")])
        assert bureau.reasons(run_id) == {
            "JL00001": "已由经营者认领，资料由其申报",
            "JL00002": "已经从名录除名",
        }
        assert [bureau.entry(f"JL0000{n}").name_en for n in (1, 2, 3)] == [
            "Lodge 1",
            "Lodge 2",
            "C",
        ]

    def test_what_changed_after_the_preview_is_left_alone(self, bureau: Bureau) -> None:
        bureau.applied([line(1), line(2), line(3)])
        run_id = bureau.previewed(
            [line(n, note_en="newer") for n in (1, 2, 3)] + [line(4), line(5)]
        )
        with bureau.database.write() as session:
            one = session.scalars(sa.select(Enterprise).where(Enterprise.code == "JL00001")).one()
            one.note_en = "somebody else's"
            two = session.scalars(sa.select(Enterprise).where(Enterprise.code == "JL00002")).one()
            two.claimed = True
        bureau.applied([line(4, note_en="from another import")])
        bureau.decide(import_runs.begin_apply, run_id)
        bureau.work()
        assert bureau.run(run_id).counts == {"new": 1, "changed": 1, "unchanged": 0, "refused": 3}
        assert bureau.reasons(run_id) == {
            "JL00001": "预览以后这一项又有变动，没有改",
            "JL00002": "已由经营者认领，资料由其申报",
            "JL00004": "预览以后这一项又有变动，没有改",
        }
        assert bureau.entry("JL00001").note_en == "somebody else's"
        assert bureau.entry("JL00003").note_en == "newer"


class TestUndo:
    def test_keeps_what_is_in_use_or_changed_since_and_says_so(self, bureau: Bureau) -> None:
        bureau.applied([line(1)])
        run_id = bureau.applied(
            [
                line(1, name_en="Changed"),
                *lines(3, first=2),
                line(5, type="rail_station", lat="46", lon="122"),
                line(6, type="rail_station"),
            ]
        )
        with bureau.database.write() as session:
            make_listing(session, enterprise_id=bureau.entry("JL00002").id)
            suspend(
                session,
                enterprise_id=bureau.entry("JL00003").id,
                reason="查",
                actor=CLERK,
                now=bureau.clock.now(),
            )
            station = session.scalars(sa.select(Station).where(Station.code == "JL00006")).one()
            session.execute(
                sa.update(Site)
                .where(Site.enterprise_id == bureau.entry("JL00002").id)
                .values(nearest_station_id=station.id)
            )
        bureau.undo(run_id)
        assert bureau.run(run_id).counts["kept"] == 3
        assert bureau.reasons(run_id, "kept") == {
            "JL00002": "已经有产品、申请或证照连着它，没有删除",
            "JL00003": "导入以后又有人改过，没有动它",
            "JL00006": "还有场所靠这个车站到达，没有删除",
        }
        assert bureau.entry("JL00001").name_en == "Lodge 1"
        assert bureau.count(Enterprise) == 122 + 3
        assert bureau.count(Station) == 8 + 1
        assert bureau.count(Listing) == 1

    def test_one_import_at_a_time_changes_the_directory(self, bureau: Bureau) -> None:
        first, second = bureau.previewed([line(1)]), bureau.previewed([line(2)])
        bureau.decide(import_runs.begin_apply, first)
        with pytest.raises(ImportUnderWay):
            bureau.decide(import_runs.begin_apply, second)
        bureau.work()
        bureau.decide(import_runs.begin_apply, second)
        with pytest.raises(ImportUnderWay):
            bureau.decide(import_runs.begin_undo, first)

    def test_a_dropped_preview_is_forgotten(self, bureau: Bureau) -> None:
        run_id = bureau.previewed([line(1)])
        with bureau.database.write() as session:
            import_runs.drop(session, run_id=run_id)
        with pytest.raises(WrongRunState):
            bureau.decide(import_runs.begin_apply, run_id)
        with bureau.database.read() as session:
            kept = sa.select(sa.func.count()).where(ImportLine.run_id == run_id)
            assert session.scalar(kept) == 0


def test_a_file_sent_twice_is_one_import(bureau: Bureau) -> None:
    data = as_csv([line(1)])
    assert bureau.give(data) == bureau.give(data)


def test_a_file_that_breaks_off_is_refused_whole(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "MOST_LINES", 250)
    run_id = bureau.previewed(lines(300))
    run = bureau.run(run_id)
    assert run.state is RunState.REFUSED
    assert "最多 %(most)s 行" in unpack(run.problem)[0]
    with bureau.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).where(ImportLine.run_id == run_id)) == 0


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_an_export_imported_again_changes_nothing(bureau: Bureau, ending: str) -> None:
    heads = [*line(1), "legal_name", "credit_code", "address", "town_zh", "slope"]
    bureau.applied(
        [
            line(1, name_en="=cmd|' /C calc'!A0", cluster="changbai;jian", credit_code=CREDIT),
            line(2, name_en="'=quoted", note_zh="第一行\n第二行", address="-3 号", slope="west"),
            line(3, id="JL00003", note_zh="没有等级", county="安图县"),
        ],
        heads=heads,
    )
    with bureau.database.write() as session:
        # The office took a grade away and an operator claimed an entry: the file knows of both.
        key = session.scalars(sa.select(Enterprise.id).where(Enterprise.code == "JL00002")).one()
        session.execute(sa.delete(EnterpriseGrade).where(EnterpriseGrade.enterprise_id == key))
        session.execute(sa.update(Enterprise).where(Enterprise.id == key).values(claimed=True))
    with bureau.database.read() as session:
        found = export.rows(session, where=[Enterprise.is_sample.is_(False)])
        if ending == "csv":
            data = b"".join(export.as_csv(found))
        else:
            file = io.BytesIO()
            export.write_xlsx(found, file)
            data = file.getvalue()
    assert b"\n=cmd" not in data
    assert b",=cmd" not in data
    run_id = bureau.give(data)
    bureau.work()
    assert bureau.run(run_id).counts == {"new": 0, "changed": 0, "unchanged": 125, "refused": 0}


def test_the_bundled_file_as_a_workbook_changes_nothing(bureau: Bureau) -> None:
    data = (DATA / "directory-places.csv").read_bytes()
    rows = [row for _n, row, _fault in source.read(data, source.check(data))]
    run_id = bureau.give(as_xlsx(rows))
    bureau.work()
    assert bureau.run(run_id).counts["unchanged"] == 130
    with bureau.database.read() as session:
        assert session.get_one(ImportRun, run_id).encoding == "xlsx"
