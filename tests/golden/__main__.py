"""``python -m tests.golden --write``: renew the golden record, deliberately."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import sqlalchemy as sa
import structlog
from argon2 import PasswordHasher

from marketplace.operations.schema import upgrade
from marketplace.staff import service as accounts
from tests.golden import dump, record
from tests.golden.filling import facts_at, fill


def main() -> int:
    """Fill a database in a folder that is thrown away, and compare, write or dump."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden", description=__doc__)
    parser.add_argument("--write", action="store_true", help="keep what is now as the record")
    parser.add_argument(
        "--dump", action="store_true", help="keep the filled database of this revision as SQL"
    )
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    accounts._hasher = lambda: quick
    with tempfile.TemporaryDirectory() as folder:
        url = sa.make_url(f"sqlite:///{folder}/golden.sqlite3")
        upgrade(url)
        filled = fill(url, Path(folder) / "state")
        found = record.differences(record.read(), filled.texts)
        if asked.dump:
            found.append(f"written: {dump.write(url, facts_at(url))}")
    if asked.write:
        record.write(filled.texts, record.KEPT)
    sys.stdout.write("".join(f"{line}\n" for line in [*found, *map(str, filled.faults.items())]))
    return 0 if asked.write or not found else 1


if __name__ == "__main__":
    sys.exit(main())
