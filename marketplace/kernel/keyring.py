"""The keys of an installation, and the file that holds them: for its owner alone, never guessed.

For each purpose several keys may stand there: the first one writes, all of them read, until what
older ones wrote is written anew.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
import re
import secrets
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from marketplace.kernel.starting import CannotStart

Key = tuple[str, bytes]
"""The name of a key among those of its purpose, and the key."""
Entries = dict[str, list[dict[str, str]]]
"""The keys as the file has them, by purpose: ``id``, ``key`` and, once it followed, ``since``."""

FORMAT = 2
LEAST_BYTES = 32
KEY_ID = re.compile(r"[0-9]{1,6}")
TEXTS = {"session", "webhook"}
"""Purposes whose keys are used as they are written; the others are hex digits."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """The secret keys of an installation, by purpose; the first of each writes."""

    encryption: tuple[Key, ...]
    """Encrypt personal fields; 32 bytes."""
    index: tuple[Key, ...]
    """Make the blind indexes."""
    session: tuple[Key, ...]
    """Sign cookies and forms."""
    webhook: tuple[Key, ...]
    """Sign the events of the simulated gateway."""
    audit: tuple[Key, ...]
    """Seal the audit trail and its anchors."""

    def of(self, purpose: str) -> tuple[Key, ...]:
        """Return the keys for a purpose."""
        found: tuple[Key, ...] = getattr(self, purpose)
        return found


PURPOSES = tuple(field.name for field in fields(Keyring))


def fresh() -> Entries:
    """Return a new set of keys."""
    return {purpose: [{"id": "1", "key": new_key()}] for purpose in PURPOSES}


def new_key() -> str:
    """Return a new key: 32 bytes of chance, in hex digits."""
    return secrets.token_hex(LEAST_BYTES)


def add_keys(entries: Entries, *, purposes: tuple[str, ...], now: dt.datetime) -> Entries:
    """Return the keys with a new first one for each of ``purposes``."""
    more = dict(entries)
    for purpose in purposes:
        number = 1 + max(int(entry["id"]) for entry in entries[purpose])
        added = {"id": str(number), "key": new_key(), "since": now.isoformat()}
        more[purpose] = [added, *entries[purpose]]
    return more


def ring_of(entries: Entries) -> Keyring:
    """Return the keys as they are used."""
    return Keyring(
        **{
            purpose: tuple((entry["id"], _secret(purpose, entry["key"])) for entry in keys)
            for purpose, keys in entries.items()
        }
    )


def read(path: Path) -> Entries:
    """Return the keys in a file; those that an older release did not know are missing.

    Raises:
        CannotStart: the file is missing, open to others, or holds a key that cannot be one.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise CannotStart(f"{path} is no file")
        if status.st_mode & 0o077:
            raise CannotStart(f"{path} is open to others than its owner; run: chmod 600 {path}")
        if status.st_uid not in (0, os.geteuid()):
            raise CannotStart(f"{path} belongs to another account than the one that starts this")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CannotStart(f"{path} is missing") from None
    except (OSError, UnicodeDecodeError):
        raise CannotStart(f"{path} cannot be read") from None
    try:
        entries = _entries(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise CannotStart(f"{path} is damaged; bring it back from where it is kept") from None
    faults = [
        f"{path}: {words}" for purpose, keys in entries.items() for words in _faults(purpose, keys)
    ]
    if faults:
        raise CannotStart(*faults)
    return entries


def create(path: Path) -> None:
    """Make a file of new keys, unless somebody else has just made one."""
    # Linked into place, which one process alone can do: the others read its keys, and none of them
    # half a file.
    aside = _write_aside(path, fresh())
    try:
        with suppress(FileExistsError):
            os.link(aside, path)
    finally:
        aside.unlink()


def replace(path: Path, entries: Entries) -> None:
    """Put other keys into the file, whole or not at all; the caller holds ``locked``."""
    _write_aside(path, entries).replace(path)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep every other process from changing the file."""
    descriptor = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write_aside(path: Path, entries: Entries) -> Path:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"format": FORMAT, **entries}, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)


def _entries(raw: Mapping[str, Any]) -> Entries:
    """Read either form of the file; the first one had a single key for most purposes."""
    if raw.get("format") == FORMAT:
        return {purpose: [dict(entry) for entry in raw[purpose]] for purpose in PURPOSES}
    found = {"encryption": [{"id": name, "key": key} for name, key in raw["encryption"]]}
    for purpose in ("index", "session", "webhook"):
        found[purpose] = [{"id": "1", "key": raw[purpose]}]
    return found


def _faults(purpose: str, keys: list[dict[str, str]]) -> Iterator[str]:
    names = [str(entry["id"]) for entry in keys]
    if not names or len(set(names)) != len(names):
        yield f"there must be a {purpose} key, and one of each number"
    for name, entry in zip(names, keys, strict=True):
        if not KEY_ID.fullmatch(name):
            yield f"a {purpose} key bears no number"
        elif not _is_long_enough(purpose, entry["key"]):
            yield f"the {purpose} key {entry['id']} is shorter than {LEAST_BYTES} bytes"


def _is_long_enough(purpose: str, text: object) -> bool:
    if not isinstance(text, str):
        return False
    try:
        length = len(_secret(purpose, text))
    except ValueError:
        return False
    return length == LEAST_BYTES if purpose == "encryption" else length >= LEAST_BYTES


def _secret(purpose: str, text: str) -> bytes:
    return text.encode() if purpose in TEXTS else bytes.fromhex(text)
