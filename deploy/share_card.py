"""Draws ``static/img/share.png``, the picture of a shared link, from the home page's own drawing.

Run again when ``static/img/hero.svg`` changes: ``.venv/bin/python deploy/share_card.py``. It needs
the development packages and a Chromium, named in ``CHROMIUM`` or found as ``chromium``. There are
no words in the picture: the link's title says them, in the language of its page.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).resolve().parents[1] / "static" / "img"
SIZE = {"width": 1200, "height": 630}
PAGE = """<body style="margin:0;background:#e9f0e1;overflow:hidden">
<div style="position:absolute;right:0;bottom:0;zoom:1.35">{drawing}</div></body>"""


def main() -> None:
    """Write the picture anew."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    drawing = (IMAGES / "hero.svg").read_text(encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": SIZE["width"], "height": SIZE["height"]})
        page.set_content(PAGE.format(drawing=drawing))
        page.screenshot(path=IMAGES / "share.png")
        browser.close()


if __name__ == "__main__":
    main()
