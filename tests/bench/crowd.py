"""C3: sixteen clients on one hot pool, against the same sixteen spread over sixteen pools."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from statistics import median
from typing import Any

import sqlalchemy as sa

from marketplace.booking.items import BookingItem, BookingPart
from marketplace.booking.models import Booking
from marketplace.kernel.db import Database
from tests.bench.ground import book, insist_on_invariants, make_rooms, open_database
from tests.bench.report import Figure, insist

PROCESSES = 4
THREADS = 4
"""Clients in one process: they share its interpreter, as the requests of one web worker do."""
CLIENTS = PROCESSES * THREADS
GOALS = {3: 0.9, 90: 0.5}
_SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class Order:
    """Book in a loop for ``seconds``, client by client one of ``room_type_ids``."""

    room_type_ids: tuple[int, ...]
    nights: int
    seconds: float


def crowded(database: Database, *, rounds: int, seconds: float) -> list[Figure]:
    """Measure C3 in turns: hot, spread, spread, hot and so on, each for ``seconds``."""
    rooms = tuple(room.room_type_id for room in make_rooms(database, CLIENTS))
    hot, spread = (rooms[0],) * CLIENTS, rooms
    figures = []
    before = _bookings(database)
    placed = dict.fromkeys(GOALS, 0)
    with _crowd(database.url) as clients:
        for nights, goal in GOALS.items():
            for warm in (hot, spread):
                placed[nights] += _rush(clients, Order(warm, nights, seconds / 4))[0]
            pairs = []
            for number in range(rounds):
                turns = [hot, spread] if number % 2 == 0 else [spread, hot]
                speed = {}
                for turn in turns:
                    done, took = _rush(clients, Order(turn, nights, seconds))
                    placed[nights] += done
                    speed[turn] = done / took
                pairs.append((speed[hot], speed[spread]))
            what = f"{CLIENTS} clients on one pool / on {CLIENTS}, {nights} nights"
            ratio = median(one / many for one, many in pairs)
            note = (
                f"{median(pair[0] for pair in pairs):.0f} against"
                f" {median(pair[1] for pair in pairs):.0f} bookings/s"
            )
            figures.append(Figure("C3", what, ratio, goal, "above", note))
    made = _bookings(database) - before
    insist(made == sum(placed.values()), f"{placed} bookings were acknowledged, {made} are there")
    with database.read() as session:
        nights_made = session.scalar(
            sa.select(sa.func.count())
            .select_from(BookingPart)
            .join(BookingItem, BookingItem.booking_id == BookingPart.booking_id)
            .where(BookingItem.room_type_id.in_(rooms))
        )
    wanted = sum(nights * number for nights, number in placed.items())
    insist(nights_made == wanted, f"{nights_made} nights are there, not {wanted}")
    insist_on_invariants(database)
    return figures


def _bookings(database: Database) -> int:
    with database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Booking)) or 0


@contextmanager
def _crowd(url: sa.URL) -> Iterator[list[Connection]]:
    """Start the client processes; each obeys one end of a pipe until it is closed."""
    ends, processes = [], []
    for number in range(PROCESSES):
        ours, theirs = _SPAWN.Pipe()
        address = url.render_as_string(hide_password=False)
        process = _SPAWN.Process(target=_obey, args=(address, number, theirs), daemon=True)
        process.start()
        theirs.close()
        ends.append(ours)
        processes.append(process)
    try:
        yield ends
    finally:
        for end in ends:
            end.close()
        for process in processes:
            process.join(30)


def _rush(clients: list[Connection], order: Order) -> tuple[int, float]:
    """Let all clients book at once; returns how many bookings they made, and in what time."""
    begin = time.perf_counter()
    for client in clients:
        client.send(order)
    answers: list[Any] = [client.recv() for client in clients]
    for answer in answers:
        insist(isinstance(answer, int), f"a client failed: {answer}")
    return sum(answers), time.perf_counter() - begin


def _obey(address: str, number: int, orders: Connection) -> None:
    """Be one process of clients."""
    database = open_database(sa.make_url(address))
    try:
        while True:
            order = orders.recv()
            orders.send(_carry_out(database, order, number * THREADS))
    except EOFError:
        database.dispose()


def _carry_out(database: Database, order: Order, first: int) -> int | str:
    """Book with every client of this process; returns the number made, or what went wrong."""
    made = [0] * THREADS
    failures: list[str] = []
    until = time.perf_counter() + order.seconds

    def client(place: int) -> None:
        room = order.room_type_ids[first + place]
        try:
            while time.perf_counter() < until:
                book(database, room, order.nights)
                made[place] += 1
        except Exception as error:
            failures.append(repr(error))

    threads = [threading.Thread(target=client, args=(place,)) for place in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures[0] if failures else sum(made)
