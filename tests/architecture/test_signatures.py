"""How long a signature may be: what is wished travels as one value, what all need as another."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from marketplace.settings import ROOT

MOST = 7
"""Parameters of a function, ``self`` and ``cls`` not counted, ``*`` and ``**`` as one each."""


def functions(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield name and number of parameters of every function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            given = node.args
            named = [*given.posonlyargs, *given.args, *given.kwonlyargs]
            caught = [each for each in (given.vararg, given.kwarg) if each is not None]
            names = [each.arg for each in (*named, *caught)]
            yield node.name, len([name for name in names if name not in ("self", "cls")])


def longer(source: str) -> set[str]:
    return {name for name, count in functions(ast.parse(source)) if count > MOST}


def test_no_function_takes_more_than_seven() -> None:
    found = {
        f"{path.relative_to(ROOT)} {name}"
        for folder in ("catalog", "marketplace")
        for path in sorted(Path(ROOT, folder).rglob("*.py"))
        for name in longer(path.read_text(encoding="utf-8"))
    }
    assert found == set()


def test_what_is_counted() -> None:
    assert longer("def f(a, b, c, /, d, e, *, f, g): ...") == set()
    assert longer("def f(a, b, c, /, d, e, *, f, g, h): ...") == {"f"}
    assert longer("class C:\n    def f(self, a, b, c, d, e, f, g): ...") == set()
    assert longer("class C:\n    async def f(cls, a, b, c, d, e, f, g, **more): ...") == {"f"}
