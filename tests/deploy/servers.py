"""The web server, and nginx in front of it, as `deploy/` ships them, on loopback ports."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
NGINX = shutil.which("nginx") or next(
    (path for path in ("/usr/sbin/nginx", "/usr/local/sbin/nginx") if Path(path).is_file()), None
)
UP_WITHIN_SECONDS = 90


def needed(program: str | None, name: str) -> str:
    """Return a program of the system; without it a test is skipped, or fails where CI=true."""
    if program is not None:
        return program
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(f"CI=true and no {name} was found")
    pytest.skip(f"no {name} was found")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(command: list[str], port: int, *, log: Path, **environment: str) -> Iterator[None]:
    """Run a server until the block ends; it is up when its port takes connections."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SNOWBIRD_")}
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, cwd=ROOT, env=kept | environment, stdout=file, stderr=subprocess.STDOUT
        )
        try:
            ends = time.monotonic() + UP_WITHIN_SECONDS
            while not _listens(port):
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < ends, log.read_text()
                time.sleep(0.05)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=20)
            if process.poll() is None:
                process.kill()
                process.wait()


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@contextmanager
def gunicorn(
    folder: Path, app: str, config: str = "deploy/gunicorn_conf.py", **environment: str
) -> Iterator[int]:
    """Run the web server with one process; gives its port."""
    port = free_port()
    command = [str(BIN / "gunicorn"), "--config", config, "--bind", f"127.0.0.1:{port}", app]
    with started(command, port, log=folder / "gunicorn.log", **environment):
        yield port


@contextmanager
def nginx(folder: Path, upstream: int, static: Path) -> Iterator[int]:
    """Run nginx as shipped but for ports, paths and certificate; gives its TLS port."""
    program = needed(NGINX, "nginx")
    plain, tls = free_port(), free_port()
    subprocess.run(
        [
            needed(shutil.which("openssl"), "openssl"),
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
            "-keyout",
            str(folder / "key.pem"),
            "-out",
            str(folder / "cert.pem"),
        ],
        check=True,
        capture_output=True,
    )
    site = (ROOT / "deploy" / "nginx" / "snowbird.conf").read_text()
    for shipped, here in (
        (r"^\s*listen \[::\].*\n", ""),
        (r"listen 80;", f"listen 127.0.0.1:{plain};"),
        (r"listen 443 ssl http2;", f"listen 127.0.0.1:{tls} ssl http2;"),
        (r"/etc/snowbird/tls/fullchain.pem", f"{folder}/cert.pem"),
        (r"/etc/snowbird/tls/privkey.pem", f"{folder}/key.pem"),
        (r"/var/cache/snowbird/static", str(static)),
        (r"127.0.0.1:8000", f"127.0.0.1:{upstream}"),
        (r"/var/log/nginx", str(folder)),
    ):
        site, found = re.subn(shipped, here, site, flags=re.MULTILINE)
        assert found, shipped
    (folder / "site.conf").write_text(site)
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user}daemon off;\nmaster_process on;\npid {folder}/nginx.pid;\nworker_processes 1;\n"
        f"error_log {folder}/error.log;\nevents {{ worker_connections 512; }}\n"
        f"http {{\naccess_log off;\n{temporary}include {folder}/site.conf;\n}}\n"
    )
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with started(command, tls, log=folder / "nginx.log"):
        yield tls


def secure(port: int) -> http.client.HTTPSConnection:
    """Return a connection that takes the test's own certificate."""
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=trusting)


def plain(port: int) -> http.client.HTTPConnection:
    """Return a connection without TLS."""
    return http.client.HTTPConnection("127.0.0.1", port, timeout=30)
