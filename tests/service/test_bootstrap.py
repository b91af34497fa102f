"""The state folder of an installation is its own account's alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.search import refresh
from marketplace import bootstrap
from marketplace.kernel.starting import CannotStart
from marketplace.operations import schema
from marketplace.settings import Environment, Settings
from marketplace.worker import connect_broker


def settings(folder: Path) -> Settings:
    return Settings(env=Environment.TEST, state_dir=folder, database_url="", broker_url="")


@pytest.mark.parametrize("before", [None, 0o755, 0o777, 0o700])
def test_nobody_else_reads_what_is_in_it(tmp_path: Path, before: int | None) -> None:
    folder = tmp_path / "state"
    if before is not None:
        folder.mkdir()
        folder.chmod(before)
    services = bootstrap.build(settings(folder))
    connect_broker(services)
    schema.upgrade(services.database.url)
    refresh.build(services.index, services.database)
    services.blobs.put(b"a photograph")
    services.database.dispose()
    made = [folder, *folder.rglob("*")]
    assert len(made) > 8
    assert [path for path in made if path.stat().st_mode & 0o077] == []


@pytest.mark.parametrize("kind", ["shared", "file"])
def test_one_that_cannot_be_its_own_is_refused(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "state"
    if kind == "file":
        folder.write_text("")
    else:
        folder.mkdir()
        folder.chmod(0o1777)
    with pytest.raises(CannotStart, match=r"^SNOWBIRD_STATE_DIR .+"):
        bootstrap.build(settings(folder))
    assert kind == "file" or folder.stat().st_mode & 0o7777 == 0o1777
