"""Telling people what is owed to them: put down and committed first, sent afterwards.

No transaction is open while the channel works. Who was killed between the two does both again: what
stands there already is not written anew, and the channel is given the same text under the same key.
"""

from __future__ import annotations

from typing import Protocol

from catalog.effects import CaseDecided, LicenceEnding
from marketplace.booking.effects import TellOfBooking
from marketplace.kernel.clock import Clock
from marketplace.kernel.db import Database
from marketplace.notify import booking_notices, messages, office_notices
from marketplace.notify.channel import Channel
from marketplace.notify.message_texts import Sender


class Tools(Protocol):
    """What the handlers work with."""

    @property
    def database(self) -> Database:
        """Where messages are put down."""
        ...

    @property
    def clock(self) -> Clock:
        """Tells the moment."""
        ...

    @property
    def channel(self) -> Channel:
        """Who carries texts."""
        ...

    @property
    def sender(self) -> Sender:
        """In whose name messages go out."""
        ...


def tell_of_booking(tools: Tools, owed: TellOfBooking) -> None:
    """Tell guest and operator what happened to a booking."""
    with tools.database.write() as session:
        booking_notices.write_about_booking(session, owed, tools.sender, now=tools.clock.now())
    _send(tools, told=owed.key)


def tell_of_case(tools: Tools, decided: CaseDecided) -> None:
    """Tell the author how a case ended."""
    with tools.database.write() as session:
        office_notices.write_about_case(session, decided, tools.sender, now=tools.clock.now())
    _send(tools, told=decided.key)


def tell_of_licence(tools: Tools, ending: LicenceEnding) -> None:
    """Warn an enterprise of the end of a licence."""
    with tools.database.write() as session:
        office_notices.write_about_licence(session, ending, tools.sender, now=tools.clock.now())
    _send(tools, told=ending.key)


def _send(tools: Tools, *, told: str) -> None:
    with tools.database.read() as session:
        texts = messages.to_send(session, told=told)
    for text in texts:
        tools.channel.send(to=text.to, text=text.text, key=text.key)
