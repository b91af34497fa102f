"""What every test shares: no network, a real PostgreSQL, a Chromium where there is one."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from hypothesis import settings

from marketplace.staff import service as accounts
from tests.support import chromium as browser
from tests.support.network import forbid_network
from tests.support.postgres import fresh_database, server_url

pytest_plugins = ["tests.support.database", "tests.support.app"]

forbid_network()

# The processes of this run, and the dozens of programs that they start, read the same thousand
# modules: whoever wants no compiled ones kept would have each of them compile all anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# No deadline: a test says whether something is right, never how fast this machine is today.
settings.register_profile("snowbird", deadline=None, max_examples=60, derandomize=True)
settings.load_profile("snowbird")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Run one process more than there are processors: many tests wait for others to do something.

    Other processes, a browser, a server on its way up: meanwhile a processor would stand idle.
    """
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Leave out of every later look for garbage what stays to the end: modules, and all tests.

    They are a million objects, and a test makes some ten thousand: looked through again and again,
    seldom though it be, they took a sixteenth of the time of tests.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[str]:
    """The URL of an empty database private to this process.

    It stands on the server of ``TEST_DATABASE_URL``, or else on one started for this run.
    """
    if given := os.environ.get("TEST_DATABASE_URL"):
        with fresh_database(sa.make_url(given)) as url:
            yield url.render_as_string(hide_password=False)
        return
    base = tmp_path_factory.getbasetemp()
    # Under xdist each process has a folder of its own inside the one they share.
    shared = base if worker_id == "master" else base.parent
    with server_url(shared) as server, fresh_database(server) as url:
        yield url.render_as_string(hide_password=False)


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hash passwords by the same algorithm with the least work: hundreds of tests sign in."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "_hasher", lambda: quick)
        yield


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The Chromium to drive; without one the test is skipped, on the build server it fails."""
    if (path := browser.find_chromium()) is not None:
        return path
    if browser.required():
        pytest.fail("CI=true and no Chromium was found")
    pytest.skip(browser.MISSING)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember a test that was skipped for want of a browser."""
    if report.skipped and browser.MISSING in str(report.longrepr):
        browser.skipped.append(report.nodeid)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Say in the very last line of the run that the browser tests are missing from it."""
    if browser.skipped and not hasattr(config, "workerinput"):
        # The reporter has closed by now.
        sys.stdout.write(f"\n{browser.MISSING}\n")
