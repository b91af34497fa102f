"""What the directory does when it is owed: files and photographs are looked at, imports go on.

Safe to run twice at once and after any crash.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import structlog

from catalog.bulk import import_runs
from catalog.effects import CheckDocument, DevelopPhoto, StepImport
from catalog.office.evidence import file_checks
from catalog.office.photos import photo_worker
from marketplace.kernel.audit import Actor
from marketplace.kernel.blobs import BlobStore
from marketplace.kernel.db import Database
from marketplace.kernel.scanner import Scanner, ScannerDown


class Tools(Protocol):
    """What the handlers work with."""

    @property
    def database(self) -> Database:
        """Where the register stands."""
        ...

    @property
    def blobs(self) -> BlobStore:
        """Where files are kept."""
        ...

    @property
    def scanner(self) -> Scanner:
        """Who looks at files."""
        ...

    @property
    def photos(self) -> photo_worker.Tools:
        """What photographs are made with."""
        ...

    @property
    def imports(self) -> import_runs.Tools:
        """What imports are made with."""
        ...


def step_import(tools: Tools, step: StepImport) -> None:
    """Go on with an import of the directory; what is left owes its own next step."""
    import_runs.advance(tools.imports, run_id=step.run_id, actor=Actor(*step.by))


def develop_photo(tools: Tools, _photo: DevelopPhoto) -> None:
    """Make the photographs that wait, this one among them."""
    develop_photos(tools)


def check_document(tools: Tools, _document: CheckDocument) -> None:
    """Have the files that wait looked at, this one among them."""
    check_files(tools)


def develop_photos(tools: Tools) -> int:
    """Make the photographs that wait; those for which there is no time are left to the sweep."""
    return _unless_scanner_is_down(lambda: photo_worker.develop_waiting(tools.photos))


def check_files(tools: Tools) -> int:
    """Have the files that wait looked at by the scanner."""
    return _unless_scanner_is_down(
        lambda: file_checks.check_waiting(tools.database, tools.blobs, tools.scanner)
    )


def _unless_scanner_is_down(work: Callable[[], int]) -> int:
    """Do the work; what the scanner did not look at goes on waiting for the next sweep."""
    try:
        return work()
    except ScannerDown as error:
        structlog.get_logger("worker").warning("scanner_down", error=str(error))
        return 0
