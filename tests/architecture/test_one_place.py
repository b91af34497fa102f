"""Rules that are decided in one place and asked everywhere else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STATES = "marketplace.booking.states"
DECIDES = {"marketplace/booking/settlement.py", "marketplace/booking/states.py"}
"""Who pays, and what a channel is."""
PLAYS = "marketplace/sample/"
"""Plays each channel's part in the sample, so that it has to know which."""


def compared(text: str) -> list[str]:
    """Return where a source compares a booking's sales channel with one of them."""
    tree = ast.parse(text)
    names = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == STATES
        for alias in node.names
        if alias.name == "Channel"
    }

    def named(node: ast.AST) -> bool:
        return any(
            isinstance(part, ast.Attribute)
            and isinstance(part.value, ast.Name)
            and part.value.id in names
            for part in ast.walk(node)
        )

    compares = (ast.Compare, ast.MatchValue)
    return [
        ast.unparse(node) for node in ast.walk(tree) if isinstance(node, compares) and named(node)
    ]


def test_who_pays_whom_is_decided_by_the_settlement_alone() -> None:
    sources = [path for root in ("catalog", "marketplace") for path in (ROOT / root).rglob("*.py")]
    names = {path.relative_to(ROOT).as_posix(): path for path in sources}
    found = {
        name: hits
        for name, path in names.items()
        if name not in DECIDES and not name.startswith(PLAYS)
        if (hits := compared(path.read_text(encoding="utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize(
    "planted",
    [
        "paid = one.channel is Sold.WEB",
        "paid = one.channel != Sold.WALK_IN",
        "paid = one.channel in {Sold.WEB}",
        "match one.channel:\n    case Sold.WEB:\n        paid = True",
    ],
)
def test_a_comparison_is_found(planted: str) -> None:
    assert len(compared(f"from {STATES} import Channel as Sold\n{planted}")) == 1
