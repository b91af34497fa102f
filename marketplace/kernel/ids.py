"""Identifiers: opaque ids for machines, short codes for people."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from typing import Protocol

CODE_SYMBOLS = "23456789AFHKMRWXY"
"""No 0/O, 1/I/L, B, S, Z, and no letters that rhyme when spelt aloud (C, D, E, G, P, T, V)."""
CODE_LENGTH = 10
LONGEST_KEY = 255
"""Symbols of a key under which something is done once."""
HELP_LENGTH = 6


class Ids(Protocol):
    """Where new identifiers come from."""

    def new_id(self) -> str:
        """Return a new opaque id of 32 hexadecimal digits."""
        ...

    def new_code(self) -> str:
        """Return a new booking code of ten unambiguous symbols."""
        ...

    def new_token(self) -> str:
        """Return a new unguessable URL-safe token."""
        ...


class RandomIds:
    """Identifiers from the operating system's randomness."""

    def new_id(self) -> str:
        """Return a random (version 4) UUID as 32 hexadecimal digits."""
        return uuid.uuid4().hex

    def new_code(self) -> str:
        """Return ten symbols of ``CODE_SYMBOLS``: 17**10 codes, two million million."""
        return "".join(secrets.choice(CODE_SYMBOLS) for _ in range(CODE_LENGTH))

    def new_token(self) -> str:
        """Return 256 bits of randomness, URL-safe."""
        return secrets.token_urlsafe(32)


def is_code(text: str) -> bool:
    """Tell whether ``text`` may be a booking code, as machines have it, that was ever given."""
    return len(text) == CODE_LENGTH and set(text) <= set(CODE_SYMBOLS)


def group_code(code: str) -> str:
    """Return a booking code in groups of 3, 3 and 4, the way it is read aloud."""
    return " ".join(part for part in (code[:3], code[3:6], code[6:]) if part)


def help_number(request_id: str) -> str:
    """Return six symbols that stand for a request: short enough to be read out on the telephone."""
    rest = int.from_bytes(hashlib.sha256(request_id.encode()).digest()[:8], "big")
    symbols = []
    for _ in range(HELP_LENGTH):
        rest, place = divmod(rest, len(CODE_SYMBOLS))
        symbols.append(CODE_SYMBOLS[place])
    return "".join(symbols)
