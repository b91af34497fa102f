"""Settings of the web server; the command line adds the address and the number of workers."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker
from gunicorn.workers.gthread import TConn, ThreadWorker
from prometheus_client import multiprocess


class BoundedWorker(ThreadWorker):
    """Threads that wait no longer than this for what a caller sends.

    The library reads a request in a thread and waits for its bytes for ever, so that a few callers
    who say half of what they want would take every thread. Here the reading end of such a
    connection is closed: the thread finds that nothing more comes, and is free. What is being
    answered is not touched.
    """

    header_seconds = 10.0
    body_seconds = 60.0

    def __init__(self, *args: Any, **more: Any) -> None:
        """Begin with nobody waited for."""
        super().__init__(*args, **more)
        self._waited_for: dict[TConn, float] = {}

    def handle(self, conn: TConn) -> Any:
        """Serve one request of a connection, in a thread."""
        self._waited_for[conn] = time.monotonic() + self.header_seconds
        try:
            return super().handle(conn)
        finally:
            self._waited_for.pop(conn, None)

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """Answer a request whose head has come."""
        self._waited_for[conn] = time.monotonic() + self.body_seconds
        return super().handle_request(req, conn)

    def murder_pending(self) -> None:
        """Once a second: stop waiting for those whose time is over."""
        super().murder_pending()
        now = time.monotonic()
        for conn, ends in list(self._waited_for.items()):
            if ends < now and self._waited_for.pop(conn, None) is not None:
                with suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RD)


class WordlessLogger(Logger):
    """Writes that something happened and where, never what a caller sent or where from.

    The library quotes both for a request that it cannot read, and the whole address and the words
    of the error for one that it could not answer.
    """

    def warning(self, msg: Any, *args: Any, **more: Any) -> None:
        """Leave out what was sent."""
        if str(msg).startswith("Invalid request"):
            msg, args = "Invalid request", ()
        super().warning(msg, *args, **more)

    def exception(self, msg: Any, *args: Any, **more: Any) -> None:
        """Write the kind of error and the places it went through."""
        from marketplace.kernel.logs import where  # noqa: PLC0415 - the path is set by now

        error = sys.exc_info()[1]
        self.error("%s: %s", str(msg).partition(" %")[0], where(error) if error else "")


worker_class = BoundedWorker
logger_class = WordlessLogger
threads = 32
worker_connections = 512
backlog = 256
timeout = 60
limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190
graceful_timeout = 5
keepalive = 5
pythonpath = str(Path(__file__).resolve().parent.parent)
# Nothing is built before the fork: each worker opens its own database and index.
preload_app = False
control_socket_disable = True
errorlog = "-"
loglevel = "warning"
# The application writes its own request log, without personal data.
accesslog = None

# What a worker writes is for this account alone; the state folder is.
os.umask(0o077)

METRICS = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
"""Where the counters of all workers meet in files. Only the environment can set it: the client
library looks for it when it is imported, above."""


def on_starting(_server: Arbiter) -> None:
    """See once that the product may start at all, before workers would each say why it may not.

    Begin every run with empty figures: files of dead processes would be added up.
    """
    from marketplace.bootstrap import may_start  # noqa: PLC0415 - the path is set by now

    may_start()
    if METRICS:
        shutil.rmtree(METRICS, ignore_errors=True)
        Path(METRICS).mkdir(parents=True)


def child_exit(_server: Arbiter, worker: Worker) -> None:
    """Take a worker that has gone out of the gauges of living workers."""
    if METRICS:
        multiprocess.mark_process_dead(worker.pid)
