"""Clients of a web server, over connections that stay open, and how many answers they get."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Protocol

from tests.bench.report import insist

PATIENCE_SECONDS = 60
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back."""

    status: int
    headers: Sequence[tuple[str, str]]
    """Names in small letters."""
    body: bytes


class Ask(Protocol):
    """Sends one request and waits for its answer."""

    def __call__(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answered: ...


class Line:
    """One connection, read and written by hand: the client must not be what is measured."""

    def __init__(self, port: int) -> None:
        """Connect at the first request."""
        self._port = port
        self._socket: socket.socket | None = None

    def __call__(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answered:
        """Send one request and read the whole answer."""
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        head = "\r\n".join(lines).encode() + b"\r\n\r\n"
        for fresh in (self._socket is None, True):
            try:
                self._connected(fresh).sendall(head + body)
                return self._read()
            except (ConnectionError, EOFError):
                # The server ends a connection after some idle seconds.
                if fresh:
                    raise
        raise AssertionError

    def _connected(self, fresh: bool) -> socket.socket:
        if fresh or self._socket is None:
            self.close()
            self._socket = socket.create_connection(("127.0.0.1", self._port), PATIENCE_SECONDS)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._socket

    def _read(self) -> Answered:
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, body = received.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        pairs = [line.partition(":") for line in lines]
        headers = [(name.lower(), value.strip()) for name, _, value in pairs]
        length = int(dict(headers).get("content-length", "0"))
        parts, have = [body], len(body)
        while have < length:
            parts.append(self._more())
            have += len(parts[-1])
        if ("connection", "close") in headers:
            self.close()
        return Answered(int(first.split()[1]), headers, b"".join(parts))

    def _more(self) -> bytes:
        received = self._socket.recv(1 << 16) if self._socket is not None else b""
        if not received:
            raise EOFError
        return received

    def close(self) -> None:
        """End the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def somewhere() -> dict[str, str]:
    """Return the header of a visitor from a network of its own: one would reach its limits."""
    number = next(_numbers)
    return {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}


def looked_at(ask: Ask, path: str, headers: Mapping[str, str] | None = None) -> Answered:
    """GET what must be there."""
    answer = ask("GET", path, headers=somewhere() | dict(headers or {}))
    insist(answer.status == 200, f"{path}: {answer.status} {answer.body[:200]!r}")
    return answer


def rate(works: Sequence[Callable[[], object]], seconds: float) -> float:
    """Let each of ``works`` be done over and over, all at once; returns how many a second.

    Each is done once at least.
    """
    done = [0] * len(works)
    failures: list[BaseException] = []
    begin = time.perf_counter()

    def client(place: int) -> None:
        try:
            while not failures:
                works[place]()
                done[place] += 1
                if time.perf_counter() - begin >= seconds:
                    break
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=client, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return sum(done) / (time.perf_counter() - begin)


def in_turns(
    ours: Callable[[], float], floor: Callable[[], float], rounds: int
) -> tuple[float, float, float]:
    """Measure both in turns; returns the median ratio and the median of each."""
    pairs = []
    for number in range(rounds):
        if number % 2:
            second, first = floor(), ours()
        else:
            first, second = ours(), floor()
        pairs.append((first, second))
    ratio = median(first / second for first, second in pairs)
    return ratio, median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
