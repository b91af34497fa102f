"""Keeps a few programs running, brings back one that dies, and stops them all together.

Each program leads a process group of its own, so a Ctrl-C in the terminal reaches only the
supervisor, which passes it on once. A second signal kills at once. Should the supervisor itself
be killed, the reaper stops the rest.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

TICK_SECONDS = 0.1
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 10.0
STEADY_SECONDS = 30.0
"""A program that ran this long was well; its next death is met with the shortest pause again."""
SAME_WISH_SECONDS = 1.0
"""Signals this close together are one wish: make passes on what the whole group has heard."""
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Program:
    """What to run: a short ``name`` for the log, and the command line."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables of this program alone, on top of the supervisor's."""


@dataclass(slots=True)
class _Running:
    """One program's current life."""

    program: Program
    process: subprocess.Popen[str] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE_SECONDS
    due: float = 0.0


class Supervisor:
    """Runs programs until told to stop by a signal or by ``stop``."""

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        grace_seconds: float = 8.0,
        say: Callable[[str], None] = lambda text: print(text, flush=True),
    ) -> None:
        """``grace_seconds`` is what programs get to finish before they are killed."""
        self._lives = [_Running(program) for program in programs]
        self._grace = grace_seconds
        self._say = say
        self._told: float | None = None
        self._in_a_hurry = False
        self._width = max(len(program.name) for program in programs)

    def stop(self) -> None:
        """Ask for an orderly stop, as a signal does; asked again later, it kills at once."""
        now = time.monotonic()
        if self._told is None:
            self._told = now
        elif now - self._told > SAME_WISH_SECONDS:
            self._in_a_hurry = True

    def run(self, on_tick: Callable[[], None] = lambda: None) -> None:
        """Start everything and keep it running; returns when all of it has stopped.

        ``on_tick`` is called several times a second from this thread.
        """
        # Under nohup a hang-up is ignored, and stays so.
        numbers = [n for n in STOP_SIGNALS if not _ignored_hangup(n)]
        handlers = {number: signal.signal(number, self._heard) for number in numbers}
        reaper = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("reaper.py"))],
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            while self._told is None:
                self._keep_running(reaper.stdin)
                on_tick()
                time.sleep(TICK_SECONDS)
            self._stop_all()
        finally:
            for life in self._lives:
                self._kill_group(life)
            reaper.communicate()
            for number, handler in handlers.items():
                signal.signal(number, handler)

    def _heard(self, _number: int, _frame: object) -> None:
        self.stop()

    def _keep_running(self, reports: IO[str] | None) -> None:
        now = time.monotonic()
        for life in self._lives:
            if life.process is None:
                if now >= life.due:
                    self._start(life, reports)
            elif (code := life.process.poll()) is not None:
                self._bury(life, code, reports)

    def _start(self, life: _Running, reports: IO[str] | None) -> None:
        life.started = time.monotonic()
        life.process = subprocess.Popen(
            life.program.command,
            env={**os.environ, **life.program.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        _report(reports, f"+{life.process.pid}")
        threading.Thread(
            target=self._relay, args=(life.program.name, life.process.stdout), daemon=True
        ).start()

    def _bury(self, life: _Running, code: int, reports: IO[str] | None) -> None:
        """Clear away what a dead program's children hold, and set the time of its return."""
        if life.process is None:
            return
        self._kill_group(life)
        _report(reports, f"-{life.process.pid}")
        if time.monotonic() - life.started >= STEADY_SECONDS:
            life.pause = FIRST_PAUSE_SECONDS
        self._say(f"{life.program.name} ended ({_reason(code)}); again in {life.pause:g} s")
        life.process = None
        life.due = time.monotonic() + life.pause
        life.pause = min(life.pause * 2, LONGEST_PAUSE_SECONDS)

    def _stop_all(self) -> None:
        """Tell each program once; wait until all are gone, time is up or a second signal comes."""
        waiting = [life.process for life in self._lives if life.process is not None]
        for process in waiting:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + self._grace
        while time.monotonic() < deadline and not self._in_a_hurry:
            if all(process.poll() is not None for process in waiting):
                return
            time.sleep(TICK_SECONDS)

    def _kill_group(self, life: _Running) -> None:
        if life.process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(life.process.pid, signal.SIGKILL)
        life.process.wait()

    def _relay(self, name: str, stream: IO[str]) -> None:
        with stream:
            for line in stream:
                self._say(f"{name:<{self._width}} | {line.rstrip()}")


def _report(reports: IO[str] | None, line: str) -> None:
    """Tell the reaper; without one the programs run all the same."""
    if reports is not None:
        with suppress(OSError):
            reports.write(line + "\n")
            reports.flush()


def _ignored_hangup(number: signal.Signals) -> bool:
    return number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN


def _reason(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
