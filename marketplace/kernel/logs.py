"""Logs: JSON lines for machines to collect, with facts and ids and never personal data."""

from __future__ import annotations

import structlog


def configure() -> None:
    """Write JSON lines to standard output; tracebacks as text within them."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=False,
    )
