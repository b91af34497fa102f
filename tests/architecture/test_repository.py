"""Facts about the files themselves: locks, lengths, and nothing of one machine."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FILE = 400
LONGEST_APP = 90
LOCKS = ["requirements.txt", "requirements-dev.txt"]
PINNED = re.compile(r"^[a-z0-9-]+(\[[a-z,]+\])?==\S+( ; [^\\]+)? \\$")
HASHED = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def files(*suffixes: str) -> list[Path]:
    """The repository's own files, tracked or new, that end so."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    found = [ROOT / name for name in listed if name and name.endswith(suffixes or "")]
    return [path for path in found if path.is_file()]


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_is_exact_and_hashed_and_no_index_is_named(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    lines = [line for line in lines if not line.startswith("#")]
    assert [line for line in lines if not PINNED.match(line) and not HASHED.match(line)] == []
    unhashed = [
        line
        for line, following in zip(lines, [*lines[1:], ""], strict=True)
        if PINNED.match(line) and not HASHED.match(following)
    ]
    assert unhashed == []
    assert sum(bool(PINNED.match(line)) for line in lines) > 10


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_asked_for_is_locked(name: str) -> None:
    wanted = (ROOT / name.replace(".txt", ".in")).read_text(encoding="utf-8").splitlines()
    names = {re.split(r"[\[=<>]", line)[0] for line in wanted if line and line[0].isalpha()}
    locked = (ROOT / name).read_text(encoding="utf-8")
    assert {entry for entry in names if f"\n{entry}==" not in f"\n{locked}"} == set()


def test_every_package_the_product_runs_on_has_its_notice() -> None:
    pins = re.findall(
        r"^([a-z0-9-]+)(?:\[.*\])?==(\S+) \\$",  # one for other platforms only has a marker there
        (ROOT / "requirements.txt").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    notices = (ROOT / "docs" / "third-party-notices.md").read_text(encoding="utf-8")
    missing = [
        f"{name} {version}" for name, version in pins if f"| {name} | {version} |" not in notices
    ]
    assert pins
    assert missing == [], "run .venv/bin/python deploy/notices.py"


def test_no_file_is_too_long() -> None:
    lengths = {
        path: path.read_text(encoding="utf-8").count("\n") for path in files(".py", ".html", ".js")
    }
    too_long = [str(path.relative_to(ROOT)) for path, n in lengths.items() if n > LONGEST_FILE]
    assert too_long == []
    assert lengths[ROOT / "app.py"] <= LONGEST_APP


def test_nothing_names_one_machine() -> None:
    # Spelt in two parts, or this file would find itself.
    homes = ["/" + name + "/" for name in ("work", "root", "home", "Users", "farm")]
    pattern = re.compile(rf"(?<![A-Za-z0-9._-])({'|'.join(homes)})")
    named = []
    for path in files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        named += [f"{path.relative_to(ROOT)}: {hit[1]}" for hit in pattern.finditer(text)]
    assert named == []
