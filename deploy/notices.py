"""Writes docs/third-party-notices.md from what is installed; run after `make lock`.

.venv/bin/python deploy/notices.py
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "third-party-notices.md"
REGISTRIES = ("pypi.org", "pypi.python.org")
HEAD = """\
# Third-party notices

Snowbird Jilin is licensed under the Apache License 2.0 (see `LICENSE`). It contains none of the
code below: `make run` installs it from the package index, each part under its own licence.

## Data

Settlement points © [GeoNames](https://www.geonames.org/), licensed under
[Creative Commons Attribution 4.0](https://creativecommons.org/licenses/by/4.0/); they were selected
and joined with other sources. Each row of `data/directory-places.csv` names the basis of its point
in the column `coord_basis`, and every data file names its sources row by row.
"""
SECTIONS = [
    ("Packages the product runs on", "requirements.txt"),
    ("Packages used only to test and check it", "requirements-dev.txt"),
]
CLASSIFIER = "License :: OSI Approved :: "
LONGEST_NAME = 60
LABELS = (
    "homepage",
    "home",
    "source",
    "source code",
    "repository",
    "github",
    "code",
    "documentation",
)


def main() -> None:
    """Write the file anew."""
    parts = [HEAD]
    listed: set[str] = set()
    for title, lock in SECTIONS:
        rows = list(table(ROOT / lock, listed))
        parts.append("\n".join([f"## {title}", "", *heading(), *rows, ""]))
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text("\n".join(parts), encoding="utf-8")


def heading() -> list[str]:
    """Return the head of a table."""
    return ["| package | version | licence | home |", "|---|---|---|---|"]


def table(lock: Path, listed: set[str]) -> Iterator[str]:
    """Yield a row for each installed package of a lock file that has none yet."""
    names = re.findall(
        r"^([a-z0-9-]+)(?:\[.*\])?==", lock.read_text(encoding="utf-8"), re.MULTILINE
    )
    for name in dict.fromkeys(names):
        if name in listed:
            continue
        listed.add(name)
        try:
            facts = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            continue  # another platform's or another Python's
        yield f"| {name} | {facts['Version']} | {licence(facts)} | {home(facts)} |"


def licence(facts: metadata.PackageMetadata) -> str:
    """Return the licence as its authors state it, the exact form first."""
    if expressions := every(facts, "License-Expression"):
        return expressions[0]
    stated = every(facts, "License")
    if stated and "\n" not in stated[0] and len(stated[0]) <= LONGEST_NAME:
        return stated[0]
    classifiers = [value for value in every(facts, "Classifier") if value.startswith(CLASSIFIER)]
    names = [value.removeprefix(CLASSIFIER) for value in classifiers]
    return ", ".join(names) or "see its licence file"


def home(facts: metadata.PackageMetadata) -> str:
    """Return the project's own page; a registry's page is none."""
    labelled = [entry.split(",", 1) for entry in every(facts, "Project-URL")]
    pages = {label.strip().lower(): page.strip() for label, page in labelled}
    wanted = [pages[label] for label in LABELS if label in pages]
    candidates = [*every(facts, "Home-page"), *wanted, *pages.values()]
    own = [page for page in candidates if urlsplit(page).hostname not in REGISTRIES]
    return f"<{own[0]}>" if own else ""


def every(facts: metadata.PackageMetadata, key: str) -> list[str]:
    """Return all values under a key that say something."""
    return [str(value).strip() for value in facts.get_all(key) or [] if str(value).strip()]


if __name__ == "__main__":
    main()
