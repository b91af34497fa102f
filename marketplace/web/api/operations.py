"""What a surface can do, told at the view that does it.

From one ``@operation(...)`` come the route, its checks and its place in the description.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from inspect import isfunction
from types import ModuleType
from typing import Any, TypeVar

from pydantic import BaseModel

from marketplace.kernel import wishes
from marketplace.web.api.problems import EVERYWHERE, POSTING
from marketplace.web.api.request_models import ITEMS, Body, Given, Query

GET = "get"
POST = "post"
View = TypeVar("View", bound=Callable[..., object])


class Access(enum.Enum):
    """What an operation does with what there is."""

    READING = "reading"
    WRITING = "writing"


@dataclass(frozen=True, slots=True)
class Idempotency:
    """What a key does for a POST; one that only reads may come without."""

    kept: dt.timedelta
    """How long the answer is given again under its key."""
    told: str
    """What the description says of the key."""


def unsaid(outcome: object) -> BaseModel:
    """Say nothing: of an operation whose view itself returns the answer."""
    raise TypeError(f"nothing is said of {outcome!r}")


NEW_KEY = Idempotency(wishes.KEPT, "A new one for each new request.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation: ``@operation(method="get", path="/…", …)`` stands above its view.

    A view is called with what it ``takes`` and the parameters of its path. That of a GET returns
    one of the ``answers``; that of a POST returns the command that is asked for, and what comes of
    it is ``said`` as one of the answers.
    """

    method: str
    path: str
    """As the description writes it, with ``{names}``."""
    name: str
    summary: str
    access: Access = Access.READING
    takes: type[Given] | None = None
    """The query of a GET, the body of a POST."""
    many: type[Body] | None = None
    """The body that a POST takes instead where it has the member ``items``."""
    answers: Mapping[int, type[BaseModel]]
    """What it answers when all is well, by status."""
    refuses: tuple[str, ...] = ()
    """The codes of its problems, besides those that every operation may answer."""
    tagged: bool = False
    """Answers with an ETag, and 304 to If-None-Match."""
    idempotent: Idempotency = NEW_KEY
    """Of a POST."""
    said: Callable[[Any], BaseModel] = unsaid
    """Of a POST: turns what came of the command into the answer."""
    first: Callable[[Any], object] | None = None
    """Called with the command, before its effect and in transactions of its own."""
    about: str = ""
    """What else is to be known, with the figures of the installation filled in by name."""

    def __post_init__(self) -> None:
        """Refuse what does not fit together, when the module is loaded."""
        fits = {
            GET: self.access is Access.READING and (self.query is not None or self.takes is None),
            POST: self.body is not None and not self.tagged,
        }
        if self.many is not None and self.method != POST:
            raise ValueError(f"{self.name}: only a POST takes items")
        says = self.said is not unsaid
        if not fits.get(self.method) or not self.answers or says is not (self.method == POST):
            raise ValueError(f"{self.name}: method, access, request and answers do not fit")

    def __call__(self, view: View) -> View:
        """Put this on ``view``, which stays what it is."""
        view.operation = self  # type: ignore[attr-defined]
        return view

    @property
    def query(self) -> type[Query] | None:
        """The query string it takes."""
        return self.takes if self.takes and issubclass(self.takes, Query) else None

    @property
    def body(self) -> type[Body] | None:
        """The body it takes."""
        return self.takes if self.takes and issubclass(self.takes, Body) else None

    @property
    def bodies(self) -> tuple[type[Body], ...]:
        """The bodies it takes: one or the other."""
        return tuple(model for model in (self.body, self.many) if model is not None)

    def body_of(self, document: object) -> type[Body]:
        """Return the body that what was sent is to be read as.

        Raises:
            TypeError: it takes none.
        """
        if self.body is None:
            raise TypeError(f"{self.name} takes no body")
        has_items = isinstance(document, dict) and ITEMS in document
        return self.many if self.many is not None and has_items else self.body

    @property
    def keyed(self) -> bool:
        """Whether it needs an ``Idempotency-Key``; where it only reads, it may have one."""
        return self.access is Access.WRITING

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of all problems it may answer."""
        return (*EVERYWHERE, *(POSTING if self.method == POST else ()), *self.refuses)

    def status_of(self, answer: BaseModel) -> int:
        """Return the status that goes with an answer.

        Raises:
            TypeError: the description does not tell of such an answer.
        """
        for status, model in self.answers.items():
            if type(answer) is model:
                return status
        raise TypeError(f"{self.name} does not answer {type(answer).__name__}")


operation = Operation
"""The decorator, by its name."""


def views_of(module: ModuleType) -> Iterator[tuple[Operation, Callable[..., Any]]]:
    """Yield the operations of a module with their views, as they stand one below the other."""
    for view in vars(module).values():
        if isfunction(view) and view.__module__ == module.__name__ and hasattr(view, "operation"):
            yield view.operation, view
