"""Callers who say half of what they want take no thread for long, and keep nobody else waiting."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.deploy.servers import ROOT, gunicorn, plain

pytestmark = pytest.mark.xdist_group("slow_callers")
"""Two servers serve them all."""

HALF_HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Begun: "
HALF_BODY = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nhalf"
NOTHING = b""
APP = """
def app(environ, start_response):
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"%d" % len(body)]
"""
IMPATIENT = f'''
import runpy
shipped = runpy.run_path("{ROOT / "deploy" / "gunicorn_conf.py"}")
class Impatient(shipped["BoundedWorker"]):
    header_seconds = 0.2
    body_seconds = 0.2
worker_class = Impatient
threads = 4
timeout = shipped["timeout"]
chdir = {{folder!r}}
'''


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("slow")
    (made / "small.py").write_text(APP)
    (made / "conf.py").write_text(IMPATIENT.format(folder=str(made)))
    return made


@pytest.fixture(scope="module")
def impatient(folder: Path) -> Iterator[int]:
    """A server of four threads that waits a fifth of a second."""
    with gunicorn(folder, "small:app", config=str(folder / "conf.py")) as port:
        yield port


@pytest.fixture(scope="module")
def shipped(folder: Path) -> Iterator[int]:
    """The server as it is shipped."""
    with gunicorn(folder, "small:app", PYTHONPATH=str(folder)) as port:
        yield port


def begin(port: int, said: bytes) -> socket.socket:
    link = socket.create_connection(("127.0.0.1", port), timeout=30)
    link.sendall(said)
    return link


def answers(port: int) -> bool:
    link = plain(port)
    link.request("POST", "/", body=b"x" * 100_000)
    answer = link.getresponse()
    read = answer.read()
    link.close()
    return (answer.status, read) == (200, b"100000")


@pytest.mark.parametrize("said", [HALF_HEAD, HALF_BODY, b"G"])
def test_half_a_request_is_given_up_and_its_thread_freed(impatient: int, said: bytes) -> None:
    with ExitStack() as links:
        held = [links.enter_context(begin(impatient, said)) for _ in range(6)]
        # More than there are threads: they answer only once the others are given up.
        assert answers(impatient)
        for link in held:
            while link.recv(4096):
                pass


def test_what_is_sent_slowly_but_whole_is_answered(impatient: int) -> None:
    with begin(impatient, HALF_HEAD) as link:
        link.sendall(b"yes\r\n\r\n")
        assert link.recv(4096).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("said", [HALF_HEAD, HALF_BODY, NOTHING])
def test_eight_of_them_block_nobody(shipped: int, said: bytes) -> None:
    """Without waiting for any of them to be given up."""
    with ExitStack() as links:
        for _ in range(8):
            links.enter_context(begin(shipped, said))
        assert answers(shipped)


def test_a_head_that_is_too_large_is_refused(impatient: int) -> None:
    for head in (
        b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"a" * 20_000 + b"\r\n\r\n",
    ):
        with begin(impatient, head) as link:
            assert b" 4" in link.recv(4096).split(b"\r\n")[0]
