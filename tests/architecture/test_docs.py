"""What the documents promise is there, and what is there is in the documents."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click import Command
from flask import Flask

from marketplace.cli import COMMANDS
from marketplace.settings import ROOT, Settings

DOCS = ROOT / "docs"
RUNNING = (DOCS / "running.md").read_text(encoding="utf-8")
README = ROOT / "README.md"
INDEX = DOCS / "index.md"
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def variables() -> set[str]:
    """The environment variables that the settings are read from."""
    return {
        str(field.validation_alias or f"SNOWBIRD_{name.upper()}")
        for name, field in Settings.model_fields.items()
    }


def test_every_setting_is_in_the_guide_and_no_other() -> None:
    named = set(re.findall(r"\b(?:SNOWBIRD_[A-Z_]+|PORT)\b", RUNNING))
    assert named == variables()


def test_every_setting_says_what_it_is() -> None:
    source = (ROOT / "marketplace" / "settings.py").read_text(encoding="utf-8")
    silent = [
        name
        for name in Settings.model_fields
        if not re.search(rf'^    {name}: .*\n    """\S', source, re.MULTILINE)
    ]
    assert silent == []


def test_every_command_is_in_the_guide_and_no_other() -> None:
    section = RUNNING.partition("## Commands")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`([a-z-]+)", row)}
    assert named == {command.name for command in COMMANDS}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_option_of_a_command_is_in_the_guide(command: Command) -> None:
    section = RUNNING.partition("## Commands")[2].partition("\n## ")[0]
    (row,) = [line for line in section.splitlines() if f"`{command.name}" in line]
    parts = [command, *getattr(command, "commands", {}).values()]
    options = [
        name
        for part in parts
        for option in part.params
        for name in option.opts
        if name.startswith("--")
    ]
    # A group's own commands stand in its row too.
    assert [part.name for part in parts[1:] if f"`{command.name} {part.name}" not in row] == []
    # How fast and how random a trial is, and a password typed in the open, are told by --help.
    told_elsewhere = {"--seed", "--per-minute", "--password"}
    assert [name for name in options if name not in row and name not in told_elsewhere] == []


class TestHelp:
    def test_lists_every_command(self, app: Flask) -> None:
        result = app.test_cli_runner().invoke(args=["--help"])
        assert result.exit_code == 0
        for command in COMMANDS:
            assert re.search(rf"^  {command.name} +\S", result.output, re.MULTILINE)

    @pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
    def test_of_each_command_is_a_sentence(self, command: Command) -> None:
        assert re.match(r"[A-Z].{10,}[.\n]", command.help or "")


@pytest.mark.parametrize(
    "page", sorted(DOCS.rglob("*.md")), ids=lambda page: str(page.relative_to(DOCS))
)
def test_links_inside_the_repository_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    own = [link for link in LINK.findall(text) if "://" not in link and ":" not in link]
    assert [link for link in own if not (page.parent / link).exists()] == []


def test_every_guide_is_linked_from_the_start() -> None:
    linked = {
        (start.parent / link).resolve()
        for start in (README, INDEX)
        if start.exists()
        for link in LINK.findall(start.read_text(encoding="utf-8"))
    }
    guides = [page for page in DOCS.rglob("*.md") if page != INDEX and page.parent.name != "adr"]
    assert [str(page.relative_to(ROOT)) for page in guides if page not in linked] == []


PLACE = re.compile(r"`((?:catalog|marketplace|templates|tests|deploy|migrations)/[\w/.]*\w)/?`")


@pytest.mark.parametrize("page", [README, *sorted(DOCS.rglob("*.md"))], ids=lambda page: page.name)
def test_a_document_names_places_that_are_there(page: Path) -> None:
    named = set(PLACE.findall(page.read_text(encoding="utf-8")))
    missing = [
        name for name in named if not ((ROOT / name).exists() or (ROOT / f"{name}.py").exists())
    ]
    assert missing == []
