"""Encryption of personal fields at rest, and blind indexes to find them by exact value.

AES-256-GCM with the table and column as associated data, so that a value copied to another column
does not decrypt. Stored as ``v<key id>:<base64 of nonce and ciphertext>``; the first key of the
ring writes, all of them read.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from pathlib import Path

import sqlalchemy as sa
import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from marketplace.kernel.keyring import Keyring, read, ring_of
from marketplace.kernel.starting import CannotStart

NONCE_BYTES = 12
BLIND = "blind_index"
"""Marks a column of blind indexes, in its ``info``: the column of the same row that they are of,
and what makes the index from its value."""


NO_KEY_OPENS = (InvalidTag, KeyError, ValueError)
"""What opening raises for what is under a key that is gone, forged, moved or cut short."""


class _Installed:
    """The keyring of this process: column types are made at import, before settings are known."""

    keyring: Keyring | None = None
    path: Path | None = None
    seen: tuple[int, int] | None = None


def install(keyring: Keyring, path: Path | None = None) -> None:
    """Make ``keyring`` the one that encrypted columns and blind indexes use in this process.

    With ``path``, the file it was read from, keys that come or go there are followed at once.
    """
    _Installed.keyring, _Installed.path = keyring, path
    _Installed.seen = _seen(path) if path else None


def keyring() -> Keyring:
    """Return the keys in force."""
    if _Installed.keyring is None:
        raise RuntimeError("no keyring is installed")
    if _Installed.path and (now := _seen(_Installed.path)) not in (None, _Installed.seen):
        _Installed.seen = now
        try:
            _Installed.keyring = ring_of(read(_Installed.path))
        except (CannotStart, TypeError):
            # Somebody is working on the file; what was whole when this process began still is.
            structlog.get_logger("keys").error("key_file_unusable")
    return _Installed.keyring


def _seen(path: Path) -> tuple[int, int] | None:
    """Return what changes whenever the file is replaced; nothing where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


class EncryptedString(TypeDecorator[str]):
    """Text that is ciphertext in the database and plain text in Python."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, context: str) -> None:
        """Bind values to ``context``, written ``table.column``."""
        super().__init__()
        self.context = context

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Encrypt under the first key of the ring with a fresh nonce."""
        return None if value is None else self.sealed(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Decrypt with the key the value names; a forged or moved value raises ``InvalidTag``."""
        return None if value is None else self.open(value, keyring())

    def sealed(self, text: str) -> str:
        """Return what is stored for a plain text, under the first key of the ring."""
        key_id, key = keyring().encryption[0]
        nonce = os.urandom(NONCE_BYTES)
        sealed = AESGCM(key).encrypt(nonce, text.encode(), self.context.encode())
        return f"v{key_id}:{base64.b64encode(nonce + sealed).decode()}"

    def open(self, value: str, ring: Keyring) -> str:
        """Return the plain text of a stored value with the keys of ``ring``."""
        label, _, body = value.partition(":")
        raw = base64.b64decode(body)
        key = dict(ring.encryption)[label.removeprefix("v")]
        plain = AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], self.context.encode())
        return plain.decode()


def blind_index(kind: str, value: str) -> str:
    """Return the HMAC-SHA256 of ``value`` under the index key, to find equals without plain text.

    ``kind`` keeps indexes of different things (a phone, a network address) apart.
    """
    return blind_indexes(kind, value)[0]


def blind_indexes(kind: str, value: str) -> list[str]:
    """Return what a row may hold for ``value``: the index under the key that writes comes first."""
    message = f"{kind}:{value}".encode()
    return [hmac.new(key, message, hashlib.sha256).hexdigest() for _, key in keyring().index]


def seal(content: bytes, context: str) -> bytes:
    """Return ``content`` encrypted under the first key, bound to ``context``, with its key's id."""
    key_id, key = keyring().encryption[0]
    nonce = os.urandom(NONCE_BYTES)
    return _label(key_id) + nonce + AESGCM(key).encrypt(nonce, content, context.encode())


def unseal(sealed: bytes, context: str) -> bytes:
    """Return what ``seal`` was given; forged or moved content raises ``InvalidTag``."""
    label, _, body = sealed.partition(b":")
    key = dict(keyring().encryption)[label.removeprefix(b"v").decode()]
    return AESGCM(key).decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], context.encode())


def sealed_anew(begins: bytes) -> bool:
    """Whether sealed content that begins with these bytes is under the key that writes now."""
    return begins.startswith(_label(keyring().encryption[0][0]))


def _label(key_id: str) -> bytes:
    return f"v{key_id}:".encode()
