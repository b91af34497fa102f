"""Every module has a place in the layers, and every contract bites."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = {contract["id"]: contract for contract in SETTINGS["tool"]["importlinter"]["contracts"]}
LAYERS = [[name.strip(" ()") for name in line.split("|")] for line in CONTRACTS["layers"]["layers"]]

MOST_MODULES = 20
"""Modules and folders in one folder; some fifteen are the rule."""
FLAT = {"marketplace.kernel"}
"""Found by name from everywhere, and without subjects between them (ADR 0012)."""

# A module that must not exist, and the contract that says so. The text is a module of its own, so
# nothing of what stands is changed.
PLANTED = [
    ("layers", "marketplace/kernel/planted.py", "import catalog"),
    ("layers", "marketplace/inventory/planted.py", "import marketplace.pricing.planted_too"),
    ("layers", "marketplace/offers/planted.py", "import marketplace.booking.planted_too"),
    ("layers", "catalog/planted.py", "import marketplace.staff.planted_too"),
    ("layers", "marketplace/staff_tasks/planted.py", "import marketplace.payments.planted_too"),
    ("http", "marketplace/booking/planted.py", "from flask import current_app"),
    ("http", "marketplace/notify/planted.py", "import werkzeug.exceptions"),
    ("http", "catalog/planted.py", "import flask_login"),
    ("whoosh", "marketplace/offers/planted.py", "from whoosh.fields import Schema"),
    ("whoosh", "catalog/planted.py", "import whoosh"),
    ("stripe", "marketplace/booking/planted.py", "import stripe"),
    ("celery", "marketplace/inventory/tasks_planted.py", "from celery import shared_task"),
    ("celery", "marketplace/notify/planted.py", "import kombu"),
    ("audiences", "marketplace/web/office/planted.py", "import marketplace.web.traveller.routes"),
    ("audiences", "marketplace/web/entry_case/planted.py", "import marketplace.web.applicant.home"),
    ("audiences", "marketplace/web/api/planted.py", "import marketplace.web.partner_api.schemas"),
    (
        "commands",
        "marketplace/web/partner_api/planted.py",
        "import marketplace.partners.commands.holds",
    ),
    ("pure", "marketplace/booking/contract/cancellation_rules.py", "import sqlalchemy"),
    ("pure", "catalog/states.py", "from marketplace.kernel import db"),
    ("pure", "marketplace/kernel/money.py", "import marketplace.kernel.db"),
    ("pure", "marketplace/kernel/errors.py", "from celery import Celery"),
    ("pure", "marketplace/pricing/nights/quote.py", "from sqlalchemy.orm import Session"),
    (
        "pure",
        "marketplace/booking/changes/change_pricing.py",
        "import marketplace.pricing.queries",
    ),
]


def modules() -> list[str]:
    paths = [path for root in ("catalog", "marketplace") for path in (ROOT / root).rglob("*.py")]
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths]
    return sorted(name.removesuffix(".__init__") for name in names)


def layer_of(module: str) -> str | None:
    """The entry of the layers contract that the module belongs to."""
    entries = [name for line in LAYERS for name in line]
    return next((name for name in entries if f"{module}.".startswith(f"{name}.")), None)


def lint(root: Path, contract: str) -> subprocess.CompletedProcess[str]:
    """Check one contract against the packages below ``root``."""
    linter = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(
        [*linter, "--config", str(root / "pyproject.toml"), "--contract", contract],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages and their contracts, to be spoilt."""
    root = tmp_path_factory.mktemp("copy")
    shutil.copy(ROOT / "pyproject.toml", root)
    for package in ("catalog", "marketplace"):
        shutil.copytree(ROOT / package, root / package, ignore=shutil.ignore_patterns("*.pyc"))
    return root


def test_every_module_belongs_to_a_layer() -> None:
    assert modules()
    strays = [name for name in modules() if name != "marketplace" and layer_of(name) is None]
    assert strays == []


def test_what_calls_itself_pure_is_held_to_it() -> None:
    listed = {name for name in CONTRACTS["pure"]["source_modules"] if "*" not in name}
    listed |= {name for name in modules() if name.endswith((".rules", ".states"))}
    calls = {name for name in modules() if "Pure." in opening(name)}
    assert calls - listed == set()


def opening(module: str) -> str:
    """The first paragraph of a module's docstring."""
    path = ROOT / module.replace(".", "/")
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return (ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").partition("\n\n")[
        0
    ]


def test_a_folder_is_one_subject() -> None:
    held = Counter(name.rpartition(".")[0] for name in modules())
    crowded = {name: n for name, n in held.items() if n > MOST_MODULES and name not in FLAT}
    assert crowded == {}


def test_every_contract_is_proved_below() -> None:
    assert {contract for contract, _, _ in PLANTED} == set(CONTRACTS)


@pytest.mark.parametrize(("contract", "path", "text"), PLANTED)
def test_a_violation_is_found(copy: Path, contract: str, path: str, text: str) -> None:
    planted = copy / path
    before = planted.read_text(encoding="utf-8") if planted.exists() else None
    made = [planted] if before is None else []
    try:
        for file in (planted, *imported(copy, text)):
            file.parent.mkdir(exist_ok=True)
            if not (package := file.parent / "__init__.py").exists():
                package.touch()
                made.append(package)
            if file != planted:
                file.touch()
                made.append(file)
        planted.write_text(f"{text}\n{before or ''}", encoding="utf-8")
        result = lint(copy, contract)
    finally:
        for file in made:
            file.unlink()
        if before is not None:
            planted.write_text(before, encoding="utf-8")
    assert result.returncode == 1, result.stdout + result.stderr
    assert "Contracts: 0 kept, 1 broken." in result.stdout


def imported(root: Path, text: str) -> list[Path]:
    """The file behind the module that a planted line imports, when it has to be made too."""
    module = text.split()[1]
    return [root / (module.replace(".", "/") + ".py")] if module.endswith("planted_too") else []


def test_the_copy_is_clean(copy: Path) -> None:
    for contract in CONTRACTS:
        result = lint(copy, contract)
        assert result.returncode == 0, result.stdout + result.stderr
