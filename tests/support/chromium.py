"""Finds the Chromium that drives the browser tests; the wheel of Playwright brings none."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

NAMES = (
    "chromium-headless-shell",
    *("chromium", "chromium-browser", "google-chrome-stable", "google-chrome"),
)
"""The one without windows first: it draws the same pages with a third less work."""
MAC_APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
MISSING = (
    "BROWSER TESTS WERE NOT RUN: no Chromium was found. Install one (Debian: apt install "
    "chromium-headless-shell fonts-noto-cjk) or name it in CHROMIUM."
)

skipped: list[str] = []
"""The tests of this run that were skipped for want of a browser."""


def find_chromium() -> Path | None:
    """Return the program named by ``CHROMIUM``, else one from the usual places, else ``None``."""
    named = os.environ.get("CHROMIUM")
    candidates = [named] if named else [*map(shutil.which, NAMES), *MAC_APPLICATIONS]
    return next((Path(path) for path in candidates if path and Path(path).is_file()), None)


def required() -> bool:
    """Say whether a run without a browser is a failure: on the build server, it is."""
    return os.environ.get("CI", "").lower() == "true"
