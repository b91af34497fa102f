"""Work that nobody waits for."""

from __future__ import annotations

import subprocess
import sys
import threading

from marketplace.kernel.background import Background
from marketplace.settings import ROOT
from tests.support.waiting import until


def test_what_comes_together_is_done_together() -> None:
    done: list[list[int]] = []
    background = Background[int]("test", done.append, pause_seconds=0.05)
    for number in range(3):
        background.add(number)
    assert done == []
    until(lambda: bool(done), within=10)
    assert done == [[0, 1, 2]]
    background.add(3)
    until(lambda: len(done) > 1, within=10)
    assert done[1] == [3]


def test_who_asks_never_waits_for_the_work() -> None:
    going_on, done = threading.Event(), list[int]()

    def work(items: list[int]) -> None:
        going_on.wait(10)
        done.extend(items)

    background = Background[int]("test", work, pause_seconds=0)
    for number in range(3):
        background.add(number)
    assert done == []
    going_on.set()
    until(lambda: sorted(done) == [0, 1, 2], within=10)


def test_after_a_failure_the_next_is_done() -> None:
    tried: list[int] = []
    done: list[int] = []

    def work(items: list[int]) -> None:
        tried.extend(items)
        if items == [0]:
            raise ValueError("the first fails")
        done.extend(items)

    background = Background[int]("test", work, pause_seconds=0)
    background.add(0)
    until(lambda: tried == [0], within=10)
    background.add(1)
    until(lambda: done == [1], within=10)


def test_a_process_that_ends_does_first_what_waits() -> None:
    program = [
        "from marketplace.kernel.background import Background",
        "Background('test', print, pause_seconds=60).add(7)",
    ]
    ended = subprocess.run(
        [sys.executable, "-c", "; ".join(program)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert ended.stdout == "[7]\n"
