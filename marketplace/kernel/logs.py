"""Logs: JSON lines for machines to collect, with facts and ids and never personal data."""

from __future__ import annotations

import traceback

import structlog
from structlog.typing import EventDict, WrappedLogger


def where(error: BaseException) -> str:
    """Return what kind of error happened where, and what caused it, without its own words.

    Those may hold what a person typed, or a row of the database.
    """
    frames = "".join(
        f"\n  {frame.filename}:{frame.lineno} in {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    )
    cause = error.__cause__ or error.__context__
    before = f"{where(cause)}\n" if cause is not None and cause is not error else ""
    return f"{before}{type(error).__name__}{frames}"


def _without_words(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Write an exception as the places it went through."""
    error = event.pop("exc_info", None)
    if isinstance(error, BaseException):
        event["exception"] = where(error)
    return event


def configure() -> None:
    """Write JSON lines to standard output; errors by their kind and place within them."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_words,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=False,
    )
