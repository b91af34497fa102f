"""The keys of an installation: made once, for its database alone, and never guessed."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.kernel import crypto, key_prints, keyring
from marketplace.kernel.db import Database
from marketplace.kernel.key_prints import KeyPrint, prove
from marketplace.kernel.starting import CannotStart
from marketplace.settings import ROOT
from marketplace.tables import metadata
from tests.support.booking import make_desk

NOW = dt.datetime(2027, 6, 1, 4, tzinfo=dt.UTC)
PRINT = """
import datetime as dt, sys
from pathlib import Path
from marketplace.kernel.db import Database
from marketplace.kernel.key_prints import prove
now = dt.datetime(2027, 6, 1, tzinfo=dt.UTC)
print(prove(Database(sys.argv[1]), Path(sys.argv[2]), now=now).index[0][1].hex())
"""
OLD = {
    "encryption": [["1", "ab" * 32]],
    "index": "cd" * 32,
    "session": "ef" * 32,
    "webhook": "01" * 32,
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


def write(path: Path, content: Any, mode: int = 0o600) -> None:
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    path.chmod(mode)


def refused(database: Database, path: Path) -> list[str]:
    """What is told of keys that are refused; they are as they were afterwards."""
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(CannotStart) as told:
        prove(database, path, now=NOW)
    assert (path.read_bytes() if path.is_file() else None) == before
    return list(told.value.lines)


def changed(path: Path, purpose: str, **entry: str) -> None:
    """Change the only key of a purpose in the file."""
    content = json.loads(path.read_text())
    content[purpose][0] |= entry
    write(path, content)


class TestMaking:
    def test_an_empty_database_gets_new_ones_and_remembers_them(
        self, database: Database, path: Path
    ) -> None:
        ring = prove(database, path, now=NOW)
        assert path.stat().st_mode & 0o777 == 0o600
        assert [len(ring.of(purpose)[0][1]) for purpose in ("encryption", "index", "audit")] == [
            32
        ] * 3
        with database.read() as session:
            rows = session.scalars(sa.select(KeyPrint)).all()
        assert {row.purpose for row in rows} == set(keyring.PURPOSES)
        told = path.read_text()
        assert not any(row.fingerprint in told for row in rows)
        assert prove(database, path, now=NOW) == ring

    def test_before_the_first_migration_as_well(self, tmp_path: Path, path: Path) -> None:
        database = Database(f"sqlite:///{tmp_path / 'none.sqlite3'}")
        ring = prove(database, path, now=NOW)
        assert prove(database, path, now=NOW) == ring
        assert not (tmp_path / "none.sqlite3").exists()

    def test_processes_that_start_at_once_share_one_set(
        self, sqlite_database: Database, path: Path
    ) -> None:
        url = sqlite_database.url.render_as_string(hide_password=False)
        programs = [
            subprocess.Popen(
                [sys.executable, "-c", PRINT, url, str(path)],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(3)
        ]
        answers = {program.communicate(timeout=120)[0].strip() for program in programs}
        assert answers == {prove(sqlite_database, path, now=NOW).index[0][1].hex()}

    def test_so_do_threads_and_nothing_else_is_left_there(self, tmp_path: Path, path: Path) -> None:
        def make(_: int) -> keyring.Keyring:
            keyring.create(path)
            return keyring.ring_of(keyring.read(path))

        with ThreadPoolExecutor(16) as pool:
            assert len(set(pool.map(make, range(64)))) == 1
        assert list(tmp_path.iterdir()) == [path]


class TestRefusing:
    @pytest.fixture(autouse=True)
    def known(self, database: Database, path: Path) -> None:
        prove(database, path, now=NOW)

    def test_missing(self, database: Database, path: Path) -> None:
        path.unlink()
        assert refused(database, path) == [f"{path} is missing"]
        assert not path.exists()

    @pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o602, 0o677])
    def test_open_to_others(self, database: Database, path: Path, mode: int) -> None:
        path.chmod(mode)
        (line,) = refused(database, path)
        assert line.endswith(f"is open to others than its owner; run: chmod 600 {path}")

    def test_of_another_account(
        self, database: Database, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if os.geteuid() == 0:
            os.chown(path, 65_534, -1)
        else:
            monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
        assert refused(database, path) == [
            f"{path} belongs to another account than the one that starts this"
        ]

    @pytest.mark.parametrize("purpose", keyring.PURPOSES)
    def test_wrong(self, database: Database, path: Path, purpose: str) -> None:
        changed(path, purpose, key="9a" * 32)
        assert refused(database, path) == [
            f"{path} holds another {purpose} key 1 than the database was written with"
        ]

    @pytest.mark.parametrize("purpose", keyring.PURPOSES)
    def test_under_another_number(self, database: Database, path: Path, purpose: str) -> None:
        changed(path, purpose, id="7")
        assert refused(database, path) == [
            f"{path} lacks the {purpose} key 1, which the database was written with"
        ]

    @pytest.mark.parametrize("key", ["", "ab", "ab" * 31, "ab" * 33, "zz" * 32])
    def test_short_or_no_key_at_all(self, database: Database, path: Path, key: str) -> None:
        changed(path, "encryption", key=key)
        assert refused(database, path) == [f"{path}: the encryption key 1 is shorter than 32 bytes"]

    @pytest.mark.parametrize("purpose", ["index", "session", "webhook", "audit"])
    def test_short_for_any_purpose(self, database: Database, path: Path, purpose: str) -> None:
        changed(path, purpose, key="ab" * 12)
        (line,) = refused(database, path)
        assert f"the {purpose} key 1 is shorter" in line

    def test_several_faults_are_told_at_once(self, database: Database, path: Path) -> None:
        write(path, keyring.fresh() | {"format": keyring.FORMAT})
        assert len(refused(database, path)) == len(keyring.PURPOSES)

    @pytest.mark.parametrize(
        "content",
        [
            "",
            "{",
            "[]",
            "null",
            "{}",
            '{"format": 2}',
            '{"format": 2, "encryption": 5}',
            "\x00" * 9,
        ],
    )
    def test_damaged(self, database: Database, path: Path, content: str) -> None:
        write(path, content)
        (line,) = refused(database, path)
        assert line.startswith(str(path))
        assert "\n" not in line

    def test_a_folder_in_its_place(self, database: Database, path: Path) -> None:
        path.unlink()
        path.mkdir()
        assert refused(database, path) == [f"{path} is no file"]

    def test_of_a_release_that_had_fewer(self, database: Database, path: Path) -> None:
        content = json.loads(path.read_text())
        write(
            path,
            {"encryption": [["1", content["encryption"][0]["key"]]]}
            | {name: content[name][0]["key"] for name in ("index", "session", "webhook")},
        )
        assert refused(database, path) == [f"{path} is of an older release than the database"]

    def test_no_line_holds_a_key(self, database: Database, path: Path) -> None:
        changed(path, "audit", key="9a" * 32)
        assert "9a9a" not in "".join(refused(database, path))


class TestOfAnOlderRelease:
    """Its database remembers no keys yet; what they wrote stands in it."""

    def test_its_keys_stay_and_those_it_lacks_are_added(
        self, database: Database, path: Path
    ) -> None:
        write(path, OLD)
        ring = prove(database, path, now=NOW)
        assert ring.encryption == (("1", b"\xab" * 32),)
        assert ring.session == (("1", b"ef" * 32),)
        assert len(ring.audit[0][1]) == 32
        assert path.stat().st_mode & 0o777 == 0o600
        assert prove(database, path, now=NOW) == ring

    @pytest.fixture
    def written(self, database: Database, path: Path) -> Database:
        write(path, OLD)
        crypto.install(keyring.ring_of(keyring.fresh() | keyring.read(path)))
        make_desk(database).hold()
        return database

    def test_right_keys_open_what_is_there(self, written: Database, path: Path) -> None:
        assert prove(written, path, now=NOW).index == (("1", b"\xcd" * 32),)

    def test_wrong_ones_do_not(self, written: Database, path: Path) -> None:
        write(path, OLD | {"encryption": [["1", "12" * 32]]})
        assert refused(written, path) == [
            f"{path} holds other keys than the database was written with"
        ]

    def test_none_are_made_where_something_is_encrypted(
        self, written: Database, path: Path
    ) -> None:
        path.unlink()
        assert refused(written, path) == [f"{path} is missing"]


def test_a_database_that_does_not_answer_is_no_empty_one(path: Path) -> None:
    away = Database("postgresql+psycopg://jilin:hunter2@127.0.0.1:9/none")
    (line,) = refused(away, path)
    assert line == "SNOWBIRD_DATABASE_URL leads to a database that does not answer"
    assert not path.exists()


def test_every_encrypted_column_is_known() -> None:
    named = {str(column) for column in key_prints.encrypted_columns()}
    assert {"booking.phone", "booking.lead_name", "booking_item.sleepers"} <= named
    assert {"message.text", "review_case.contact"} <= named
    assert len(named) == sum(
        isinstance(column.type, crypto.EncryptedString)
        for table in metadata.sorted_tables
        for column in table.columns
    )
