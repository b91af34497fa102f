"""The composition root: builds everything a process needs from its settings."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from catalog.bulk import import_runs
from catalog.office.listings import listing_removal
from catalog.office.photos import photo_worker
from catalog.search.indexes.port import SearchIndex
from catalog.search.indexes.sql_index import SqlIndex
from catalog.search.indexes.whoosh_index import WhooshIndex
from catalog.search.search_service import Words
from marketplace import tables
from marketplace.booking.contract.hold_caps import Caps
from marketplace.booking.lifecycle.scheduled_jobs import Money
from marketplace.inventory import pool_setup
from marketplace.kernel import changes, crypto, key_prints
from marketplace.kernel.anchors import AnchorFile
from marketplace.kernel.background import Background
from marketplace.kernel.blobs import BlobStore, FolderBlobs
from marketplace.kernel.clock import Clock, SystemClock
from marketplace.kernel.db import Database
from marketplace.kernel.ids import Ids, RandomIds
from marketplace.kernel.keyring import Keyring
from marketplace.kernel.scanner import ClamdScanner, NoScanner, Scanner
from marketplace.kernel.starting import CannotStart, told_in_lines
from marketplace.notify.channel import Channel, ConsoleChannel
from marketplace.notify.message_texts import Sender
from marketplace.offers.matrix.matrix_sync import Follower
from marketplace.partners.keys import KnownKeys
from marketplace.payments.gateways.port import PaymentGateway
from marketplace.payments.gateways.registry import Gateways
from marketplace.payments.gateways.simulated import SimulatedGateway
from marketplace.settings import IndexKind, Settings

TABLES = tables.metadata
"""Named so that every process knows every table: rows refer to tables that it may not import."""
NUMBER_EVERY_SECONDS = 0.05
"""How long what was committed waits for its number in a process that serves."""


@dataclass(frozen=True)
class Services:
    """What views, tasks and commands work with."""

    settings: Settings
    database: Database
    clock: Clock
    ids: Ids
    keyring: Keyring
    gateways: Gateways
    index: SearchIndex
    words: Words
    follower: Follower
    blobs: BlobStore
    scanner: Scanner
    anchors: AnchorFile
    channel: Channel
    """Who carries texts to phones."""
    known_keys: KnownKeys
    """Who calls the API."""
    nudges: list[Callable[[int], None]] = field(default_factory=list)
    """Called with an outbox row's id after its commit; the process that has a broker adds one."""
    probes: dict[str, Callable[[], bool]] = field(default_factory=dict)
    """Tell whether a part of the installation can be used; asked by ``/readyz``."""

    @property
    def money(self) -> Money:
        """What the sweeps over holds, payments and stays need."""
        return Money(self.database, self.gateways, self.clock, self.ids)

    @property
    def photos(self) -> photo_worker.Tools:
        """What photographs are made with."""
        alone = self.settings.state_dir / "photos.lock"
        return photo_worker.Tools(self.database, self.blobs, self.scanner, alone)

    @property
    def imports(self) -> import_runs.Tools:
        """What imports of the directory are made with."""
        return import_runs.Tools(self.database, self.blobs, self.clock)

    @property
    def sender(self) -> Sender:
        """In whose name messages go out."""
        own = self.settings
        return Sender(
            brand=own.brand,
            help_phone=own.help_phone,
            sign_in_url=f"{own.base_url}/account/sign-in",
            channel=self.channel.name,
        )

    @property
    def base_url(self) -> str:
        """The address of this installation."""
        return self.settings.base_url

    @property
    def caps(self) -> Caps:
        """How much may be on hold unpaid here."""
        own = self.settings
        return Caps(
            holds_phone=own.held_holds_phone,
            holds_address=own.held_holds_address,
            nights_phone=own.held_nights_phone,
            nights_address=own.held_nights_address,
            nights_partner=own.held_nights_partner,
            nights_listing=own.held_nights_listing,
            telephone=own.help_phone,
        )


