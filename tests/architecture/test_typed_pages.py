"""What pages are made of has types: no dictionary of just anything, but where a format is open."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "marketplace/web"
OPEN_FORMATS = {
    "api/openapi.py": "a document of OpenAPI",
    "partner_api/schemas.py": "the facts of an event: JSON of as many shapes as there are kinds",
    "traveller/directory/open_data_files.py": "records of the open data, in JSON",
    "traveller/seo/structured_data.py": "a node of schema.org",
    "traveller/sealed_forms.py": "what a page sealed, in JSON; each page reads back its own",
    "i18n.py": "the environment of WSGI",
    "site.py": "names that Flask asks for, for every template",
    "forms/links.py": "keywords of Flask's url_for, whose own options are among them",
}
"""Where the shape is somebody else's, and whose."""


def untyped(text: str) -> Iterator[str]:
    """Yield the dictionaries of just anything that a module names as a type."""
    for node in ast.walk(ast.parse(text)):
        if (
            isinstance(node, ast.Subscript)
            and ast.unparse(node.value) in {"dict", "Dict", "defaultdict", "MutableMapping"}
            and isinstance(node.slice, ast.Tuple)
            and ast.unparse(node.slice.elts[-1]) == "Any"
        ):
            yield ast.unparse(node)


def test_no_page_is_made_of_just_anything() -> None:
    found = {
        path.relative_to(WEB).as_posix(): list(untyped(path.read_text(encoding="utf-8")))
        for path in WEB.rglob("*.py")
    }
    assert {name for name, hits in found.items() if hits} == OPEN_FORMATS.keys(), (
        "a page's context is a frozen dataclass; arguments of an address are forms.links.LinkArgs"
    )


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ("def args(self) -> dict[str, Any]: ...", True),
        ("kept: dict[str, Any] = {}", True),
        ("rows: list[dict[str, Any]] = []", True),
        ("def args(self) -> LinkArgs: ...", False),
        ("shown: dict[str, str] = {}", False),
    ],
)
def test_what_is_untyped_is_found(planted: str, found: bool) -> None:
    assert bool(list(untyped(planted))) is found
