"""Background work: the one module that knows Celery.

The database is the truth and Celery only a nudge: every task can run twice, late or not at all, and
the sweeps that the scheduler starts do what is owed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import structlog
from celery import Celery
from celery.signals import beat_init, celeryd_init, setup_logging
from kombu.exceptions import OperationalError

from marketplace import tasks
from marketplace.bootstrap import Services, build, live_on, may_start
from marketplace.kernel import logs
from marketplace.kernel.background import Background
from marketplace.kernel.starting import told_in_lines
from marketplace.settings import Settings

SOFT_SECONDS, HARD_SECONDS = 30, 45
VISIBILITY_SECONDS = 120
NUDGE_EVERY_SECONDS = 0.02
MOST_A_MESSAGE = 20
"""Effects that one task delivers, so that several workers share many and none runs out of time."""
SWEEPS: dict[str, tuple[Callable[[Services], object], float]] = {
    "outbox": (tasks.sweep_outbox, 15),
    "changes": (tasks.sequence_changes, 5),
    "search": (tasks.refresh_search, 5),
    "holds": (tasks.expire_holds, 20),
    "payments": (tasks.poll_payments, 30),
    "rehousing": (tasks.find_homeless, 60),
    "audit": (tasks.seal_audit, 20),
    "photos": (tasks.develop_photos, 15),
    "files": (tasks.check_files, 15),
    "unnamed_files": (tasks.sweep_files, 3600),
    "licences": (tasks.watch_licences, 60),
    "stays": (tasks.advance_stays, 600),
    "lapsed": (tasks.forget_lapsed, 300),
    "events": (tasks.forget_events, 600),
    "nightly": (tasks.nightly, 3600),
}
"""Name of the sweep: what it runs, and every how many seconds."""


def make_celery(settings: Settings) -> Celery:
    """Return the Celery application for the broker in the settings."""
    app = Celery("snowbird")
    app.conf.update(
        broker_url=settings.broker_url or "filesystem://",
        broker_transport_options=_transport(settings),
        broker_connection_retry_on_startup=True,
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_soft_time_limit=SOFT_SECONDS,
        task_time_limit=HARD_SECONDS,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        worker_cancel_long_running_tasks_on_connection_loss=True,
        timezone="Asia/Shanghai",
        beat_schedule={
            name: {
                "task": "sweep",
                "schedule": seconds,
                "kwargs": {"name": name},
                # A worker that was away must not find hours of sweeps waiting.
                "options": {"expires": max(seconds, 30)},
            }
            for name, (_, seconds) in SWEEPS.items()
        },
    )
    return app


def _transport(settings: Settings) -> dict[str, Any]:
    """Return what the broker's transport needs; the embedded one is folders on disk."""
    if settings.broker_url:
        return {"visibility_timeout": VISIBILITY_SECONDS} if "redis" in settings.broker_url else {}
    folder = settings.state_dir / "broker"
    return {
        "data_folder_in": str(folder / "queue"),
        "data_folder_out": str(folder / "queue"),
        "control_folder": str(folder / "control"),
        "polling_interval": 0.5,
        "store_processed": False,
    }


def _make_folders(settings: Settings) -> None:
    """Make the folders of the embedded broker, which its transport expects to find."""
    for part in ("queue", "control"):
        (settings.state_dir / "broker" / part).mkdir(parents=True, exist_ok=True, mode=0o700)


with told_in_lines():
    celery_app = make_celery(Settings())


@celeryd_init.connect
@beat_init.connect
def prepare(**_: object) -> None:
    """Prepare a worker or scheduler before it connects, and see that it may start at all."""
    _make_folders(may_start())


@lru_cache(maxsize=1)
def _services() -> Services:
    """Build this process's services at its first task: nothing is connected before the fork."""
    services = build(Settings())
    connect_broker(services)
    live_on(services)
    return services


@celery_app.task(name="deliver")
def deliver(*, row_ids: list[int], **_: object) -> None:
    """Deliver rows of the outbox."""
    for row_id in row_ids:
        tasks.deliver(_services(), row_id=row_id)


@celery_app.task(name="sweep")
def sweep(*, name: str, **_: object) -> None:
    """Run one sweep by name."""
    SWEEPS[name][0](_services())


def connect_broker(services: Services) -> None:
    """Send the worker a message after commits that owe effects, one for all of some moments."""
    sender = make_celery(services.settings)

    def send(row_ids: list[int]) -> None:
        try:
            for first in range(0, len(row_ids), MOST_A_MESSAGE):
                some = row_ids[first : first + MOST_A_MESSAGE]
                sender.send_task("deliver", kwargs={"row_ids": some}, retry=False)
        except (OperationalError, OSError):
            # Nothing is lost: the rows stand in the outbox and the sweep will find them.
            structlog.get_logger("worker").warning("broker_unreachable")

    nudges = Background("nudges", send, pause_seconds=NUDGE_EVERY_SECONDS)
    _make_folders(services.settings)
    services.nudges.append(nudges.add)
    services.probes["broker"] = lambda: _broker_answers(sender, services.settings)


def _broker_answers(sender: Celery, settings: Settings) -> bool:
    """Tell whether messages can be sent."""
    if not settings.broker_url:
        return (settings.state_dir / "broker" / "queue").is_dir()
    with sender.connection_for_write(connect_timeout=2) as connection:
        connection.ensure_connection(max_retries=1)
    return True


@setup_logging.connect
def quiet(**_: object) -> None:
    """Keep Celery from setting up logs of its own, and set up ours."""
    logs.configure()
