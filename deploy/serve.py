"""Prepares the data and runs the whole product on one machine; `make run` ends here.

Migrates, loads the directory and the sample data, builds the search index (all of it again and
again without harm), then keeps web, worker and scheduler running until Ctrl-C.
"""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from supervisor import Program, Supervisor

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
HOST = "127.0.0.1"
FLASK = [str(BIN / "flask"), "--app", "app"]
READY_WITHIN_SECONDS = 60.0
GREATEST_PORT = 65535
CANNOT_START = 3
"""The exit code of a program that its settings or keys keep from starting."""
STEPS = [
    ("migrate", "Bringing the database up to date"),
    ("load-data", "Loading the directory and the sample data"),
    ("play-sample", "Letting the sample's guests come and go"),
    ("build-index", "Building the search index"),
]


def main() -> int:
    """Run until stopped; returns the exit code."""
    os.chdir(ROOT)
    if (port := wanted_port(os.environ.get("PORT", "8000"))) is None:
        return 1
    state = Path(os.environ.get("SNOWBIRD_STATE_DIR") or "var").resolve()
    os.environ["SNOWBIRD_STATE_DIR"] = str(state)
    try:
        for command, title in STEPS:
            say(f"{title} ...")
            if (code := subprocess.run([*FLASK, command], check=False).returncode) != 0:
                # What cannot start at all has said why, a line for each reason.
                if code != CANNOT_START:
                    say(f"`flask --app app {command}` failed (exit code {code}); nothing started.")
                return 1
    except KeyboardInterrupt:
        say("Stopped before the start.")
        return 0
    say("Starting ...")
    supervisor = Supervisor(programs(port, os.environ.get("SNOWBIRD_WEB_WORKERS") or "1", state))
    watch = Watch(supervisor, port)
    supervisor.run(watch.look)
    say("Stopped." if watch.code == 0 else "The web server did not start; see the lines above.")
    return watch.code


def wanted_port(text: str) -> int | None:
    """Read the port and prove it free; on failure say so in one line and return ``None``."""
    if not text.isdecimal() or not 0 < int(text) <= GREATEST_PORT:
        say(f"PORT must be a number from 1 to {GREATEST_PORT}; it is {text!r}.")
        return None
    port = int(text)
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        # As the server itself does: a port that only waits out its last connections is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError:
            say(f"Port {port} needs more rights than this account has; try: make run PORT=8000")
            return None
        except OSError:
            other = port + 1 if port < GREATEST_PORT else 8000
            say(f"Port {port} is busy; stop what uses it, or choose another: make run PORT={other}")
            return None
    return port


def programs(port: int, web_workers: str, state: Path) -> list[Program]:
    """Name the three programs of the product, their command lines and their variables."""
    celery = [str(BIN / "celery"), "--quiet", "--app", "marketplace.worker:celery_app"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [
        Program(
            "web",
            [
                *(str(BIN / "gunicorn"), "--config", "deploy/gunicorn_conf.py"),
                *("--bind", f"{HOST}:{port}", "--workers", web_workers, "app:create_app()"),
            ],
            {"PROMETHEUS_MULTIPROC_DIR": str(state / "metrics")},
        ),
        Program(
            "worker",
            [*celery, "worker", "--concurrency", "2", "--loglevel", "WARNING", *quiet],
        ),
        # The times of the next runs are kept in memory: a file of them adds nothing, since every
        # sweep is due again soon after a start, and a killed process can leave it unreadable.
        Program(
            "scheduler",
            [*celery, "beat", "--scheduler", "celery.beat:Scheduler", "--loglevel", "WARNING"],
        ),
    ]


class Watch:
    """Waits for the first sign of life, tells the newcomer where to go, then rests."""

    def __init__(self, supervisor: Supervisor, port: int) -> None:
        self._supervisor = supervisor
        self._port = port
        self._deadline = time.monotonic() + READY_WITHIN_SECONDS
        self._ready = False
        self.code = 0
        """The exit code: 1 when the web server never answered."""

    def look(self) -> None:
        """Ask once whether the web server answers; give up when it takes too long."""
        if self._ready:
            return
        if answers(self._port):
            self._ready = True
            say(f"\nSnowbird Jilin is open: http://{HOST}:{self._port}\n")
            subprocess.run([*FLASK, "demo-accounts"], check=False)
            say("\nCtrl-C stops everything.\n")
        elif time.monotonic() > self._deadline:
            self.code = 1
            self._supervisor.stop()


def answers(port: int) -> bool:
    """Say whether ``/healthz`` answers 200 within a second."""
    with closing(http.client.HTTPConnection(HOST, port, timeout=1)) as connection:
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False


def say(text: str) -> None:
    """Print one message at once."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
