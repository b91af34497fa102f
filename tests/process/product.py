"""The product running under its supervisor with a state directory of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.support.postgres import fresh_database

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
START_SECONDS = 120
CELERY = "marketplace.worker:celery_app"
KILLABLE = ("gunicorn", f"{CELERY} worker", f"{CELERY} beat")


@dataclass
class Product:
    """A running installation."""

    port: int
    environment: dict[str, str]
    supervisor: subprocess.Popen[str]

    def flask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of the product's commands beside it."""
        return subprocess.run(
            [str(BIN / "flask"), "--app", "app", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def audit(self) -> dict[str, Any]:
        """Return the report of ``audit --json --settled``."""
        found: dict[str, Any] = json.loads(self.flask("audit", "--json", "--settled").stdout)
        return found

    def processes(self) -> list[tuple[int, str]]:
        """Return (pid, command line) of everything that the supervisor's state directory names."""
        mark = f"SNOWBIRD_STATE_DIR={self.environment['SNOWBIRD_STATE_DIR']}".encode()
        found = []
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit() or int(folder.name) == self.supervisor.pid:
                continue
            try:
                if mark in (folder / "environ").read_bytes().split(b"\0"):
                    words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    found.append((int(folder.name), words))
            except (OSError, UnicodeDecodeError):
                continue
        return found

    def kill_one(self, kind: str) -> bool:
        """Kill -9 every process of one kind, as a machine does that runs out of memory."""
        victims = [pid for pid, words in self.processes() if kind in words]
        for pid in victims:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        return bool(victims)


@contextmanager
def running(state: Path) -> Iterator[Product]:
    """Start the product with an empty database of its own, and stop it at the end."""
    with own_database() as url:
        environment = environment_of(state, url) | {"PORT": str(free_port())}
        if url is not None:
            environment["SNOWBIRD_WEB_WORKERS"] = "2"
        log: list[str] = []
        process = subprocess.Popen(
            [sys.executable, "deploy/serve.py"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        reader = threading.Thread(target=_drain, args=(process, log), daemon=True)
        reader.start()
        product = Product(int(environment["PORT"]), environment, process)
        try:
            _wait_until_up(product, log)
            yield product
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
            reader.join(timeout=5)
            if process.stdout is not None:
                process.stdout.close()
        assert process.returncode == 0, "".join(log[-40:])
        assert product.processes() == []


def _drain(process: subprocess.Popen[str], log: list[str]) -> None:
    assert process.stdout is not None
    log.extend(process.stdout)


def environment_of(state: Path, url: str | None) -> dict[str, str]:
    """Return the variables of an installation with a state directory and database of its own."""
    found = {key: value for key, value in os.environ.items() if not key.startswith("SNOWBIRD_")} | {
        "SNOWBIRD_STATE_DIR": str(state),
        "SNOWBIRD_TRUSTED_PROXIES": "1",
        # The personas are to find all rooms free, and every booking to be theirs.
        "SNOWBIRD_SAMPLE_GUESTS": "0",
        "PYTHONWARNINGS": "ignore",
    }
    if url is not None:
        found["SNOWBIRD_DATABASE_URL"] = url
    if broker := os.environ.get("TEST_BROKER_URL"):
        found["SNOWBIRD_BROKER_URL"] = broker
    return found


@contextmanager
def own_database() -> Iterator[str | None]:
    """Give the address of an empty database on the given server; ``None`` means SQLite."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given is None:
        yield None
        return
    with fresh_database(sa.make_url(given)) as url:
        yield url.render_as_string(hide_password=False)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    environment: Mapping[str, str], *applications: str, output: int | None = None
) -> Iterator[list[int]]:
    """Run a web process for each application, a worker and a scheduler; gives the ports.

    What they write goes where this process writes, or to ``output``.
    """
    ports = [free_port() for _ in applications]
    wanted = [f"{port}={name}" for port, name in zip(ports, applications, strict=True)]
    supervisor = subprocess.Popen(
        [sys.executable, "tests/process/several.py", *wanted],
        cwd=ROOT,
        env={**environment, "PYTHONPATH": os.fspath(ROOT / "deploy")},
        stdout=output,
    )
    try:
        yield ports
    finally:
        supervisor.send_signal(signal.SIGINT)
        assert supervisor.wait(timeout=30) == 0


def _wait_until_up(product: Product, log: list[str]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if product.supervisor.poll() is not None:
            break
        if any(re.search(r"127\.0\.0\.1:\d+", line) for line in list(log)):
            return
        time.sleep(0.2)
    raise AssertionError("the product did not start:\n" + "".join(log))


def new_key() -> str:
    """Return a fresh idempotency key."""
    return uuid.uuid4().hex
