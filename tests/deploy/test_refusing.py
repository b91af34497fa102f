"""However the product is started, what keeps it from starting is told in lines, not tracebacks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from marketplace.kernel import keyring
from marketplace.settings import ROOT, Settings, variable

BIN = Path(sys.executable).parent
CELERY = [str(BIN / "celery"), "--quiet", "--app", "marketplace.worker:celery_app"]
WAYS = {
    "serve": [sys.executable, "deploy/serve.py"],
    "command": [str(BIN / "flask"), "--app", "app", "audit"],
    "worker": [*CELERY, "worker"],
    "scheduler": [*CELERY, "beat"],
    "web": [
        *(str(BIN / "gunicorn"), "--config", "deploy/gunicorn_conf.py"),
        *("--workers", "2", "--bind", "127.0.0.1:0", "app:create_app()"),
    ],
    "migrations": [str(BIN / "alembic"), "current"],
}
TITLE = "Bringing the database up to date ..."


def start(way: str, state: Path, **variables: str) -> tuple[int, list[str]]:
    """Start the product one way; returns the exit code and what was said besides the title."""
    names = {variable(name) for name in Settings.model_fields}
    kept = {name: value for name, value in os.environ.items() if name not in names}
    run = subprocess.run(
        WAYS[way],
        cwd=ROOT,
        env={**kept, "SNOWBIRD_STATE_DIR": str(state), "PORT": "28431"} | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    said = (run.stdout + run.stderr).splitlines()
    return run.returncode, [line for line in said if line != TITLE]


@pytest.mark.parametrize("way", WAYS)
def test_in_production_each_missing_setting_has_its_line(way: str, tmp_path: Path) -> None:
    code, said = start(
        way,
        tmp_path / "state",
        SNOWBIRD_ENV="production",
        SNOWBIRD_DATABASE_URL="postgresql://jilin:hunter2@127.0.0.1/snowbird",
    )
    assert code == (1 if way == "serve" else 3)
    assert [line.partition(" ")[0] for line in said] == [
        "SNOWBIRD_DATABASE_URL",
        "SNOWBIRD_PAYMENT_GATEWAY",
        "SNOWBIRD_PUBLIC_URL",
        "SNOWBIRD_TRUSTED_PROXIES",
        "SNOWBIRD_HELP_PHONE",
        "SNOWBIRD_PAYEE",
    ]
    assert "hunter2" not in "".join(said)
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("way", sorted(WAYS.keys() - {"migrations"}))
def test_keys_that_others_may_read_start_nothing(way: str, tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    keyring.create(state / "keys.json")
    (state / "keys.json").chmod(0o640)
    code, said = start(way, state)
    assert code == (1 if way == "serve" else 3)
    path = state / "keys.json"
    assert said == [f"{path} is open to others than its owner; run: chmod 600 {path}"]
    assert sorted(path.name for path in state.iterdir()) == ["keys.json"]
