"""Files that people give us; behind a port.

What everybody may see is kept under the SHA-256 of its content: a file given twice is kept once, a
write that happens twice changes nothing, and nobody can overwrite what another name shows. What
only some may see is encrypted, under a name of chance: it tells nothing of its content, and it can
be dropped at once, because nobody else has it.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import os
import re
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from marketplace.kernel import crypto
from marketplace.kernel.clock import Clock, SystemClock
from marketplace.kernel.errors import NotFound

NAME = re.compile(r"[0-9a-f]{64}")
SEALED = ".sealed"
"""Ends the file of what is encrypted."""


class BlobReader(Protocol):
    """Gives what was kept."""

    def get(self, name: str) -> bytes:
        """Return what was kept under ``name``; raises ``NotFound``."""
        ...


class BlobStore(BlobReader, Protocol):
    """Keeps bytes under names of 64 hex digits."""

    def put(self, content: bytes) -> str:
        """Keep ``content`` as it is and return its name; a second time changes nothing."""
        ...

    def put_sealed(self, content: bytes) -> str:
        """Keep ``content`` encrypted and return its name, which is a new one each time."""
        ...

    def drop(self, name: str) -> None:
        """Forget what was kept under ``name``, if anything was."""
        ...

    def mark(self, name: str) -> None:
        """Begin the grace of ``name`` anew, as if it were given now."""
        ...

    def given_before(self, moment: dt.datetime) -> Iterator[str]:
        """Yield the names that were last given or marked before ``moment``."""
        ...

    def drop_if_before(self, name: str, moment: dt.datetime) -> bool:
        """Forget ``name`` unless it was given or marked again since; tells whether it went."""
        ...

    def reseal(self, name: str) -> bool:
        """Encrypt what is plain or under an older key with the newest; tells whether it was."""
        ...


def name_of(content: bytes) -> str:
    """Return the name of plain ``content``: its SHA-256 in 64 hex digits."""
    return hashlib.sha256(content).hexdigest()


class FolderBlobs:
    """Blobs as files of one folder; several nodes share it over the network."""

    def __init__(self, folder: Path, clock: Clock | None = None) -> None:
        """Keep everything below ``folder``, which is made at the first write."""
        self._folder = folder
        self._clock = clock or SystemClock()

    def put(self, content: bytes) -> str:
        """Write the file, or mark the one that is there: no sweep takes it then."""
        name = name_of(content)
        path = self._path(name)
        with self._locked(fcntl.LOCK_SH):
            if not path.exists():
                _write(path, content)
            self._touch(path)
        return name

    def put_sealed(self, content: bytes) -> str:
        """Write the file encrypted, bound to its name."""
        name = secrets.token_hex(32)
        path = self._sealed(name)
        _write(path, crypto.seal(content, name))
        self._touch(path)
        return name

    def get(self, name: str) -> bytes:
        """Read the file, and decrypt it where it is encrypted."""
        with suppress(FileNotFoundError):
            return self._path(name).read_bytes()
        try:
            return crypto.unseal(self._sealed(name).read_bytes(), name)
        except FileNotFoundError as error:
            raise NotFound from error

    def drop(self, name: str) -> None:
        """Remove the file."""
        for path in (self._path(name), self._sealed(name)):
            path.unlink(missing_ok=True)

    def mark(self, name: str) -> None:
        """Set the file's time."""
        with self._locked(fcntl.LOCK_SH):
            for path in (self._path(name), self._sealed(name)):
                if path.exists():
                    self._touch(path)

    def given_before(self, moment: dt.datetime) -> Iterator[str]:
        """Look through the folders."""
        for path in self._folder.glob("[0-9a-f][0-9a-f]/*"):
            name = path.name.removesuffix(SEALED)
            if NAME.fullmatch(name) and _is_before(path, moment):
                yield name

    def drop_if_before(self, name: str, moment: dt.datetime) -> bool:
        """Look at the file's time and remove it while nobody can give it again."""
        gone = False
        with self._locked(fcntl.LOCK_EX):
            for path in (self._path(name), self._sealed(name)):
                if _is_before(path, moment):
                    path.unlink(missing_ok=True)
                    gone = True
        return gone

    def reseal(self, name: str) -> bool:
        """Write the new file before the old one goes: it can be read all the while."""
        plain, sealed = self._path(name), self._sealed(name)
        if sealed.exists():
            with sealed.open("rb") as file:
                if crypto.sealed_anew(file.read(64)) and not plain.exists():
                    return False
        elif not plain.exists():
            return False
        _write(sealed, crypto.seal(self.get(name), name))
        self._touch(sealed)
        plain.unlink(missing_ok=True)
        return True

    def _touch(self, path: Path) -> None:
        moment = self._clock.now().timestamp()
        os.utime(path, (moment, moment))

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self._folder / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(descriptor, how)
            yield
        finally:
            os.close(descriptor)

    def _path(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise NotFound
        return self._folder / name[:2] / name

    def _sealed(self, name: str) -> Path:
        return self._path(name).with_name(name + SEALED)


def _write(path: Path, content: bytes) -> None:
    """Write a file aside and move it into place, so that nobody ever reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, aside = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(aside).replace(path)
    except OSError:
        Path(aside).unlink(missing_ok=True)
        raise


def _is_before(path: Path, moment: dt.datetime) -> bool:
    try:
        return path.stat().st_mtime < moment.timestamp()
    except FileNotFoundError:
        return False
