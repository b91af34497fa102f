"""Nothing is packed: the formatter lays out every line but those of real tables."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("catalog", "marketplace", "deploy", "migrations", "tests")
SKIP = "# fmt: " + "skip"
LEAST_CELLS = 8
"""What has fewer is laid out in as many lines as it has."""
WRAPS = {"frozenset", "set", "tuple", "list", "dict", "MappingProxyType"}
"""Calls that only make another collection of the table in them."""


def packed(text: str) -> Iterator[int]:
    """Yield the lines that keep the formatter from something that is no table."""
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.endswith(SKIP)]
    if not lines:
        return
    ends = dict.fromkeys(lines, False)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.end_lineno in ends:
            ends[node.end_lineno] = is_table(node.value)
        for decorator in getattr(node, "decorator_list", ()):
            if decorator.end_lineno in ends and isinstance(decorator, ast.Call):
                ends[decorator.end_lineno] = any(map(is_table, decorator.args))
    yield from (line for line, table in ends.items() if not table)


def is_table(node: ast.expr | None) -> bool:
    """Whether it is a collection of enough cells that are all written out."""
    while isinstance(node, ast.Call) and ast.unparse(node.func) in WRAPS and len(node.args) == 1:
        node = node.args[0]
    if not isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Dict):
        return False
    return are_cells(node) and sum(1 for _ in cells(node)) >= LEAST_CELLS


def are_cells(node: ast.expr) -> bool:
    """Whether it is made of constants and names alone, or of plain calls with such."""
    match node:
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
            return all(map(are_cells, parts))
        case ast.Dict(keys=keys, values=values):
            return all(key is not None and are_cells(key) for key in keys) and all(
                map(are_cells, values)
            )
        case ast.Call(args=args, keywords=keywords):
            return all(map(are_cells, itertools.chain(args, (one.value for one in keywords))))
        case ast.UnaryOp(operand=operand):
            return are_cells(operand)
        case ast.BinOp(left=left, right=right):
            return are_cells(left) and are_cells(right)
    return isinstance(node, ast.Constant | ast.Name | ast.Attribute)


def cells(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the constants and names of a table."""
    if isinstance(node, ast.Constant | ast.Name | ast.Attribute):
        yield node
        return
    for part in ast.iter_child_nodes(node):
        if isinstance(part, ast.keyword):
            yield from cells(part.value)
        elif isinstance(part, ast.expr):
            yield from cells(part)


def test_only_tables_are_kept_from_the_formatter() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): hits
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        if "node_modules" not in path.parts
        if (hits := list(packed(path.read_text(encoding="utf-8"))))
    }
    assert found == {}, "take the comment away and let the formatter lay it out"


TABLE = "WORDS = (" + ", ".join(f'"word{number}"' for number in range(LEAST_CELLS)) + f",)  {SKIP}"


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        (TABLE, False),
        (TABLE.replace("WORDS = (", "WORDS = frozenset((").replace(",)  ", ",))  "), False),
        (f"SHORT = (1, 2, 3)  {SKIP}", True),
        (f"made = work(1, 2, 3, 4, 5, 6, 7, 8)  {SKIP}", True),
        (f"kept = [one for one in (1, 2, 3, 4, 5, 6, 7, 8)]  {SKIP}", True),
        (f"assert found == (1, 2, 3, 4, 5, 6, 7, 8)  {SKIP}", True),
    ],
)
def test_what_is_packed_is_found(planted: str, found: bool) -> None:
    assert bool(list(packed(planted))) is found
