"""What a figure looks like on the screen, and what counts as a wrong answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeVar

Answer = TypeVar("Answer")


class WrongAnswerError(Exception):
    """What was measured is not what should have happened: the figure means nothing."""


def insist(truth: object, why: str) -> None:
    """Raise ``WrongAnswerError`` unless ``truth`` holds."""
    if not truth:
        raise WrongAnswerError(why)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, mostly a ratio of two things measured in turns, with the goal it is held against.

    Without a goal it is only told.
    """

    id: str
    what: str
    ratio: float
    goal: float | None
    better: Literal["below", "above"]
    note: str = ""

    @property
    def passed(self) -> bool:
        """Whether the goal is met, if there is one."""
        if self.goal is None:
            return True
        return self.ratio <= self.goal if self.better == "below" else self.ratio >= self.goal

    def line(self) -> str:
        """The figure in one line of the table."""
        sign = "≤" if self.better == "below" else "≥"
        verdict = "PASS" if self.passed else "miss"
        goal = "" if self.goal is None else f"{sign} {self.goal:<7.4g}{verdict}"
        return f"{self.id:<4}{self.what:<58}{self.ratio:>9.4g}  {goal:<15}{self.note}"


def show(title: str, figures: Iterable[Figure]) -> None:
    """Print the figures of one database."""
    print(f"\n{title}")
    for figure in figures:
        print(f"  {figure.line()}", flush=True)


def timed(call: Callable[[], Answer]) -> tuple[Answer, float]:
    """Return what ``call`` answers, and the seconds it took."""
    begin = time.perf_counter()
    return call(), time.perf_counter() - begin
