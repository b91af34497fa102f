"""Prints the figures for SQLite and PostgreSQL; exits 1 on a wrong answer, never for slowness."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from marketplace.kernel.db import Database
from tests.bench.crowd import crowded
from tests.bench.front_door.running import QUICK, Effort, front_door_figures
from tests.bench.ground import databases, open_database
from tests.bench.importing import LINES, importing_figures
from tests.bench.pages import pages_figures
from tests.bench.placing import full_booking
from tests.bench.reading import matrix_figures
from tests.bench.report import Figure, WrongAnswerError, show
from tests.bench.ruling import quote_figure
from tests.bench.words import DOCUMENTS, words_figures

KINDS = ["sqlite", "postgresql"]
SMALL_SIZE, FULL_SIZE = (3_000, 120), (30_000, 540)
"""Pools and days of the read model; the full size takes minutes to fill, so it is made once."""
QUICK_DOCUMENTS = 2_000
QUICK_LINES = 2_000


def _figures(database: Database, *, quick: bool, full: bool) -> Iterator[Figure]:
    """Measure one database; each figure is shown as soon as it is there."""
    placing, booking_seconds = full_booking(database, rounds=4 if quick else 40)
    yield placing
    yield from crowded(database, rounds=1 if quick else 5, seconds=0.3 if quick else 1.0)
    pools, days = (150, 100) if quick else FULL_SIZE if full else SMALL_SIZE
    yield from matrix_figures(
        database,
        pools=pools,
        days=days,
        rounds=2 if quick else 10,
        booking_seconds=booking_seconds,
    )


def _front_door(kinds: list[str], effort: Effort) -> None:
    """Measure what requests cost, each time over a database of its own."""
    for kind in kinds:
        with databases([kind]) as urls:
            show(f"the front door on {kind}", front_door_figures(urls[kind], effort))


def _behind_it(kinds: list[str], *, quick: bool) -> None:
    """Measure the services, search and pages."""
    show("the price engine", [quote_figure(rounds=2 if quick else 20)])
    with databases(kinds) as urls:
        for kind, url in urls.items():
            # First, while the process is small: it shows how far an import makes it grow.
            imported = importing_figures(url, count=QUICK_LINES if quick else LINES)
            show(f"importing on {kind}", imported)
            database = open_database(url)
            full = kind == "postgresql"
            show(kind, _figures(database, quick=quick, full=full))
            database.dispose()
            if full:
                figures, lines = pages_figures(url, rounds=3 if quick else 30)
                show(f"pages on {kind}", figures)
                print("  " + "\n  ".join(lines), flush=True)
    count = QUICK_DOCUMENTS if quick else DOCUMENTS
    show("words", words_figures(count=count, rounds=6 if quick else 15))


def main() -> int:
    """Measure what the arguments ask for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke test: too short to mean much")
    parser.add_argument("--only", choices=KINDS, help="one database instead of both")
    parser.add_argument("--door", action="store_true", help="the front door alone: P1 to P8")
    given = parser.parse_args()
    kinds = [given.only] if given.only else KINDS
    try:
        if not given.door:
            _behind_it(kinds, quick=given.quick)
        _front_door(kinds, QUICK if given.quick else Effort())
    except WrongAnswerError as wrong:
        print(f"\nwrong answer: {wrong}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
