"""Rules that are decided in one place and asked everywhere else."""

from __future__ import annotations

import ast
import re
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


WRITES_MONEY = "marketplace/kernel/money.py"
READS_MONEY = "marketplace/kernel/typed.py"
SIGN = "¥"
FINDS_SUMS = "marketplace/web/rendering/filters.py"
"""Finds sums in a text, so that none is broken over two lines."""
HUNDREDTHS = re.compile(r"fen|_bp$|basis_points")


def money_written(text: str) -> list[str]:
    """Return where a source writes fen as yuan or basis points as per cent, or has the sign."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.FloorDiv | ast.Mod):
            amount, by = node.left, node.right
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "divmod":
            amount, by = node.args
        elif isinstance(node, ast.Constant) and SIGN in str(node.value):
            found.append(ast.unparse(node))
            continue
        else:
            continue
        names = [getattr(part, "id", getattr(part, "attr", "")) for part in ast.walk(amount)]
        hundred = isinstance(by, ast.Constant) and by.value == 100
        if (hundred or ast.unparse(by) == "FEN_A_YUAN") and any(map(HUNDREDTHS.search, names)):
            found.append(ast.unparse(node))
    return found


def test_money_is_written_by_the_kernel_alone() -> None:
    sources = [path for root in ("catalog", "marketplace") for path in (ROOT / root).rglob("*.py")]
    names = {path.relative_to(ROOT).as_posix(): path for path in sources}
    writing = {
        name for name, path in names.items() if money_written(path.read_text(encoding="utf-8"))
    }
    assert writing == {WRITES_MONEY, READS_MONEY, FINDS_SUMS}


@pytest.mark.parametrize(
    "planted",
    [
        "said = f'{row.total_fen // 100}'",
        "said = f'{row.total_fen % 100:02}'",
        "whole, rest = divmod(abs(fen), 100)",
        "said = fen / 100",
        "share = f'{cut.off_bp / 100:g}%'",
        "said = f'¥{whole}'",
    ],
)
def test_money_that_is_written_elsewhere_is_found(planted: str) -> None:
    assert len(money_written(planted)) == 1


RENDERS = "marketplace/web/rendering/pages.py"


def rendering(text: str) -> bool:
    """Tell whether a source renders a template itself, with whatever variables."""
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "render_template"
        for node in ast.walk(ast.parse(text))
    )


def test_a_template_is_given_a_page_and_no_loose_variables() -> None:
    web = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in (ROOT / "marketplace" / "web").rglob("*.py")
    }
    assert {name for name, text in web.items() if rendering(text)} == {RENDERS}


def test_a_template_that_is_rendered_elsewhere_is_found() -> None:
    assert rendering("page = render_template('a.html', **found)")
    assert not rendering("page = pages.html(HelpHtml())")
