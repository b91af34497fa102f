"""The commands, as somebody at a terminal sees them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from catalog.models import Enterprise
from marketplace import tasks
from marketplace.booking.models import Booking
from marketplace.bootstrap import Services
from marketplace.cli import DATA
from marketplace.kernel.audit import AuditEntry
from marketplace.operations import backup
from marketplace.sample import life
from marketplace.sample.stories import stories
from marketplace.settings import Environment
from marketplace.staff.models import User
from marketplace.staff.passwords import reason_against
from tests.factories import Room
from tests.support.staff import CODE_PAGE, Browser, House

Run = Callable[..., Result]
PLACES = DATA / "directory-places.csv"


@pytest.fixture
def run(app: Flask) -> Run:
    """Run a command."""

    def invoke(*words: object) -> Result:
        with app.app_context():
            result = app.test_cli_runner().invoke(args=[str(word) for word in words])
        # Whatever is refused is refused in words: no command ends in a traceback.
        assert result.exception is None or isinstance(result.exception, SystemExit), result
        return result

    return invoke


def refusal(result: Result) -> str:
    """What a refused command said, in its one line."""
    assert result.exit_code == 1, result.output
    # A progress bar may have stood before it.
    said = result.stderr.strip().splitlines()
    (line,) = [line for line in said if line.startswith("Error: ")]
    assert line == said[-1]
    return line.removeprefix("Error: ")


def enterprises(services: Services) -> int:
    with services.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Enterprise)) or 0


class TestMigrate:
    def test_again_is_harmless(self, run: Run) -> None:
        assert run("migrate").exit_code == 0


class TestImport:
    def test_twice_loads_once(self, run: Run, services: Services) -> None:
        assert (
            "130 new, 0 updated, 0 unchanged, 0 refused" in run("import-directory", PLACES).output
        )
        assert "0 new, 0 updated, 130 unchanged" in run("import-directory", PLACES).output
        assert enterprises(services) == 122

    def test_a_bad_row_is_told_by_line_and_the_rest_load(
        self, run: Run, services: Services, tmp_path: Path
    ) -> None:
        lines = PLACES.read_text(encoding="utf-8").splitlines(keepends=True)
        spoilt = tmp_path / "places.csv"
        spoilt.write_text("".join([*lines[:2], "nonsense\n", *lines[3:6]]), encoding="utf-8")
        result = run("import-directory", spoilt)
        assert result.exit_code == 0
        assert "line 3: " in result.stderr
        assert "1 refused" in result.stdout
        assert enterprises(services) == 4

    @pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00\x01", b"a;b\n1;2\n", b"\x00" * 9])
    def test_a_file_of_another_kind_is_refused_in_a_line(
        self, run: Run, services: Services, tmp_path: Path, content: bytes
    ) -> None:
        file = tmp_path / "other.csv"
        file.write_bytes(content)
        assert refusal(run("import-directory", file))
        assert enterprises(services) == 0

    def test_an_encoding_is_told_where_two_are_possible(self, run: Run, tmp_path: Path) -> None:
        file = tmp_path / "places.csv"
        file.write_bytes("id,名称\nJL001,小院\n".replace("名称", "name").encode("gbk"))
        assert "--encoding" in refusal(run("import-directory", file))
        assert "缺少这些列" in refusal(run("import-directory", file, "--encoding", "gb18030"))

    def test_a_file_that_is_not_there(self, run: Run, tmp_path: Path) -> None:
        result = run("import-directory", tmp_path / "none.csv")
        assert result.exit_code == 2
        assert "does not exist" in result.output


def test_loading_twice_changes_nothing(run: Run, services: Services) -> None:
    first = run("load-data")
    assert first.exit_code == 0
    assert "sample: loaded" in first.output
    count = enterprises(services)
    assert count > 122
    again = run("load-data")
    assert "0 new, 0 updated, 130 unchanged" in again.output
    assert "sample: unchanged" in again.output
    assert enterprises(services) == count
    assert "documents indexed" in run("build-index").output
    assert run("audit").exit_code == 0


class TestPlaySample:
    def test_guests_come_once_and_the_house_receives_them(
        self, run: Run, services: Services, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            life, "stories", lambda now: [one for one in stories(now) if one.room == "SMP01B1"]
        )
        run("load-data")
        assert " acts" in run("play-sample").output
        assert "sample guests: unchanged" in run("play-sample").output
        with services.database.read() as session:
            host = session.scalars(sa.select(User).where(User.login == "operator")).one()
            received = session.scalars(
                sa.select(AuditEntry).where(AuditEntry.action == "booking.checked_in")
            ).all()
        assert received
        assert {entry.actor_id for entry in received} == {str(host.id)}
        assert run("audit", "--settled").exit_code == 0

    @pytest.mark.parametrize("without", [{"env": Environment.PRODUCTION}, {"sample_guests": False}])
    def test_nobody_comes_where_they_are_not_wanted(
        self, run: Run, app: Flask, services: Services, without: dict[str, object]
    ) -> None:
        run("load-data")
        settings = services.settings.model_copy(update=without)
        app.extensions["services"] = dataclasses.replace(services, settings=settings)
        assert run("play-sample").output == "sample guests: none here\n"
        with services.database.read() as session:
            assert session.scalar(sa.select(sa.func.count()).select_from(Booking)) == 0
            assert session.scalar(sa.select(sa.func.count()).select_from(User)) == 0


class TestUserAdd:
    def test_a_password_is_made_and_printed_once(
        self, run: Run, services: Services, app: Flask
    ) -> None:
        said = run("user-add", "clerk", "--role", "office").output.strip()
        login, _, password = said.partition(" added, password: ")
        assert login == "clerk"
        assert reason_against(password, about=["clerk"]) == ""
        with services.database.read() as session:
            stored = session.scalars(sa.select(User.password_hash)).one()
        assert password not in stored
        assert stored.startswith("$argon2id$")

    @pytest.mark.parametrize("password", ["short", "clerk-clerk", "aaaaaaaaaaaa", "x" * 200])
    def test_a_weak_password_is_refused(self, run: Run, password: str) -> None:
        assert refusal(run("user-add", "clerk", "--role", "office", "--password", password))

    def test_a_login_that_is_taken_is_refused(self, run: Run) -> None:
        run("user-add", "clerk", "--role", "office")
        assert refusal(run("user-add", "clerk", "--role", "office"))

    def test_an_unknown_enterprise_is_refused(self, run: Run) -> None:
        assert refusal(run("user-add", "front", "--role", "operator", "--enterprise", "XX99"))

    def test_an_operator_without_an_enterprise_is_refused(self, run: Run) -> None:
        assert refusal(run("user-add", "front", "--role", "operator"))

    def test_an_unknown_role_is_refused(self, run: Run) -> None:
        assert run("user-add", "x", "--role", "king").exit_code == 2


class TestDemoAccounts:
    def test_are_made_once_and_printed_again(self, run: Run, services: Services) -> None:
        run("load-data")
        first = run("demo-accounts").output
        assert "operator" in first
        assert run("demo-accounts").output == first
        kept = services.settings.state_dir / "demo-accounts.json"
        assert kept.stat().st_mode & 0o777 == 0o600

    def test_sign_in_with_what_is_printed_but_never_in_production(
        self, run: Run, app: Flask, services: Services
    ) -> None:
        run("load-data")
        lines = run("demo-accounts").output.splitlines()
        password = next(line for line in lines if line.startswith("office ")).split(" / ")[1]
        code = lines[lines.index(f"office    office / {password}") + 1].split()[2]
        browser = Browser(app.test_client())
        browser.open("/account/sign-in")
        assert CODE_PAGE in browser.send("/account/sign-in", login="office", password=password)
        assert "企业名录" in browser.send("/account/code", code=code)
        settings = services.settings.model_copy(update={"env": Environment.PRODUCTION})
        app.extensions["services"] = dataclasses.replace(services, settings=settings)
        Browser(app.test_client()).sign_in("office", password, expect=401)

    def test_are_not_for_production(self, run: Run, app: Flask, services: Services) -> None:
        settings = services.settings.model_copy(update={"env": Environment.PRODUCTION})
        app.extensions["services"] = dataclasses.replace(services, settings=settings)
        assert refusal(run("demo-accounts")) == "demo accounts are not for production"


class TestAudit:
    def test_clean(self, run: Run, house: House) -> None:
        house.booked()
        result = run("audit", "--json")
        report = json.loads(result.stdout)
        assert (result.exit_code, report["clean"]) == (0, True)
        assert all(faults == [] for faults in report["faults"].values())
        assert report["counts"]
        assert "FAIL" not in run("audit").output

    def test_broken(self, run: Run, house: House, services: Services) -> None:
        house.booked()
        with services.database.write() as session:
            session.execute(sa.text("UPDATE stock_day SET taken = taken + 1 WHERE taken = 0"))
        result = run("audit", "--json")
        report = json.loads(result.stdout)
        assert (result.exit_code, report["clean"]) == (1, False)
        assert report["faults"]["taken_equals_live_claims"]
        plain = run("audit")
        assert plain.exit_code == 1
        assert "FAIL taken_equals_live_claims" in plain.output

    def test_settled_demands_that_nothing_is_owed(self, run: Run, house: House) -> None:
        house.desk.pay(house.desk.hold())
        assert run("audit").exit_code == 0
        assert run("audit", "--settled").exit_code == 1


class TestKeys:
    def test_new_ones_and_back_to_one_each(
        self, run: Run, services: Services, house: House
    ) -> None:
        booking_id = house.booked(phone="13912345678")
        said = run("keys", "rotate").output
        assert "new keys for: encryption, index, session, webhook, audit" in said
        assert refusal(run("keys", "rotate"))
        assert run("keys", "rotate", "--only", "session").exit_code == 0
        said = run("keys", "rewrap").output
        assert "encryption: key 1 is needed no more and gone" in said
        assert "audit: key 1 still reads" in said
        assert "0 rows and files written anew" in run("keys", "rewrap").output
        secrets = [key for _, key in services.keyring.session]
        assert not any(key.decode() in said for key in secrets)
        with services.database.read() as session:
            found = session.get(Booking, booking_id)
            assert found is not None
            assert found.phone == "13912345678"
        assert run("audit").exit_code == 0

    def test_who_did_it_is_in_the_trail(self, run: Run, services: Services) -> None:
        assert refusal(run("keys", "rotate", "--as", "nobody"))
        run("keys", "rotate", "--only", "audit")
        with services.database.read() as session:
            details = session.scalars(
                sa.select(AuditEntry.detail).where(AuditEntry.action == "keys.rotated")
            ).all()
        assert details == [{"purposes": ["audit"]}]


class TestBackup:
    @pytest.fixture
    def file(self, run: Run, loaded: Room, tmp_path: Path) -> Path:
        file = tmp_path / "backup.gz"
        assert f"rows written to {file.name}" in run("backup", file).output
        return file

    def test_comes_back(self, run: Run, services: Services, file: Path) -> None:
        assert "rows restored" in run("restore", file, "--replace").output
        assert enterprises(services) == 1

    def test_the_audit_tells_it_from_a_cut(
        self, run: Run, services: Services, file: Path, house: House
    ) -> None:
        house.booked()
        assert run("audit").exit_code == 0
        tasks.seal_audit(services)
        backup.restore(services.database, file, now=services.clock.now(), replace=True)
        cut = run("audit")
        assert cut.exit_code == 1
        assert "FAIL audit_chain" in cut.output
        said = run("restore", file, "--replace").output
        assert "the audit trail reaches to seal " in said
        report = json.loads(run("audit", "--json").stdout)
        assert report["faults"]["audit_chain"] == []
        (note,) = report["notes"]
        assert "from backup.gz, to seal " in note
        assert note in run("audit").output

    def test_by_other_means_its_name_is_given(
        self, run: Run, services: Services, file: Path, house: House
    ) -> None:
        house.booked()
        tasks.seal_audit(services)
        backup.restore(services.database, file, now=services.clock.now(), replace=True)
        assert refusal(run("anchor", " "))
        assert "restored from base of 1 June, to seal " in run("anchor", "base of 1 June").output
        assert "from base of 1 June" in run("audit").output
        assert run("audit").exit_code == 0

    def test_under_other_keys_it_is_refused(self, run: Run, services: Services, file: Path) -> None:
        run("keys", "rotate")
        run("keys", "rewrap")
        assert "钥匙" in refusal(run("restore", file, "--replace"))
        assert enterprises(services) == 1

    def test_what_is_there_is_not_lost_by_mistake(
        self, run: Run, services: Services, file: Path
    ) -> None:
        assert "--replace" in refusal(run("restore", file))
        assert enterprises(services) == 1

    @pytest.mark.parametrize("part", [0, 10, -30, -1])
    def test_a_file_cut_short_replaces_nothing(
        self, run: Run, services: Services, file: Path, part: int
    ) -> None:
        file.write_bytes(file.read_bytes()[:part])
        assert file.name in refusal(run("restore", file, "--replace"))
        assert enterprises(services) == 1

    def test_nor_does_a_file_with_a_wrong_byte(
        self, run: Run, services: Services, file: Path
    ) -> None:
        raw = bytearray(file.read_bytes())
        raw[len(raw) // 2] ^= 0xFF
        file.write_bytes(raw)
        assert refusal(run("restore", file, "--replace"))
        assert enterprises(services) == 1

    def test_nor_does_any_other_file(self, run: Run, services: Services) -> None:
        assert PLACES.name in refusal(run("restore", PLACES, "--replace"))
        assert enterprises(services) == 0

    def test_a_folder_that_is_not_there_is_said_so(self, run: Run, tmp_path: Path) -> None:
        assert "No such file" in refusal(run("backup", tmp_path / "none" / "backup.gz"))
