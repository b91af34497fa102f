"""What the pages for outsiders show is what they get; the quickstart has a test of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from marketplace.kernel.clock import SetClock
from tests.factories import Room
from tests.support.partner import HOLDS, Program

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
FOLLOWED = {"docs/partners.md": 1, "docs/open-data.md": 1}
"""How many blocks of commands with curl each page has: those that tests follow."""
PLACEHOLDER = "…"


def blocks(page: Path, kind: str) -> list[str]:
    """The code blocks of one kind on a page."""
    return [
        text for found, text in BLOCK.findall(page.read_text(encoding="utf-8")) if found == kind
    ]


def test_every_page_with_curl_is_followed_by_a_test() -> None:
    found = {}
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("deploy/**/*.md")]:
        text = page.read_text(encoding="utf-8")
        count = sum("curl " in block for _, block in BLOCK.findall(text))
        outside = BLOCK.sub("", text)
        assert not re.search(r"\bcurl -|\bcurl http", outside), f"{page.name}: not in a block"
        if count:
            found[page.relative_to(ROOT).as_posix()] = count
    assert found == FOLLOWED


def run(command: str) -> str:
    """Run one line of an example as it stands."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        env={"PATH": os.environ["PATH"], "NO_PROXY": "*"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, (command, done.stderr)
    return done.stdout


def test_open_data_is_asked_for_again_by_its_tag(address: str, loaded: Room) -> None:
    if not (shutil.which("curl") and shutil.which("bash")):
        pytest.skip("no curl here")
    (block,) = blocks(ROOT / "docs" / "open-data.md", "sh")
    first, second = block.replace("http://127.0.0.1:8000", address).splitlines()
    name, _, tag = run(first).strip().partition(": ")
    assert name.lower() == "etag"
    assert f'"{PLACEHOLDER}"' in second
    status, *headers = run(second.replace(f'"{PLACEHOLDER}"', tag)).splitlines()
    assert status.split()[1] == re.findall(r"# (\d+)", second)[0] == "304"
    assert {"cache-control: public, no-cache", f"etag: {tag}".lower()} <= {
        header.lower() for header in headers
    }


def test_the_event_shown_is_as_events_are(partner: Program, clock: SetClock, loaded: Room) -> None:
    (block,) = blocks(ROOT / "docs" / "partners.md", "json")
    shown: dict[str, Any] = json.loads(block)
    booking_id = partner.confirmed(loaded)
    clock.advance(minutes=31)
    partner.post(f"{HOLDS}/{booking_id}/cancel", {"reason": shown["what"]["reason"]})
    told = partner.get("/partner/v1/events").json["items"][-1]
    assert list(told) == list(shown)
    assert told["what"] == shown["what"]
    for member in ("type", "version", "by"):
        assert told[member] == shown[member]
    assert (shown["id"], told["id"]) == tuple(f"evt_{each['number']}" for each in (shown, told))
    view = {name: value for name, value in shown["view"].items() if name != PLACEHOLDER}
    assert view.keys() <= told["view"].keys()
    for member in ("version", "kind", "state"):
        assert view[member] == told["view"][member]
    assert shown["subject"] == f"booking:{view['id']}"
    assert len(view["code"]) == len(told["view"]["code"])
