"""A surface for programs: operations on one blueprint, behind one door."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from flask import Blueprint, Response, request
from flask.sansio.blueprints import BlueprintSetupState

from marketplace.web.api.authentication import Door
from marketplace.web.api.operations import POST, Operation, views_of
from marketplace.web.api.problems import Problem, Told
from marketplace.web.api.request_models import read_query
from marketplace.web.api.responses import dump, reply, tagged
from marketplace.web.api.wishes import Run, once
from marketplace.web.context import SURFACES
from marketplace.web.protection.security import csrf

PARAMETER = re.compile(r"{(\w+)}")
AnyView = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class PathParameter:
    """A name in the paths of a surface."""

    converter: str
    """Flask's: what else is no address of ours."""
    schema: Mapping[str, object]
    """The description's."""


@dataclass(frozen=True, slots=True)
class Route:
    """An operation with its view."""

    operation: Operation
    view: AnyView
    chapter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """What one kind of program calls."""

    name: str
    """Of its blueprint."""
    begins: tuple[str, ...]
    """What its addresses begin with: whatever goes wrong there is told to a program."""
    door: Door[Any]
    chapters: Mapping[str, tuple[ModuleType, ...]]
    """The modules of its views, by the tag of their operations, in the order of the description."""
    run: Run
    """How the commands that its views return are run."""
    parameters: Mapping[str, PathParameter]
    problems: Mapping[str, Told]
    problem: type[Problem]

    def routes(self) -> Iterator[Route]:
        """Yield the operations as they stand in the modules, one below the other.

        Raises:
            ValueError: one refuses with a code that is none of the surface's problems.
        """
        for chapter, modules in self.chapters.items():
            for module in modules:
                for found, view in views_of(module):
                    if unknown := set(found.codes) - set(self.problems):
                        raise ValueError(f"{found.name}: nothing tells of {sorted(unknown)}")
                    yield Route(found, view, chapter)

    def blueprint(self, unguarded: Mapping[str, Callable[..., Any]]) -> Blueprint:
        """Return the blueprint of all operations, and of views that need no key, by path."""
        made = Blueprint(self.name, __name__)
        csrf.exempt(made)
        made.record_once(self._known)
        asked = set()
        for route in self.routes():
            endpoint = route.view.__name__
            rule = PARAMETER.sub(self._converted, route.operation.path)
            post = route.operation.method == POST
            served = _posted(route, self.run) if post else _looked_at(route)
            made.add_url_rule(rule, endpoint, served, methods=[route.operation.method.upper()])
            if route.operation.query is not None:
                asked.add(f"{self.name}.{endpoint}")
        for path, view in unguarded.items():
            made.add_url_rule(path, view.__name__, view)
        names = {f"{self.name}.{view.__name__}" for view in unguarded.values()}
        self.door.hang(made, unguarded=names, asked=asked)
        return made

    def _known(self, state: BlueprintSetupState) -> None:
        state.app.extensions.setdefault(SURFACES, {})[self.name] = self.begins

    def _converted(self, name: re.Match[str]) -> str:
        return f"<{self.parameters[name[1]].converter}:{name[1]}>"


def _looked_at(route: Route) -> Callable[..., Response]:
    operation, view = route.operation, route.view

    @functools.wraps(view)
    def answer(**path: Any) -> Response:
        if operation.query is not None:
            found = view(read_query(operation.query, request.args.to_dict()), **path)
        else:
            found = view(**path)
        send = tagged if operation.tagged else reply
        return send(operation.status_of(found), dump(found))

    return answer


def _posted(route: Route, run: Run) -> Callable[..., Response]:
    @functools.wraps(route.view)
    def answer(**path: Any) -> Response:
        return once(route.operation, functools.partial(route.view, **path), run)

    return answer
