"""What the fields of staff forms are called, read off the templates that ask for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache

from flask import current_app
from jinja2 import Environment, nodes

FOLDERS = {
    "/operator": ("operator/", "entry_case/", "_macros/listing_form"),
    "/office": ("office/",),
    "/apply": ("applicant/", "entry_case/"),
    "/account": ("account/",),
}
"""Where the forms that are sent to an address stand: operators have the steps of applicants too."""
ASKING = frozenset({"text", "area", "number", "date", "radios", "select", "tick", "whole", "file"})
"""Macros that ask for a field: its name and its label come first."""


def of(path: str) -> Mapping[str, str]:
    """Return the labels, message ids, of the fields of forms sent to ``path``, by name.

    A name that two forms call differently is left out: a wrong label is worse than none.
    """
    audience = next((one for one in FOLDERS if path.removeprefix("/en").startswith(one)), "")
    return _labels(current_app.jinja_env, audience) if audience else {}


@lru_cache(maxsize=8)
def _labels(environment: Environment, audience: str) -> Mapping[str, str]:
    found: dict[str, set[str]] = defaultdict(set)
    for name in environment.list_templates():
        if name.startswith(FOLDERS[audience]) and environment.loader is not None:
            source = environment.loader.get_source(environment, name)[0]
            for field, label in _asked(environment.parse(source)):
                found[field].add(label)
    return {field: labels.pop() for field, labels in found.items() if len(labels) == 1}


def _asked(template: nodes.Template) -> Iterator[tuple[str, str]]:
    for call in template.find_all(nodes.Call):
        macro = call.node
        called = macro.attr if isinstance(macro, nodes.Getattr) else getattr(macro, "name", "")
        if called not in ASKING or len(call.args) < 2:  # noqa: PLR2004 - a name and a label
            continue
        name, label = call.args[:2]
        words = label.args[0] if isinstance(label, nodes.Call) and label.args else label
        if isinstance(name, nodes.Const) and isinstance(words, nodes.Const):
            yield str(name.value), str(words.value)
