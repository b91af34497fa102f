"""The days of the matrix on disk, so that a process of a large installation starts in seconds.

Only a shortcut: whatever the file lacks is read from the change log, and a file that does not fit
the database is ignored.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import structlog
from sqlalchemy.orm import Session

from marketplace.kernel import changes
from marketplace.offers.matrix.matrix import Matrix
from marketplace.offers.matrix.matrix_loading import Days

FILE = "matrix.npz"
FORMAT = 2


def save(folder: Path, session: Session, matrix: Matrix) -> bool:
    """Write the matrix's days; does nothing while another process of this node does so.

    Written beside the old file and renamed, so that a reader never sees half of one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "matrix.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        about = {
            "format": FORMAT,
            "first_day": matrix.first_day.isoformat(),
            "cursor": matrix.cursor,
            "mark": changes.mark(session, matrix.cursor),
        }
        fresh = folder / f"{FILE}.new"
        with fresh.open("wb") as file:
            np.savez(
                file,
                about=np.frombuffer(json.dumps(about).encode(), np.uint8),
                pool_ids=matrix.pools.pool_ids,
                free=matrix.free,
                sums=matrix.sums,
                opens=matrix.pools.opens,
                closes=matrix.pools.closes,
            )
        fresh.replace(folder / FILE)
    return True


def load(folder: Path, session: Session) -> Days | None:
    """Return the days on disk, or ``None`` when there are none that fit this database."""
    try:
        with (folder / FILE).open("rb") as file, np.load(file, allow_pickle=False) as stored:
            about = json.loads(stored["about"].tobytes())
            if not _fits(session, about):
                return None
            days = Days(
                dt.date.fromisoformat(about["first_day"]),
                int(about["cursor"]),
                stored["pool_ids"],
                stored["free"],
                stored["sums"],
                stored["opens"],
                stored["closes"],
            )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        structlog.get_logger("offers").warning("snapshot_unreadable", error=type(error).__name__)
        return None
    return days


def _fits(session: Session, about: dict[str, Any]) -> bool:
    """Whether the log that the file follows is this database's: a restored one is another."""
    mark = changes.mark(session, about["cursor"])
    return about["format"] == FORMAT and bool(mark) and about["mark"] == mark
