"""Settings of the web server; the command line adds the address and the number of workers."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker
from prometheus_client import multiprocess

worker_class = "gthread"
threads = 8
timeout = 60
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
