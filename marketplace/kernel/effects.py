"""What an effect is: a frozen payload that names its topic and its key, and who handles it.

The context that owes an effect has its class; whoever does the work has a plain function of the
tools and that class. A table of routes joins the two, one handler for each class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from pydantic import TypeAdapter, ValidationError


class Effect(Protocol):
    """Something that is owed to the world: a frozen dataclass of identifiers.

    What stands in its fields is kept as JSON and read back years later, by newer releases too: a
    field that is added needs a default, and no field may hold personal data. ``key`` is a property
    where the payload tells it. Where one thing can be owed several times it is a field, which is
    kept in the row's own column and not in the payload.
    """

    topic: ClassVar[str]
    """Its name in the database: never changed, and no other class has it."""

    @property
    def key(self) -> str:
        """What makes this effect one of a kind: owed twice, written once."""
        ...


E = TypeVar("E", bound=Effect)
T = TypeVar("T")


class UnknownEffect(Exception):
    """What is owed cannot be read: no class has its topic, or its payload is none of that class."""


@cache
def _adapter(kind: type[Effect]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def payload_of(effect: Effect) -> dict[str, Any]:
    """Return an effect as it is kept: its fields as JSON without its key and what is empty."""
    kept: dict[str, Any] = _adapter(type(effect)).dump_python(
        effect, mode="json", exclude={"key"}, exclude_none=True
    )
    return kept


def read(kind: type[E], *, key: str, payload: Mapping[str, Any]) -> E:
    """Return the effect of ``kind`` that was kept under ``key``; members it does not know are left.

    Raises:
        UnknownEffect: something is missing, or is no value of its field.
    """
    try:
        found: E = _adapter(kind).validate_python({**payload, "key": key})
    except ValidationError as error:
        raise UnknownEffect(f"{kind.topic}: {error.error_count()} fields") from error
    return found


@dataclass(frozen=True, slots=True)
class Route(Generic[T]):
    """A class of effects and the function that handles them; made by ``on``."""

    kind: type[Effect]
    handle: Callable[[T, Any], object]


def on(kind: type[E], handle: Callable[[T, E], object]) -> Route[T]:
    """Have ``handle`` called with the tools and each effect of ``kind``."""
    return Route(kind, handle)


class Routes(Generic[T]):
    """Which function handles which effects; ``T`` is what the handlers work with."""

    def __init__(self, *routes: Route[T]) -> None:
        """Take one route for each topic.

        Raises:
            ValueError: two of them have one topic.
        """
        self._routes = {route.kind.topic: route for route in routes}
        if len(self._routes) < len(routes):
            raise ValueError("two handlers for one topic")

    def __iter__(self) -> Iterator[type[Effect]]:
        """Yield the classes of effects that are handled."""
        return (route.kind for route in self._routes.values())

    def __contains__(self, topic: str) -> bool:
        """Whether effects of this topic are handled."""
        return topic in self._routes

    def handle(self, tools: T, *, topic: str, key: str, payload: Mapping[str, Any]) -> None:
        """Read what was kept and hand it to its handler, whose errors pass through.

        Raises:
            UnknownEffect: no class has this topic, or the payload is none of that class.
        """
        route = self._routes.get(topic)
        if route is None:
            raise UnknownEffect(topic)
        route.handle(tools, read(route.kind, key=key, payload=payload))
