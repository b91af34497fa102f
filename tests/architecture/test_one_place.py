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


READS_FORMS = "marketplace/web/forms/reader.py"
PASSES_ON = {
    "marketplace/web/auth.py": "keeps a whole form for whose session ended",
    "marketplace/web/site.py": "shows the same address in another text size",
    "marketplace/web/i18n.py": "shows the same address in another language",
    "marketplace/web/traveller/seo/page_heads.py": "asks whether an address asks anything",
    "marketplace/web/protection/security.py": "measures forms before anybody reads them",
}
"""Who takes a whole form or address without asking what a field says, and why."""
FOR_PROGRAMS = ("marketplace/web/api/", "marketplace/web/partner_api/")
"""Read by models, strictly."""


def fields_read(text: str) -> list[str]:
    """Return where a source takes a form or an address from the request itself."""
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute)
        and node.attr in ("form", "args", "values")
        and isinstance(node.value, ast.Name)
        and node.value.id == "request"
    ]


def test_forms_and_addresses_are_read_by_the_reader_alone() -> None:
    web = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in (ROOT / "marketplace" / "web").rglob("*.py")
    }
    reading = {name for name, text in web.items() if fields_read(text)}
    people = {name for name in reading if not name.startswith(FOR_PROGRAMS)}
    assert people == {READS_FORMS, *PASSES_ON}


@pytest.mark.parametrize(
    "planted", ["q = request.args.get('q')", "x = request.form", "y = list(request.values)"]
)
def test_a_form_that_is_read_elsewhere_is_found(planted: str) -> None:
    assert len(fields_read(planted)) == 1
