"""Encryption of personal fields at rest, and blind indexes to find them by exact value.

AES-256-GCM with the table and column as associated data, so that a value copied to another column
does not decrypt. Stored as ``v<key id>:<base64 of nonce and ciphertext>``; the first key of the
ring writes, all of them read.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Keyring:
    """The secret keys of an installation."""

    encryption: tuple[tuple[str, bytes], ...]
    """(key id, 32 bytes); the first one writes."""
    index: bytes
    """The key of the blind indexes."""
    session: str
    """Signs the session cookie."""
    webhook: str
    """Signs the events of the simulated gateway."""

    @classmethod
    def load_or_create(cls, path: Path) -> Keyring:
        """Read the keys from ``path``; make them at the first run, readable by the owner only."""
        if path.exists():
            return cls._parse(path.read_text())
        fresh = {
            "encryption": [["1", secrets.token_hex(32)]],
            "index": secrets.token_hex(32),
            "session": secrets.token_hex(32),
            "webhook": secrets.token_hex(32),
        }
        # Written aside and then linked, which one process alone can do: the others read its keys,
        # and none of them half a file.
        descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "w") as file:
                json.dump(fresh, file)
            with suppress(FileExistsError):
                os.link(aside, path)
        finally:
            Path(aside).unlink()
        return cls._parse(path.read_text())

    @classmethod
    def _parse(cls, text: str) -> Keyring:
        raw = json.loads(text)
        return cls(
            encryption=tuple((key_id, bytes.fromhex(key)) for key_id, key in raw["encryption"]),
            index=bytes.fromhex(raw["index"]),
            session=raw["session"],
            webhook=raw["webhook"],
        )


class _Installed:
    """The keyring of this process: column types are made at import, before settings are known."""

    keyring: Keyring | None = None


def install(keyring: Keyring) -> None:
    """Make ``keyring`` the one that encrypted columns and blind indexes use in this process."""
    _Installed.keyring = keyring


def _keyring() -> Keyring:
    if _Installed.keyring is None:
        raise RuntimeError("no keyring is installed")
    return _Installed.keyring


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
        if value is None:
            return None
        key_id, key = _keyring().encryption[0]
        nonce = os.urandom(NONCE_BYTES)
        sealed = AESGCM(key).encrypt(nonce, value.encode(), self.context.encode())
        return f"v{key_id}:{base64.b64encode(nonce + sealed).decode()}"

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Decrypt with the key the value names; a forged or moved value raises ``InvalidTag``."""
        if value is None:
            return None
        label, _, body = value.partition(":")
        raw = base64.b64decode(body)
        key = dict(_keyring().encryption)[label.removeprefix("v")]
        plain = AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], self.context.encode())
        return plain.decode()


def blind_index(kind: str, value: str) -> str:
    """Return the HMAC-SHA256 of ``value`` under the index key, to find equals without plain text.

    ``kind`` keeps indexes of different things (a phone, a network address) apart.
    """
    return hmac.new(_keyring().index, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()


def seal(content: bytes, context: str) -> bytes:
    """Return ``content`` encrypted under the first key, bound to ``context``, with its key's id."""
    key_id, key = _keyring().encryption[0]
    nonce = os.urandom(NONCE_BYTES)
    return _label(key_id) + nonce + AESGCM(key).encrypt(nonce, content, context.encode())


def unseal(sealed: bytes, context: str) -> bytes:
    """Return what ``seal`` was given; forged or moved content raises ``InvalidTag``."""
    label, _, body = sealed.partition(b":")
    key = dict(_keyring().encryption)[label.removeprefix(b"v").decode()]
    return AESGCM(key).decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], context.encode())


def sealed_anew(begins: bytes) -> bool:
    """Whether sealed content that begins with these bytes is under the key that writes now."""
    return begins.startswith(_label(_keyring().encryption[0][0]))


def _label(key_id: str) -> bytes:
    return f"v{key_id}:".encode()
