"""What is owed has one class, one topic and one handler, and is written by that class alone."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections import Counter
from dataclasses import is_dataclass
from pathlib import Path

from marketplace import tasks

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [path for root in ("catalog", "marketplace") for path in (ROOT / root).rglob("*.py")]


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def effects() -> list[type]:
    """Every class with a topic in the modules that say what a context owes."""
    modules = [
        importlib.import_module(module_of(path))
        for path in SOURCES
        if path.name == "effects.py" and path.parent.name != "kernel"
    ]
    return [
        found
        for module in modules
        for _, found in inspect.getmembers(module, inspect.isclass)
        if found.__module__ == module.__name__
    ]


def test_every_effect_has_exactly_one_handler() -> None:
    routed = Counter(tasks.ROUTES)
    assert len(routed) > 10
    assert routed == Counter(effects())


def test_every_effect_is_frozen_and_has_a_topic_of_its_own() -> None:
    found = effects()
    for kind in found:
        assert is_dataclass(kind)
        assert kind.__dataclass_params__.frozen, kind  # type: ignore[attr-defined]
    topics = Counter(kind.topic for kind in found)
    assert {topic for topic, times in topics.items() if times > 1} == set()


def test_no_topic_is_typed_anywhere_else() -> None:
    topics = {kind.topic for kind in effects()}
    typed = {
        (module_of(path), str(node.value))
        for path in SOURCES
        if path.name != "effects.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in topics
    }
    assert typed == AUDITED


AUDITED = {("marketplace.web.rendering.labels", "listing.accepted")}
"""Words of the trail that are spelt like a topic."""
