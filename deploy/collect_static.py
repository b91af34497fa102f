"""Writes style sheets, scripts and drawings where the proxy in front serves them itself.

``python deploy/collect_static.py FOLDER``, once for each release, before its web server starts.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from marketplace.web.rendering.assets import FOLDER, Assets, collect


def main() -> int:
    """Write the files; returns the exit code."""
    if len(sys.argv) < 2:  # noqa: PLR2004 - the program's name and a folder
        print("usage: collect_static.py FOLDER", file=sys.stderr)
        return 2
    count = collect(Assets(FOLDER), Path(sys.argv[1]))
    print(f"{count} files stand in {sys.argv[1]}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
