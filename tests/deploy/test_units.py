"""The systemd units are right as far as systemd itself can tell, and let the programs do little."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.servers import ROOT, needed

UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
MOST_EXPOSED = 20
"""Tenths on systemd's own scale, on which 100 is a program that may do everything."""


@pytest.fixture
def installed(tmp_path: Path) -> list[Path]:
    """The units as they would be here."""
    made = []
    for unit in UNITS:
        path = tmp_path / unit.name
        path.write_text(unit.read_text().replace("/opt/snowbird", str(ROOT)))
        made.append(path)
    return made


def analyze(*arguments: str) -> str:
    """Return what systemd-analyze says, which must be content."""
    program = needed(shutil.which("systemd-analyze"), "systemd-analyze")
    run = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout + run.stderr


def test_there_is_one_for_each_program() -> None:
    assert [unit.stem for unit in UNITS] == [
        "snowbird-scheduler",
        "snowbird-web",
        "snowbird-worker",
    ]


def test_systemd_finds_nothing_wrong(installed: list[Path]) -> None:
    assert analyze("verify", "--man=no", *map(str, installed)) == ""


def test_a_mistake_would_be_found(installed: list[Path]) -> None:
    installed[0].write_text(installed[0].read_text().replace("ProtectHome=yes", "ProtectHom=yes"))
    assert "ProtectHom" in analyze("verify", "--man=no", str(installed[0]))


def test_they_may_do_little(installed: list[Path]) -> None:
    for unit in installed:
        said = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(unit))
        assert "Overall exposure level" in said


def test_they_start_what_the_supervisor_starts() -> None:
    """The same command lines on one machine and in production."""
    supervised = (ROOT / "deploy" / "serve.py").read_text()
    for unit in UNITS:
        line = re.search(r"^ExecStart=(.+)$", unit.read_text(), re.MULTILINE)
        assert line is not None
        for option in re.findall(r"--[a-z-]+", line[1]):
            assert option in supervised, option
