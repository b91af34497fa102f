"""The quickstart of docs/partners.md, run as it stands, against a real server."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.factories import Room
from tests.support.partner import Program

DOCS = Path(__file__).resolve().parents[2] / "docs" / "partners.md"


def script() -> str:
    """The second block of the section; the first sets what differs from reader to reader."""
    section = DOCS.read_text(encoding="utf-8").split("## Quickstart")[1].split("\n## ")[0]
    settings, commands = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    assert re.findall(r"^(\w+)=", settings, re.MULTILINE) == ["BASE", "KEY", "ARRIVE"]
    return str(commands)


def test_the_quickstart_works(address: str, trial: Program, loaded: Room, tmp_path: Path) -> None:
    if not (shutil.which("curl") and shutil.which("bash")):
        pytest.skip("no curl here")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script()],
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "BASE": address,
            "KEY": trial.key,
            "ARRIVE": "2027-07-01",
            "NO_PROXY": "*",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    decoder, text, told = json.JSONDecoder(), done.stdout.strip(), []
    while text:
        answer, end = decoder.raw_decode(text)
        told.append(answer)
        text = text[end:].strip()
    feed, replay, confirmed, quote, cancelled, family, events = told
    assert [item["id"] for item in feed["items"]] == [loaded.listing_id]
    assert replay["state"] == "held"
    assert (confirmed["id"], confirmed["state"]) == (replay["id"], "confirmed")
    assert quote["undo"] is True
    assert cancelled["state"] == "cancelled"
    assert (family["state"], len(family["items"]), family["rooms"]) == ("held", 2, 2)
    assert [event["type"].removeprefix("booking.") for event in events["items"]] == [
        *("held", "confirmed", "cancelled", "held")
    ]
