"""Message ids that know the numbers they speak of: a limit in words comes from what enforces it.

A message id is the Chinese sentence that the catalogue translates. One with ``%(name)s`` places is
a ``Message``: it carries what fills them wherever it goes, so that two faults of one form may each
have a most of their own. It is a ``str``, equal to its id: texts stay keys of the catalogue.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType

NOTHING: Mapping[str, object] = MappingProxyType({})


class Message(str):
    """A message id with what fills its places."""

    params: Mapping[str, object]

    def __new__(cls, text: str, /, **params: object) -> Message:
        """Keep ``params`` beside the id ``text``."""
        made = super().__new__(cls, text)
        made.params = params
        return made


def params_of(message: str) -> Mapping[str, object]:
    """Return what fills the places of ``message``; nothing for a plain text."""
    return message.params if isinstance(message, Message) else NOTHING


def narrowed(message: str, **params: object) -> str:
    """Return ``message`` with other numbers in those of its places that ``params`` names."""
    own = params_of(message)
    return Message(message, **{**own, **{name: params[name] for name in params if name in own}})


def filled(message: str, /, **params: object) -> str:
    """Return ``message`` in the words that it is written in; ``params`` go before its own.

    A message among the ``params`` is filled too.
    """
    places = {
        name: filled(value) if isinstance(value, Message) else value
        for name, value in {**params_of(message), **params}.items()
    }
    return message % places if places else str(message)


def minutes(span: dt.timedelta) -> int:
    """Return a span of time in whole minutes, as messages name it."""
    return span // dt.timedelta(minutes=1)


def megabytes(size: int) -> int:
    """Return bytes in whole megabytes, as messages name them."""
    return size // 2**20


def kilobytes(size: int) -> int:
    """Return bytes in whole kilobytes."""
    return size // 2**10
