"""C1: what a full booking costs, against the same rows written by the bare driver."""

from __future__ import annotations

from statistics import median

from marketplace.kernel.db import Database
from tests.bench.bare import WRITTEN, Pattern, count_rows, seconds, writer
from tests.bench.ground import book, insist_on_invariants, make_rooms
from tests.bench.report import Figure, insist

NIGHTS = 30
BATCH = 5
WARM_UP = 20
GOAL = 2.0


def full_booking(database: Database, *, rounds: int) -> tuple[Figure, float]:
    """Measure C1; also returns the seconds of one booking through the service.

    Both write to the same pool in turns, so that both meet the same table and the same noise.
    """
    [room] = make_rooms(database, 1)
    pattern = Pattern(database, room.room_type_id, NIGHTS)
    bare, close = writer(database, pattern)

    def ours() -> None:
        book(database, room.room_type_id, NIGHTS)

    try:
        for warm in (bare, ours):
            seconds(warm, WARM_UP)
        before = count_rows(database)
        pairs = []
        for number in range(rounds):
            # Who goes first changes, since the second finds warmer caches.
            if number % 2:
                second, first = seconds(bare, BATCH), seconds(ours, BATCH)
            else:
                first, second = seconds(ours, BATCH), seconds(bare, BATCH)
            pairs.append((first, second))
        middle = count_rows(database)
    finally:
        close()
    each = {name: middle[name] - before[name] for name in middle}
    rows = {name: len(rows) for (_, rows, _), name in zip(pattern.tables, WRITTEN, strict=True)}
    wanted = {name: number * 2 * rounds * BATCH for name, number in rows.items()}
    insist(each == wanted, f"rows written {each}, not {wanted}")
    insist_on_invariants(database)
    ours_each = median(first[0] for first, _ in pairs) / BATCH
    bare_each = median(second[0] for _, second in pairs) / BATCH
    processor = median(first[1] for first, _ in pairs) / BATCH
    ratio = median(first[0] / second[0] for first, second in pairs)
    note = (
        f"{ours_each * 1000:.2f} against {bare_each * 1000:.2f} ms;"
        f" {processor * 1000:.2f} ms CPU a booking in our process"
    )
    what = f"a booking of {NIGHTS} nights / same rows by the bare driver"
    return Figure("C1", what, ratio, GOAL, "below", note), ours_each
