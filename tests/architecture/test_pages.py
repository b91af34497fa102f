"""Pages and surfaces ask the contexts: they open transactions and touch no table in them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "marketplace/web"
PROBES = "monitoring/health.py"
"""Asks the database for nothing but an answer."""
FROM_SQLALCHEMY = {"sqlalchemy.orm": {"Session"}, "sqlalchemy.exc": None}
"""What may be imported: the type of what is handed on, and the errors that become answers."""
OPENS = {"read", "write"}
TOUCHES = {
    *("get", "get_one", "scalar", "scalars", "execute", "query"),
    *("add", "add_all", "delete", "merge", "flush", "refresh"),
}


def faults(text: str) -> Iterator[str]:
    """Yield what a module has of the database that it should not have."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name.startswith("sqlalchemy"))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
            allowed = FROM_SQLALCHEMY.get(node.module or "", set())
            if allowed is not None:
                yield from (one.name for one in node.names if one.name not in allowed)
    sessions = set(opened(tree)) | set(handed(tree))
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id in sessions
            and node.func.attr in TOUCHES
        ):
            yield ast.unparse(node)


def opened(tree: ast.AST) -> Iterator[str]:
    """Yield the names that transactions are opened under."""
    for node in ast.walk(tree):
        for item in node.items if isinstance(node, ast.With) else ():
            call = item.context_expr
            if (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Attribute)
                and call.func.attr in OPENS
                and isinstance(item.optional_vars, ast.Name)
            ):
                yield item.optional_vars.id


def handed(tree: ast.AST) -> Iterator[str]:
    """Yield the parameters that are sessions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and ast.unparse(node.annotation or node) == "Session":
            yield node.arg


def test_no_page_touches_a_table() -> None:
    found = {
        path.relative_to(WEB).as_posix(): list(faults(path.read_text(encoding="utf-8")))
        for path in WEB.rglob("*.py")
    }
    assert found.pop(PROBES) != []
    assert {name: hits for name, hits in found.items() if hits} == {}


@pytest.mark.parametrize(
    "planted",
    [
        "import sqlalchemy as sa",
        "from sqlalchemy.orm import Session, aliased",
        "with services().database.read() as session:\n    session.get(Booking, key)",
        "def page(db: Session) -> None:\n    db.execute(found)",
    ],
)
def test_what_is_touched_is_found(planted: str) -> None:
    assert len(list(faults(planted))) == 1
