"""Makes the virtual environment and installs the pinned packages; does nothing when they stand.

Runs on the Python of the machine, before anything is installed: standard library only.
`--dev` adds what the tests and checks need.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = "installed-"
LOG_LINES_SHOWN = 15


def main() -> int:
    """Bring ``.venv`` in line with the lock files; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="install the development packages too")
    locks = [ROOT / "requirements.txt"]
    if parser.parse_args().dev:
        locks.append(ROOT / "requirements-dev.txt")
    try:
        if not environment_works():
            say(f"Making a virtual environment with Python {sys.version.split()[0]} ...")
            venv.create(VENV, clear=True, with_pip=True)
        for lock in locks:
            if not installed(lock) and not install(lock):
                return 1
    except KeyboardInterrupt:
        say("\nStopped; run the command again to go on.")
        return 130
    except (OSError, subprocess.CalledProcessError) as error:
        say(f"The virtual environment could not be made: {error}")
        return 1
    return 0


def environment_works() -> bool:
    """Say whether ``.venv`` holds a Python that starts; one moved or half-made does not."""
    if not PYTHON.exists():
        return False
    probe = [str(PYTHON), "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def installed(lock: Path) -> bool:
    """Say whether exactly this lock file was installed to the end."""
    stamp = VENV / (STAMP + lock.name)
    return stamp.exists() and stamp.read_text(encoding="utf-8") == digest(lock)


def install(lock: Path) -> bool:
    """Install a lock file, showing how far it is; returns whether that worked."""
    total = sum("==" in line for line in lock.read_text(encoding="utf-8").splitlines())
    say(f"Installing {lock.name} (up to {total} packages, once) ...")
    # The lock names every package. Left to resolve them again, an older pip takes a package asked
    # for with extras in its newest release, and stops because that one is not in the lock.
    command = [
        *(str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"),
        *("--progress-bar", "off", "--no-deps", "--require-hashes", "-r", str(lock)),
    ]
    log: list[str] = []
    seen = 0
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as pip:
        for line in pip.stdout or ():
            log.append(line.rstrip())
            if line.startswith(("Collecting ", "Requirement already satisfied: ")):
                seen += 1
                show(f"  {seen}/{total} {line.split(':')[-1].split()[-1].split('==')[0]}")
            elif line.startswith("Installing collected packages"):
                show("  unpacking ...")
    show("")
    if pip.returncode != 0:
        say("\n".join(["pip could not install the packages:", *log[-LOG_LINES_SHOWN:]]))
        return False
    (VENV / (STAMP + lock.name)).write_text(digest(lock), encoding="utf-8")
    return True


def digest(lock: Path) -> str:
    """Return what marks this lock file as installed."""
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def show(text: str) -> None:
    """Overwrite the progress line on a terminal; elsewhere say nothing."""
    if sys.stdout.isatty():
        sys.stdout.write(f"\r\x1b[K{text}")
        sys.stdout.flush()


def say(text: str) -> None:
    """Print one message at once."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
