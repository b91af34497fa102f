"""What a newcomer is told when the machine is not ready: one line that says what to do."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def find_python(folder: Path, **pythons: str) -> subprocess.CompletedProcess[str]:
    """Run the search on a machine that holds only these Pythons, each a shell script."""
    for name, script in pythons.items():
        path = folder / name.replace("_", ".")
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
    shell = shutil.which("sh")
    assert shell is not None
    return subprocess.run(
        [shell, str(ROOT / "deploy" / "find-python.sh")],
        env={"PATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


REAL = f'exec "{sys.executable}" "$@"'
OLD = 'case "$2" in *print*) echo 3.9 ;; *) exit 1 ;; esac'
BARE = f'case "$2" in *ensurepip*) exit 1 ;; *) {REAL} ;; esac'
SHIM = "exit 127"


class TestFindPython:
    def test_the_first_that_can_make_an_environment_is_taken(self, tmp_path: Path) -> None:
        found = find_python(tmp_path, python3_13=SHIM, python3_12=BARE, python3_11=REAL)
        assert found.stdout == f"{tmp_path}/python3.11\n"
        assert found.stderr == ""

    @pytest.mark.parametrize(
        ("pythons", "line"),
        [
            ({}, "Python 3.11 or newer is needed; none was found."),
            ({"python3": OLD}, "Python 3.11 or newer is needed; found only 3.9 ("),
            ({"python3": BARE}, " lacks its venv module. Install it (on Debian or Ubuntu: apt"),
        ],
    )
    def test_what_is_missing_is_said_in_one_line(
        self, tmp_path: Path, pythons: dict[str, str], line: str
    ) -> None:
        found = find_python(tmp_path, **pythons)
        assert found.returncode == 1
        assert found.stdout == ""
        assert line in found.stderr
        assert found.stderr.count("\n") == 1


class TestServe:
    def serve(self, port: str, state: Path) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PORT": port, "SNOWBIRD_STATE_DIR": str(state)}
        return subprocess.run(
            [sys.executable, str(ROOT / "deploy" / "serve.py")],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )

    def test_a_busy_port_is_named_and_another_offered(self, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            run = self.serve(str(port), tmp_path / "state")
        assert run.returncode == 1
        assert run.stdout == (
            f"Port {port} is busy; stop what uses it, or choose another: make run PORT={port + 1}\n"
        )
        assert run.stderr == ""
        assert not (tmp_path / "state").exists()

    @pytest.mark.parametrize("port", ["eight", "0", "65536", "-1"])
    def test_a_port_that_is_none_is_refused(self, tmp_path: Path, port: str) -> None:
        run = self.serve(port, tmp_path / "state")
        assert run.returncode == 1
        assert run.stdout == f"PORT must be a number from 1 to 65535; it is {port!r}.\n"


def test_make_help_lists_every_command() -> None:
    # Inside `make test` this make would be a sub-make, and say which folder it enters.
    environment = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    listed = subprocess.run(
        ["make", "help"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout
    commands = [line.split()[1] for line in listed.splitlines()]
    assert commands == ["help", "run", "test", "check", "bench", "lock", "clean"]
