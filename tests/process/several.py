"""Several web processes, a worker and a scheduler of one installation, under the supervisor.

Run as ``python tests/process/several.py PORT=APPLICATION …`` with ``deploy`` on the Python path, in
the installation's environment: the command lines are the product's own, one web process to a port.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

from serve import programs

from supervisor import Supervisor

GRACE_SECONDS = 3.0


def main(wanted: list[str]) -> None:
    """Run them until told to stop."""
    state = Path(os.environ["SNOWBIRD_STATE_DIR"])
    web, others = [], []
    for port, _, application in (pair.partition("=") for pair in wanted):
        # Each counts its requests in a folder of its own.
        server, *others = programs(int(port), "1", state / port)
        variables = {**server.environment, "PORT": port}
        command = [*server.command[:-1], application]
        web.append(replace(server, name=port, command=command, environment=variables))
    Supervisor([*web, *others], grace_seconds=GRACE_SECONDS).run()


if __name__ == "__main__":
    main(sys.argv[1:])
