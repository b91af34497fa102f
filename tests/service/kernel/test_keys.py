"""The keys of an installation, when several of its processes start at once."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from marketplace.kernel.crypto import Keyring
from marketplace.settings import ROOT

PRINT = """
import sys
from pathlib import Path
from marketplace.kernel.crypto import Keyring
print(Keyring.load_or_create(Path(sys.argv[1])).index.hex())
"""


def test_processes_that_start_at_once_share_one_set(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", PRINT, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    answers = {program.communicate(timeout=120)[0].strip() for program in programs}
    assert answers == {Keyring.load_or_create(path).index.hex()}


def test_so_do_threads_and_nothing_else_is_left_there(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    with ThreadPoolExecutor(16) as pool:
        made = set(pool.map(lambda _: Keyring.load_or_create(path), range(64)))
    assert len(made) == 1
    assert list(tmp_path.iterdir()) == [path]
    assert path.stat().st_mode & 0o777 == 0o600
