"""What everything that changes something has in hand: one transaction, one moment, who acts.

It travels as one value beside the command that says what is wished, so that a signature names what
is particular to it. It holds nothing else: what only some need is an argument of theirs.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from marketplace.kernel.audit import Actor
from marketplace.kernel.ids import Ids, RandomIds


@dataclass(frozen=True, slots=True)
class UnitOfWork:
    """One transaction of one actor; whoever opened it commits it."""

    session: Session
    now: dt.datetime
    """The moment that all of it counts as done at, in UTC."""
    actor: Actor
    """Whom the trail names."""
    ids: Ids = field(default_factory=RandomIds)
    """Where new identifiers come from."""
