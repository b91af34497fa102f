"""Chance that falls the same way in every run: identifiers drawn from the clock."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from marketplace.kernel import ids
from marketplace.kernel.clock import SetClock


class Dice:
    """Draws identifiers by the moment that a clock was last put to.

    The moment is part of each: something that draws one more, or one less, than it did shifts
    what follows it in the same moment and nothing else.
    """

    def __init__(self) -> None:
        self._moment = ""
        self._drawn: Counter[tuple[str, str]] = Counter()

    def moment(self, clock: SetClock) -> None:
        self._moment = clock.now().isoformat()

    def draw(self, kind: str) -> bytes:
        """Return 32 bytes that no other draw gave."""
        drawn = (kind, self._moment)
        self._drawn[drawn] += 1
        return hashlib.sha256(f"{kind} {self._moment} {self._drawn[drawn]}".encode()).digest()

    def code(self) -> str:
        rest, symbols = int.from_bytes(self.draw("code"), "big"), []
        for _ in range(ids.CODE_LENGTH):
            rest, place = divmod(rest, len(ids.CODE_SYMBOLS))
            symbols.append(ids.CODE_SYMBOLS[place])
        return "".join(symbols)

    def token(self) -> str:
        return base64.urlsafe_b64encode(self.draw("token")).rstrip(b"=").decode()


@contextmanager
def loaded_dice() -> Iterator[Dice]:
    """Let every identifier of the product come from new dice, whoever makes it."""
    dice = Dice()
    put, go_on = SetClock.set, SetClock.advance

    def put_and_tell(clock: SetClock, instant: object) -> None:
        put(clock, instant)  # type: ignore[arg-type]
        dice.moment(clock)

    def go_on_and_tell(clock: SetClock, **delta: float) -> None:
        go_on(clock, **delta)
        dice.moment(clock)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SetClock, "set", put_and_tell)
        patch.setattr(SetClock, "advance", go_on_and_tell)
        patch.setattr(ids.RandomIds, "new_id", lambda _: dice.draw("id").hex()[:32])
        patch.setattr(ids.RandomIds, "new_code", lambda _: dice.code())
        patch.setattr(ids.RandomIds, "new_token", lambda _: dice.token())
        yield dice
