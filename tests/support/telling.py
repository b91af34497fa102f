"""Telling people in tests: the handlers of notices, with a channel that keeps what it was given."""

from __future__ import annotations

from dataclasses import dataclass, field

import sqlalchemy as sa

from marketplace.kernel.clock import Clock
from marketplace.kernel.db import Database
from marketplace.notify.message_texts import Sender
from marketplace.notify.models import Message


@dataclass
class Recorder:
    """A channel that keeps what it was given, and sees to it that all of it was committed before.

    Like every channel it takes a text once a key.
    """

    database: Database
    name: str = "recorder"
    sent: list[tuple[str, str]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    """Of every call, repeated ones too."""

    def send(self, *, to: str, text: str, key: str) -> None:
        for engine in (self.database.write_engine, self.database.read_engine):
            assert isinstance(engine.pool, sa.QueuePool)
            assert engine.pool.checkedout() == 0, "a transaction is open while the channel works"
        with self.database.read() as session:
            kept = session.scalar(sa.select(Message.text).where(Message.key == key))
        assert kept == text
        if key not in self.keys:
            self.sent.append((to, text))
        self.keys.append(key)


class Teller:
    """What the handlers of notices work with."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self.channel = Recorder(database)
        self.sender = Sender(
            brand="候鸟吉林",
            help_phone="0431-1234-5678",
            sign_in_url="http://127.0.0.1:8000/account/sign-in",
            channel=self.channel.name,
        )
