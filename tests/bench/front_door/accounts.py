"""What processes used, by the operating system's own accounts (Linux; else nothing is known)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

PROC = Path("/proc")
KINDS = {"app:create_app()": "web", "celery_app worker": "worker", "celery_app beat": "scheduler"}
"""What stands in the command line of each kind of process."""


def processes(state: Path) -> dict[str, list[int]]:
    """Return the processes of the installation with this state folder, by kind."""
    mark = f"SNOWBIRD_STATE_DIR={state}".encode()
    found: dict[str, list[int]] = {kind: [] for kind in KINDS.values()}
    for pid in _all():
        words = _text(pid, "cmdline").replace("\0", " ")
        kind = next((KINDS[part] for part in KINDS if part in words), None)
        if kind and mark in _bytes(pid, "environ").split(b"\0"):
            found[kind].append(pid)
    return found


def backends(database: str) -> list[int]:
    """Return the server processes of PostgreSQL that work for connections to a database."""
    return [
        pid
        for pid in _all()
        if (words := _text(pid, "cmdline")).startswith("postgres:") and f" {database} " in words
    ]


def processor_seconds(pids: Iterable[int]) -> float:
    """Return the seconds of processor time that processes have used so far."""
    ticks = 0
    for pid in pids:
        fields = _text(pid, "stat").rpartition(")")[2].split()
        ticks += sum(map(int, fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def megabytes(pids: Iterable[int]) -> float:
    """Return the memory of processes, what they share counted once (PSS)."""
    kilobytes = 0
    for pid in pids:
        for line in _text(pid, "smaps_rollup").splitlines():
            if line.startswith("Pss:"):
                kilobytes += int(line.split()[1])
    return kilobytes / 1024


def used(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """Return what each kind used between two readings."""
    return {kind: after[kind] - before[kind] for kind in after}


def _all() -> list[int]:
    return [int(each.name) for each in PROC.iterdir() if each.name.isdigit()] if _known() else []


def _known() -> bool:
    return (PROC / "self" / "stat").exists()


def _bytes(pid: int, name: str) -> bytes:
    try:
        return (PROC / str(pid) / name).read_bytes()
    except OSError:
        return b""


def _text(pid: int, name: str) -> str:
    return _bytes(pid, name).decode(errors="replace")
