"""What keeps an installation from starting, told in one line for each fault and nothing else."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

EXIT_CODE = 3
"""What gunicorn too takes for a worker that can never start: it stops instead of trying again."""


class CannotStart(Exception):
    """The installation is not fit to start; ``lines`` say what to mend, and hold no secret."""

    def __init__(self, *lines: str) -> None:
        """Keep the lines."""
        super().__init__("\n".join(lines))
        self.lines = lines


@contextmanager
def told_in_lines() -> Iterator[None]:
    """Run the start of a process; what keeps it from starting is printed and ends the process."""
    try:
        yield
    except CannotStart as refusal:
        sys.stderr.write("".join(f"{line}\n" for line in refusal.lines))
        sys.exit(EXIT_CODE)
