"""What the web server itself writes down of requests that it cannot read or answer."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.deploy.servers import gunicorn

APP = """
def app(environ, start_response):
    raise RuntimeError("the row of " + environ["QUERY_STRING"])
"""
PHONE = b"13800138000"
UNREADABLE = (
    b"G(T /my-booking?phone=%s HTTP/1.1\r\n\r\n",
    b"GET / %s\r\n\r\n",
    b"%s / HTTP/9.9\r\n\r\n",
    b"GET / HTTP/1.1\r\nX(%s: 1\r\n\r\n",
    b"GET / HTTP/1.1\r\nContent-Length: %s-\r\n\r\n",
    b"GET / HTTP/1.1\r\nTransfer-Encoding: %s\r\n\r\n",
)
FAILING = b"GET /search?q=%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@pytest.fixture
def log(tmp_path: Path) -> str:
    """The log of a server that was sent all of them."""
    (tmp_path / "failing.py").write_text(APP)
    with gunicorn(tmp_path, "failing:app", PYTHONPATH=str(tmp_path)) as port:
        for request in (*UNREADABLE, FAILING):
            with socket.create_connection(("127.0.0.1", port), timeout=30) as link:
                link.sendall(request % PHONE)
                assert link.recv(100).startswith((b"HTTP/1.1 4", b"HTTP/1.1 5"))
    return (tmp_path / "gunicorn.log").read_text()


def test_it_tells_what_happened_and_nothing_of_what_was_sent(log: str) -> None:
    assert log.count("Invalid request") == len(UNREADABLE)
    assert "RuntimeError" in log
    assert "failing.py:3 in app" in log
    for sent in (PHONE.decode(), "127.0.0.1:", "ip=", "my-booking", "the row of"):
        assert sent not in log.partition("Invalid request")[2], sent
