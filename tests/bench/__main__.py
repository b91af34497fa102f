"""Prints the figures for SQLite and PostgreSQL; exits 1 on a wrong answer, never for slowness."""

from __future__ import annotations

import argparse
import sys

from tests.bench.crowd import crowded
from tests.bench.ground import databases, open_database
from tests.bench.placing import full_booking
from tests.bench.report import WrongAnswerError, show

KINDS = ["sqlite", "postgresql"]


def main() -> int:
    """Measure what the arguments ask for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke test: too short to mean much")
    parser.add_argument("--only", choices=KINDS, help="one database instead of both")
    given = parser.parse_args()
    try:
        with databases([given.only] if given.only else KINDS) as urls:
            for kind, url in urls.items():
                database = open_database(url)
                figure, _ = full_booking(database, rounds=4 if given.quick else 60)
                rounds, seconds = (1, 0.3) if given.quick else (5, 1.0)
                show(kind, [figure, *crowded(database, rounds=rounds, seconds=seconds)])
                database.dispose()
    except WrongAnswerError as wrong:
        print(f"\nwrong answer: {wrong}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