def build(settings: Settings, *, clock: Clock | None = None, ids: Ids | None = None) -> Services:
    """Build the services of one process once its keys are known to be those of the database."""
    clock = clock or SystemClock()
    ids = ids or RandomIds()
    database = Database(settings.database)
    keyring = _keys(settings, database, clock)
    crypto.install(keyring, settings.keys)
    index = _index(settings, database)
    services = Services(
        settings=settings,
        database=database,
        clock=clock,
        ids=ids,
        keyring=keyring,
        gateways=_gateways(settings, database, keyring, clock, ids),
        index=index,
        words=Words(index, database),
        follower=Follower(database, clock, folder=settings.state_dir / "matrix"),
        blobs=FolderBlobs(settings.blob_dir or settings.state_dir / "blobs", clock),
        scanner=ClamdScanner(settings.scanner) if settings.scanner else NoScanner(),
        anchors=AnchorFile(settings.anchors),
        channel=ConsoleChannel(),
        known_keys=KnownKeys(database),
    )
    _connect_outbox(services)
    listing_removal.register(pool_setup.needed, pool_setup.release)
    return services


def _gateways(
    settings: Settings, database: Database, keyring: Keyring, clock: Clock, ids: Ids
) -> Gateways:
    """Make the gateways that the settings name, the one that takes new payments first."""

    def simulated() -> PaymentGateway:
        return SimulatedGateway(
            database,
            clock=clock,
            ids=ids,
            secret=tuple(key.decode() for _, key in keyring.webhook),
            base_url=settings.base_url,
        )

    makers: dict[str, Callable[[], PaymentGateway]] = {SimulatedGateway.name: simulated}
    return Gateways(*(makers[name]() for name in settings.gateway_names))


def may_start() -> Settings:
    """Return the settings of the environment once all is there that a process needs.

    For programs that start others, before they do: what is missing is printed in one line for each
    fault, and ends the process.
    """
    with told_in_lines():
        settings = Settings()
        database = Database(settings.database)
        _keys(settings, database, SystemClock())
        database.dispose()
    return settings


def _keys(settings: Settings, database: Database, clock: Clock) -> Keyring:
    _own_folder(settings.state_dir)
    return key_prints.prove(database, settings.keys, now=clock.now())


def _own_folder(path: Path) -> None:
    """Make the state folder, and what this process puts there, its own account's alone.

    Raises:
        CannotStart: it cannot be, or is a folder that others work in too.
    """
    os.umask(0o077)
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.stat().st_mode & stat.S_ISVTX:
            raise CannotStart(
                "SNOWBIRD_STATE_DIR is shared with others; give it a folder of its own"
            )
        if path.stat().st_mode & 0o077:
            path.chmod(0o700)
        usable = os.access(path, os.R_OK | os.W_OK | os.X_OK)
    except OSError:
        usable = False
    if not usable:
        raise CannotStart("SNOWBIRD_STATE_DIR cannot be used: this account may not write there")


def _index(settings: Settings, database: Database) -> SearchIndex:
    if settings.search_index is IndexKind.DATABASE:
        return SqlIndex(database)
    return WhooshIndex(settings.state_dir / "index")


def live_on(services: Services) -> None:
    """Let what this process commits be numbered in the background, moments later and all at once.

    Nobody who books waits for the number. A command that ends right after its commit numbers before
    it does; what a killed process leaves, the next numberer takes.
    """
    numberer = Background[None](
        "numberer",
        lambda _: changes.sequence(services.database),
        pause_seconds=NUMBER_EVERY_SECONDS,
    )
    services.database.session_info["wake_sequencer"] = partial(numberer.add, None)


def _connect_outbox(services: Services) -> None:
    """Give every write session of this process its way to nudge the worker and the sequencer."""
    sequencing = partial(changes.sequence, services.database)

    def nudge(row_id: int) -> None:
        for call in services.nudges:
            call(row_id)

    services.database.session_info.update(nudge=nudge, wake_sequencer=sequencing)
