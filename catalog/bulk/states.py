"""The life of an import. Pure."""

from __future__ import annotations

import enum

from marketplace.kernel.errors import DomainError


class RunState(enum.StrEnum):
    """Where an import stands."""

    ASKING = "asking"
    """It may be read in two ways, and somebody has to say which is right."""
    READING = "reading"
    PREVIEWED = "previewed"
    REFUSED = "refused"
    APPLYING = "applying"
    APPLIED = "applied"
    UNDOING = "undoing"
    UNDONE = "undone"
    DROPPED = "dropped"


class Verdict(enum.StrEnum):
    """What an import makes of a line."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


KEPT = "kept"
"""Beside the verdicts in the counts: what an undo left as it is."""

RUN_MOVES = {
    RunState.ASKING: {RunState.READING, RunState.DROPPED},
    RunState.READING: {RunState.PREVIEWED, RunState.REFUSED},
    RunState.PREVIEWED: {RunState.APPLYING, RunState.DROPPED},
    RunState.REFUSED: set(),
    RunState.APPLYING: {RunState.APPLIED},
    RunState.APPLIED: {RunState.UNDOING},
    RunState.UNDOING: {RunState.UNDONE},
    RunState.UNDONE: set(),
    RunState.DROPPED: set(),
}
RUNNING = frozenset({RunState.READING, RunState.APPLYING, RunState.UNDOING})
"""While the worker has something to do."""
CHANGING = frozenset({RunState.APPLYING, RunState.UNDOING})
"""While the directory is being changed: one import at a time."""


class WrongRunState(DomainError):
    """The import is not in a state that allows this."""

    code = "wrong_state"
    http_status = 409
    message = "这次导入的状态刚刚已经变了，没有重复办理"


class ImportUnderWay(DomainError):
    """Another import is changing the directory."""

    code = "import_under_way"
    http_status = 409
    message = "另一次导入正在改动名录，请等它办完再来"


def check_run(now: RunState, then: RunState) -> None:
    """Raise ``WrongRunState`` unless an import may go from ``now`` to ``then``."""
    if then not in RUN_MOVES[now]:
        raise WrongRunState(extra={"state": now.value})
