"""Work that nobody waits for: done moments later in a thread, all that came meanwhile at once."""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

import structlog

Item = TypeVar("Item")


class Background(Generic[Item]):
    """Gathers what is asked for within ``pause_seconds`` and hands it to ``work`` in one list.

    A process that ends does first what still waits, a command for example right after its commit.
    Only for what is found again without it: a process that is killed does nothing more, and a
    failure is logged and goes no further. The thread begins with the first item, so that a process
    may fork before.
    """

    def __init__(
        self, name: str, work: Callable[[list[Item]], object], *, pause_seconds: float
    ) -> None:
        """Do nothing yet."""
        self._name, self._work, self._pause_seconds = name, work, pause_seconds
        self._guard, self._working = threading.Lock(), threading.Lock()
        self._waiting: list[Item] = []
        self._woken = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, item: Item) -> None:
        """Have ``item`` worked on soon; returns at once."""
        with self._guard:
            self._waiting.append(item)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
                atexit.register(self._do)
        self._woken.set()

    def _run(self) -> None:
        while True:
            self._woken.wait()
            # What comes meanwhile is done with the first.
            time.sleep(self._pause_seconds)
            self._woken.clear()
            self._do()

    def _do(self) -> None:
        with self._working:
            with self._guard:
                items, self._waiting = self._waiting, []
            if not items:
                return
            try:
                self._work(items)
            except Exception as error:
                structlog.get_logger("background").error(self._name, exc_info=error)
