"""The supervisor brings programs back and never leaves one behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.waiting import until

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"

# A program that notes its process and that of a child, and then does what its arguments say.
PROGRAM = """
import os, signal, subprocess, sys, time
name, manner = sys.argv[1:]
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
if manner == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if manner == "polite":
    def leave(*_):
        child.terminate()
        child.wait()
        print("goodbye", flush=True)
        os._exit(0)
    signal.signal(signal.SIGTERM, leave)
with open(name, "a") as file:
    file.write(f"{os.getpid()} {child.pid}\\n")
print("hello", flush=True)
time.sleep(600)
"""

# However the tests themselves were started, each run says what becomes of a hang-up.
SUPERVISED = """
import signal, sys
signal.signal(signal.SIGHUP, signal.{hangup})
sys.path.insert(0, {deploy!r})
from supervisor import Program, Supervisor
programs = [
    Program(name, [sys.executable, "-c", {program!r}, name, manner])
    for name, manner in zip(sys.argv[1::2], sys.argv[2::2])
]
Supervisor(programs, grace_seconds=float(sys.argv.pop())).run()
print("all stopped", flush=True)
"""


class Run:
    """A supervisor under test in a folder of its own."""

    def __init__(self, folder: Path, *programs: str, grace: float, hangup: str) -> None:
        self.folder = folder
        script = SUPERVISED.format(deploy=str(DEPLOY), program=PROGRAM, hangup=hangup)
        self.process = subprocess.Popen(
            [sys.executable, "-c", script, *programs, str(grace)],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def lives(self, name: str) -> list[list[int]]:
        """The process and its child, for each life the program has had."""
        file = self.folder / name
        if not file.exists():
            return []
        lines = file.read_text().splitlines()
        return [[int(number) for number in line.split()] for line in lines]

    def all_processes(self) -> list[int]:
        files = [path for path in self.folder.iterdir() if path.is_file()]
        return [number for path in files for life in self.lives(path.name) for number in life]

    def output(self) -> str:
        return self.process.communicate(timeout=15)[0]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def begin(*programs: str, grace: float = 1.5, hangup: str = "SIG_DFL") -> Run:
        run = Run(tmp_path, *programs, grace=grace, hangup=hangup)
        runs.append(run)
        names = programs[::2]
        until(lambda: all(run.lives(name) for name in names))
        return run

    yield begin
    for run in runs:
        run.process.kill()
        run.process.communicate()
        for number in run.all_processes():
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)


def exists(process: int) -> bool:
    """Whether the process runs; one that ended and waits to be collected does not."""
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False
    ).stdout.strip()
    return bool(state) and not state.startswith("Z")


def none_left(run: Run) -> bool:
    return not any(exists(process) for process in run.all_processes())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_one_signal_stops_everything_in_order(start: Callable[..., Run], number: int) -> None:
    run = start("web", "polite", "worker", "polite")
    run.process.send_signal(number)
    output = run.output()
    assert run.process.returncode == 0
    assert none_left(run)
    assert output.splitlines()[-1] == "all stopped"
    assert "web    | goodbye" in output
    assert "worker | goodbye" in output
    assert "Traceback" not in output


def test_a_hang_up_that_is_ignored_at_the_start_stays_ignored(start: Callable[..., Run]) -> None:
    run = start("web", "polite", hangup="SIG_IGN")
    run.process.send_signal(signal.SIGHUP)
    with pytest.raises(subprocess.TimeoutExpired):
        run.process.wait(timeout=0.5)
    run.process.send_signal(signal.SIGTERM)
    assert run.output().endswith("all stopped\n")


def test_a_signal_heard_twice_at_once_is_one_wish(start: Callable[..., Run]) -> None:
    run = start("web", "polite", grace=600)
    run.process.send_signal(signal.SIGTERM)
    run.process.send_signal(signal.SIGINT)
    assert "web | goodbye" in run.output()
    assert run.process.returncode == 0


def test_a_deaf_program_is_killed_when_its_grace_is_over(start: Callable[..., Run]) -> None:
    run = start("web", "deaf", "worker", "polite")
    run.process.send_signal(signal.SIGINT)
    assert run.output().endswith("all stopped\n")
    assert run.process.returncode == 0
    assert none_left(run)


def test_told_twice_it_kills_at_once_and_leaves_nothing(start: Callable[..., Run]) -> None:
    run = start("web", "deaf", grace=600)
    run.process.send_signal(signal.SIGINT)
    time.sleep(1.1)  # sooner, it would be the same Ctrl-C heard twice
    run.process.send_signal(signal.SIGINT)
    assert run.output().endswith("all stopped\n")
    assert run.process.returncode == 0
    assert none_left(run)


def test_a_killed_program_comes_back_and_its_children_go(start: Callable[..., Run]) -> None:
    run = start("web", "polite", "worker", "polite")
    first, child = run.lives("worker")[0]
    os.kill(first, signal.SIGKILL)
    until(lambda: len(run.lives("worker")) == 2)
    assert not exists(child)
    assert len(run.lives("web")) == 1
    run.process.send_signal(signal.SIGTERM)
    assert "worker ended (signal SIGKILL); again in 0.5 s" in run.output()
    assert none_left(run)


def test_a_program_that_keeps_dying_is_met_with_longer_pauses(start: Callable[..., Run]) -> None:
    run = start("worker", "polite")
    for life in range(1, 3):
        os.kill(run.lives("worker")[-1][0], signal.SIGKILL)
        until(lambda wanted=life: len(run.lives("worker")) > wanted)
    run.process.send_signal(signal.SIGTERM)
    pauses = [line.split("; ")[1] for line in run.output().splitlines() if " ended " in line]
    assert pauses == ["again in 0.5 s", "again in 1 s"]


def test_nothing_outlives_a_killed_supervisor(start: Callable[..., Run]) -> None:
    run = start("web", "polite", "worker", "deaf")
    run.process.kill()
    until(lambda: none_left(run))
