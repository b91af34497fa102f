"""Files that people give us, by the SHA-256 of their content; behind a port.

A name is its content's hash, so a file given twice is kept once, a write that happens twice changes
nothing, and nobody can overwrite what another name shows.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import Protocol

from marketplace.kernel.errors import NotFound

NAME = re.compile(r"[0-9a-f]{64}")


class BlobStore(Protocol):
    """Keeps bytes under the SHA-256 of their content."""

    def put(self, content: bytes) -> str:
        """Keep ``content`` and return its name, 64 hex digits; a second time changes nothing."""
        ...

    def get(self, name: str) -> bytes:
        """Return what was kept under ``name``; raises ``NotFound``."""
        ...

    def drop(self, name: str) -> None:
        """Forget what was kept under ``name``, if anything was."""
        ...


def name_of(content: bytes) -> str:
    """Return the name of ``content``: its SHA-256 in 64 hex digits."""
    return hashlib.sha256(content).hexdigest()


class FolderBlobs:
    """Blobs as files of one folder; several nodes share it over the network."""

    def __init__(self, folder: Path) -> None:
        """Keep everything below ``folder``, which is made at the first write."""
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Write the file aside and move it into place, so that nobody ever reads half of it."""
        name = name_of(content)
        path = self._path(name)
        if path.exists():
            return name
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
        return name

    def get(self, name: str) -> bytes:
        """Read the file."""
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError as error:
            raise NotFound from error

    def drop(self, name: str) -> None:
        """Remove the file."""
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise NotFound
        return self._folder / name[:2] / name
