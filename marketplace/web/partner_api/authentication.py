"""Who calls the partner API: a partner's key, live or test."""

from __future__ import annotations

from typing import cast

from marketplace.partners.commands.caller import Caller, Surface
from marketplace.web.api import caller as calling
from marketplace.web.api.authentication import Door, bearer_key
from marketplace.web.context import now, services


def caller() -> Caller:
    """Return the partner that calls."""
    return cast(Caller, calling.caller())


def _authenticate() -> Caller | None:
    if not (key := bearer_key()):
        return None
    return services().known_keys.caller(key, now=now(), surface=Surface.STAYS)


def _note_use(found: Caller) -> None:
    services().known_keys.note_use(found, now=now())


DOOR = Door(realm="partner", authenticate=_authenticate, note_use=_note_use)
