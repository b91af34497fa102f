"""The application for tests that go through the front door.

``services`` stands on SQLite. A module that asks for more than pages says
``pytestmark = pytest.mark.parametrize("database_kind", BOTH)`` and runs on PostgreSQL too.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Hashable, Iterator
from pathlib import Path
from types import MethodType
from typing import ClassVar

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule

from catalog.search.search_service import Words
from marketplace import bootstrap
from marketplace.bootstrap import Services
from marketplace.kernel import key_prints, keyring
from marketplace.kernel.clock import SetClock
from marketplace.kernel.db import Database, table_of
from marketplace.offers.matrix.matrix_sync import Follower
from marketplace.partners.keys import KnownKeys
from marketplace.settings import Environment, Settings
from marketplace.web.rendering import assets
from tests.factories import NOW, Room, make_enterprise, make_listing, make_room

BOTH = ["sqlite", "postgresql"]
ENTRIES = keyring.fresh()
"""The keys of every installation in this process."""
PRINTS = key_prints.prints_of(keyring.ring_of(ENTRIES))


@pytest.fixture
def database_kind() -> str:
    """Which database ``services`` stands on."""
    return "sqlite"


@pytest.fixture
def clock() -> SetClock:
    """A clock that stands at ``NOW`` until a test moves it."""
    return SetClock(NOW)


@pytest.fixture
def services(
    request: pytest.FixtureRequest, database_kind: str, clock: SetClock, tmp_path: Path
) -> Iterator[Services]:
    """The services of one process on an empty database, without a broker."""
    name = "sqlite_database" if database_kind == "sqlite" else "postgres_database"
    given: Database = request.getfixturevalue(name)
    settings = Settings(
        env=Environment.TEST,
        state_dir=tmp_path / "state",
        database_url=given.url.render_as_string(hide_password=False),
        broker_url="",
        public_url="http://localhost",
    )
    hand_over_keys(given, settings.keys)
    built = bootstrap.build(settings, clock=clock)
    # Asked at every request here: a test does not wait a second to see what it did.
    follower = Follower(built.database, clock, poll_seconds=0)
    words = Words(built.index, built.database, poll_seconds=0)
    known_keys = KnownKeys(built.database, keep_seconds=0)
    yield dataclasses.replace(built, follower=follower, words=words, known_keys=known_keys)
    built.database.dispose()


def hand_over_keys(database: Database, path: Path) -> None:
    """Give an installation the keys that its database knows.

    To make them, and to prove first that nothing is encrypted yet, would be most of what building
    the services takes.
    """
    path.parent.mkdir(mode=0o700, exist_ok=True)
    keyring.replace(path, ENTRIES)
    rows = [
        {"purpose": purpose, "key_id": key_id, "fingerprint": fingerprint, "first_at": NOW}
        for (purpose, key_id), fingerprint in PRINTS.items()
    ]
    with database.write() as session:
        session.execute(sa.insert(table_of(key_prints.KeyPrint)), rows)


@pytest.fixture
def app(services: Services) -> Flask:
    """The web application."""
    from app import create_app  # noqa: PLC0415 - most tests never need the whole application

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "url_rule_class", KnownRule)
        patch.setattr(assets, "Assets", known_assets)
        made = create_app(services=services)
    made.jinja_env.bytecode_cache = COMPILED
    return made


known_assets = functools.cache(assets.Assets)
"""The style sheets and drawings, read and compressed once for all applications of this process."""


class Compiled(BytecodeCache):
    """The compiled templates of this process: each test has an application and all share these."""

    def __init__(self) -> None:
        """Begin empty."""
        self._kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a template as it was compiled from the same source."""
        if (known := self._kept.get((bucket.key, bucket.checksum))) is not None:
            bucket.bytecode_from_string(known)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template that was compiled just now."""
        self._kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


COMPILED = Compiled()


class KnownRule(Rule):
    """A route that shares what this process worked out of an equal one, for another application.

    To read an address and to write it takes a compiled function each: nearly all the work that
    there is in building an application. They are given the rule they belong to.
    """

    known: ClassVar[dict[Hashable, KnownRule]] = {}

    def compile(self) -> None:
        """Work out how the address is read and written, or take it over."""
        key = (self.rule, self.subdomain, self.host, repr(self.defaults))
        if (twin := self.known.get(key)) is None:
            super().compile()
            self.known[key] = self
            return
        self.arguments |= twin.arguments
        self._parts, self._trace, self._converters = twin._parts, twin._trace, twin._converters
        for name in ("_build", "_build_unknown"):
            setattr(self, name, MethodType(getattr(twin, name).__func__, self))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript, or a program."""
    return app.test_client()


@pytest.fixture
def loaded(services: Services) -> Room:
    """One sample listing with one room type: 2 rooms, 200 yuan a night, 120 days from today."""
    with services.database.write() as session:
        enterprise_id = make_enterprise(session)
        listing_id = make_listing(session, enterprise_id=enterprise_id)
        return make_room(session, listing_id=listing_id)
