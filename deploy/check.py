"""Runs every check that needs no test run and says at the end which of them failed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CHECKS = [
    ("style", ["ruff", "check", "."]),
    ("format", ["ruff", "format", "--check", "."]),
    ("types", ["mypy"]),
    ("layers", ["lint-imports"]),
    ("templates", ["djlint", "templates", "--lint", "--quiet"]),
    ("migrations", ["alembic", "upgrade", "head"]),
    ("models match the migrations", ["alembic", "check"]),
]


def main() -> int:
    """Run the checks one after the other; returns 1 when one of them failed."""
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "SNOWBIRD_STATE_DIR": folder,
            "SNOWBIRD_DATABASE_URL": f"sqlite:///{Path(folder) / 'check.sqlite3'}",
        }
        for title, (program, *arguments) in CHECKS:
            print(f"-- {title}", flush=True)
            command = [str(BIN / program), *arguments]
            if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode != 0:
                failed.append(title)
    print(f"Failed: {', '.join(failed)}" if failed else "All checks passed.", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
