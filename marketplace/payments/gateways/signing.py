"""Signed messages: an HMAC-SHA256 over time and body, in one header (``t=…,v1=…``)."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence

from marketplace.payments.gateways.port import BadSignature

HEADER = "Snowbird-Signature"
TOLERANCE = dt.timedelta(seconds=300)
"""How far the time of signing may lie from now, in either direction."""

# Twelve digits reach past the year 30000; a longer number would only cost time.
_STAMP = re.compile(r"[0-9]{1,12}")


def sign(body: bytes, *, secrets: Sequence[str], at: dt.datetime) -> str:
    """Return the header for ``body`` signed at ``at``: one ``v1`` for each secret."""
    stamp = int(at.timestamp())
    parts = [f"t={stamp}", *(f"v1={_digest(body, secret, stamp)}" for secret in secrets)]
    return ",".join(parts)


def verify(
    body: bytes, headers: Mapping[str, str], *, secrets: Sequence[str], now: dt.datetime
) -> None:
    """Raise ``BadSignature`` unless one of ``secrets`` signed ``body`` within the last minutes.

    Several secrets are accepted while one is being replaced by another.
    """
    sent = next((value for name, value in headers.items() if name.lower() == HEADER.lower()), "")
    pairs = [part.strip().partition("=") for part in sent.split(",")]
    stamps = [value for name, _, value in pairs if name == "t"]
    digests = [value for name, _, value in pairs if name == "v1"]
    if len(stamps) != 1 or not _STAMP.fullmatch(stamps[0]):
        raise BadSignature
    stamp = int(stamps[0])
    if abs(now.timestamp() - stamp) > TOLERANCE.total_seconds():
        raise BadSignature
    expected = [_digest(body, secret, stamp) for secret in secrets]
    # Every pair is compared, so that the time taken tells nothing about which one fits.
    matches = [
        hmac.compare_digest(right.encode(), given.encode())
        for right in expected
        for given in digests
    ]
    if not any(matches):
        raise BadSignature


def _digest(body: bytes, secret: str, stamp: int) -> str:
    message = str(stamp).encode() + b"." + body
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
