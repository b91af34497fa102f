"""Anchors of the audit trail: what was sealed, written down outside the database.

Who can change every row can also take rows away at the end, or the whole trail, and the chain
cannot tell. So the last seal's number and digest go to a file and to the log after each sealing.
Each line of the file bears a mark over the line before it, under the audit key. A restore is a line
of its own, with its name: what was sealed after the backup is known to be lost, not cut off.
"""

from __future__ import annotations

import datetime as dt
import enum
import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from marketplace.kernel.crypto import keyring

GENESIS = "0" * 64
Tail = Callable[[], "Seal"]
Log = Callable[["Anchor"], None]


class AnchorKind(enum.StrEnum):
    """What a line tells."""

    SEALED = "sealed"
    """The trail reached to this seal."""
    KEYED = "keyed"
    """It did, and up to this seal it was made without a key, by an older release."""
    RESTORED = "restored"
    """The database was put back to a state that ends with this seal."""


@dataclass(frozen=True, slots=True)
class Seal:
    """The last seal of the trail; number 0 with the genesis digest when there is none."""

    number: int
    digest: str
    keyed: bool = True


@dataclass(frozen=True, slots=True)
class Anchor:
    """One line of the file."""

    kind: AnchorKind
    number: int
    digest: str
    at: dt.datetime
    name: str = ""
    """What a restore was made from."""


class AnchorFile:
    """The anchors of this node, or of all nodes where they share the file."""

    def __init__(self, path: Path, log: Log | None = None) -> None:
        """Use the file at ``path``, which is made at the first sealing; ``log`` is told as well."""
        self._path, self._log = path, log or _log

    def keep(self, tail: Tail, *, now: dt.datetime) -> None:
        """Write down how far the trail reaches, if that is further than the last line says.

        ``tail`` reads the last seal of what is committed.
        """
        with self._open() as descriptor:
            last, seal = self._last(), tail()
            if seal.number > int(last["number"]):
                kind = AnchorKind.SEALED if seal.keyed else AnchorKind.KEYED
                self._append(descriptor, last, Anchor(kind, seal.number, seal.digest, now))

    def restored(self, tail: Tail, *, name: str, now: dt.datetime) -> Anchor:
        """Write down that the database was put back, from what, and how far it reaches now."""
        with self._open() as descriptor:
            seal = tail()
            anchor = Anchor(AnchorKind.RESTORED, seal.number, seal.digest, now, name)
            self._append(descriptor, self._last(), anchor)
        return anchor

    def read(self) -> tuple[list[Anchor], list[str]]:
        """Return the anchors in order, and what is wrong with the file itself."""
        anchors, faults, before = [], [], GENESIS
        for number, line in enumerate(self._lines(), start=1):
            try:
                anchors.append(_anchor(line))
                body = json.loads(line)
                good = hmac.compare_digest(body["mark"], _mark(before, body))
                before = body["mark"]
            except (ValueError, KeyError, TypeError):
                good = False
            if not good:
                faults.append(f"line {number} of the anchors was changed, or one before it is gone")
        return anchors, faults

    def _lines(self) -> list[bytes]:
        try:
            return self._path.read_bytes().splitlines()
        except FileNotFoundError:
            return []

    def _last(self) -> dict[str, Any]:
        """Return the last whole line; a machine that stopped may have left half of one."""
        for line in reversed(self._lines()):
            with suppress(ValueError, KeyError, TypeError):
                _anchor(line)
                found: dict[str, Any] = json.loads(line)
                return found
        return {"number": 0, "mark": GENESIS}

    @contextmanager
    def _open(self) -> Iterator[int]:
        """Open the file for this process alone, at its end."""
        new = not self._path.exists()
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if new:
                _flush_folder(self._path.parent)
            yield descriptor
        finally:
            os.close(descriptor)

    def _append(self, descriptor: int, last: dict[str, Any], anchor: Anchor) -> None:
        key_id, _ = keyring().audit[0]
        body = {
            "kind": anchor.kind.value,
            "number": anchor.number,
            "digest": anchor.digest,
            "at": anchor.at.isoformat(),
            "name": anchor.name,
            "key": key_id,
        }
        body["mark"] = _mark(last["mark"], body)
        whole = not self._path.stat().st_size or self._path.read_bytes().endswith(b"\n")
        line = json.dumps(body, ensure_ascii=False).encode()
        os.write(descriptor, (b"" if whole else b"\n") + line + b"\n")
        os.fsync(descriptor)
        self._log(anchor)


def _log(anchor: Anchor) -> None:
    structlog.get_logger("audit").info(
        "anchor", kind=anchor.kind.value, number=anchor.number, digest=anchor.digest
    )


def _anchor(line: bytes) -> Anchor:
    body = json.loads(line)
    return Anchor(
        AnchorKind(body["kind"]),
        int(body["number"]),
        str(body["digest"]),
        dt.datetime.fromisoformat(body["at"]),
        str(body["name"]),
    )


def _mark(before: str, body: Mapping[str, object]) -> str:
    """Return the mark of a line; raises ``KeyError`` for a key that is not ours."""
    key = dict(keyring().audit)[str(body["key"])]
    told = json.dumps([before, *(body[name] for name in sorted(body) if name != "mark")])
    return hmac.new(key, told.encode(), hashlib.sha256).hexdigest()


def _flush_folder(folder: Path) -> None:
    """Make a new file's name as safe as what is written to it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
