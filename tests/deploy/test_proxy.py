"""nginx as shipped in front of the web server as shipped: TLS, files, limits, whole uploads."""

from __future__ import annotations

import datetime as dt
import gzip
import http.client
import io
import json
import random
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from marketplace.kernel.db import Database
from marketplace.operations.schema import upgrade
from marketplace.web.rendering.assets import (
    ASK_EACH_TIME,
    FOLDER,
    FOR_A_YEAR,
    LAYERS,
    Assets,
    collect,
)
from tests.deploy import servers
from tests.support.staff import PASSWORD, TOKEN
from tests.support.waiting import until

ASSETS = Assets(FOLDER)
SHEET = b"\n".join((FOLDER / "css" / f"{layer}.css").read_bytes() for layer in LAYERS)
CSS = f"/static/{ASSETS.fingerprinted('css/app.css')}"
PDF = b"%PDF-1.7\n"

pytestmark = pytest.mark.xdist_group("proxy")
"""One installation serves them all."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where everything that runs keeps its files."""
    return tmp_path_factory.mktemp("proxy")


@pytest.fixture(scope="module")
def logged(folder: Path) -> Path:
    """The log of requests that nginx writes."""
    return folder / "snowbird.log"


@pytest.fixture(scope="module")
def port(folder: Path) -> Iterator[int]:
    """The TLS port of nginx, with the whole product behind it."""
    servers.needed(servers.NGINX, "nginx")
    url = f"sqlite:///{folder / 'snowbird.sqlite3'}"
    database = Database(url)
    upgrade(database.url)
    database.dispose()
    collect(ASSETS, folder / "static")
    # Only nginx has this one: whoever gets it got it from there.
    (folder / "static" / "css" / f"only.{'0' * 16}.css").write_text("only-nginx{}")
    with (
        servers.gunicorn(
            folder,
            "app:create_app()",
            SNOWBIRD_STATE_DIR=str(folder / "state"),
            SNOWBIRD_DATABASE_URL=url,
            SNOWBIRD_TRUSTED_PROXIES="1",
        ) as behind,
        servers.nginx(folder, behind, folder / "static") as tls,
    ):
        yield tls


@dataclass
class Caller:
    """Somebody with cookies who follows where he is led."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(
        self, method: str, path: str, body: bytes = b"", **headers: str
    ) -> tuple[http.client.HTTPResponse, bytes]:
        link = servers.secure(self.port)
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        link.request(method, path, body or None, {"Cookie": cookie, **headers})
        answer = link.getresponse()
        content = answer.read()
        link.close()
        for said in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = said.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer, content

    def open(self, path: str) -> str:
        answer, content = self.ask("GET", path)
        if answer.status in (302, 303):
            return self.open(answer.headers["Location"])
        assert answer.status == 200, (answer.status, content[:500])
        return content.decode()

    def send(self, path: str, page: str, **fields: object) -> http.client.HTTPResponse:
        token = TOKEN.search(page)
        assert token is not None
        boundary, body = encode_multipart({"csrf_token": token[1], **fields})
        kind = f"multipart/form-data; boundary={boundary}"
        return self.ask("POST", path, body, **{"Content-Type": kind})[0]


def test_an_answer_comes_over_tls_and_tells_no_version(port: int) -> None:
    answer, content = Caller(port).ask("GET", "/healthz")
    assert (answer.status, content) == (200, b'{"status":"ok"}')
    assert "nginx/" not in (answer.headers["Server"] or "")


def test_files_are_served_by_nginx_compressed_and_kept_for_a_year(port: int) -> None:
    caller = Caller(port)
    answer, content = caller.ask("GET", f"/static/css/only.{'0' * 16}.css")
    assert content == b"only-nginx{}"
    assert answer.headers["Cache-Control"] == FOR_A_YEAR
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    answer, content = caller.ask("GET", CSS, **{"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert gzip.decompress(content) == SHEET
    assert "Accept-Encoding" in answer.headers["Vary"]


@pytest.mark.parametrize("path", [f"/static/css/app.{'1' * 16}.css", "/static/css/app.css"])
def test_another_fingerprint_is_answered_by_the_application(port: int, path: str) -> None:
    answer, content = Caller(port).ask("GET", path)
    assert answer.headers["Cache-Control"] == ASK_EACH_TIME
    assert content == SHEET


@pytest.mark.parametrize("path", ["/static/../nginx.conf", "/static/%2e%2e/site.conf", "/key.pem"])
def test_no_other_file_is_reached(port: int, path: str) -> None:
    assert Caller(port).ask("GET", path)[0].status in (400, 404)


def test_the_log_has_who_asked_nowhere(port: int, logged: Path) -> None:
    answer, _ = Caller(port).ask("GET", f"/search?q={quote('王秀英')}&phone=13900000001")
    request_id = answer.headers["X-Request-Id"]
    until(lambda: logged.exists() and request_id in logged.read_text())
    (line,) = [line for line in logged.read_text().splitlines() if request_id in line]
    told = json.loads(line)
    assert set(told) == {"time", "request_id", "method", "path", "status", "bytes", "seconds"}
    assert (told["method"], told["path"], told["status"]) == ("GET", "/search", str(answer.status))
    assert int(told["bytes"]) > 1000
    assert float(told["seconds"]) >= 0
    assert dt.datetime.fromisoformat(told["time"]).tzinfo is not None
    for personal in ("127.0.0.1", "139", "q=", "%E7", "\\x"):
        assert personal not in line


@pytest.mark.parametrize("said", [b"GET /?phone=13900000001", b"GET /a?139 HTTP/1.1\r\n"])
def test_nor_has_it_a_request_that_is_none(port: int, logged: Path, said: bytes) -> None:
    before = len(logged.read_text().splitlines()) if logged.exists() else 0
    link = socket.create_connection(("127.0.0.1", port), timeout=30)
    link.sendall(said + b"\r\n")
    while link.recv(4096):
        pass
    link.close()
    until(lambda: len(logged.read_text().splitlines()) > before)
    assert "127.0.0.1" not in logged.read_text()
    assert "139" not in logged.read_text().splitlines()[-1]


def test_the_shipped_log_is_of_every_server_and_kept_out_of_debians() -> None:
    """Debian's own nginx.conf logs addresses and whole requests of what sets no log itself."""
    site = (servers.ROOT / "deploy/nginx/snowbird.conf").read_text()
    for server in site.split("\nserver {")[1:]:
        assert "access_log /var/log/nginx/snowbird.log snowbird;" in server
        assert "error_log /var/log/nginx/snowbird-error.log crit;" in server
    shape = site.partition("log_format")[2].partition(";")[0]
    for holds_an_address in (
        "addr",
        "forwarded",
        "$request ",
        "$request_uri",
        "$args",
        "referer",
        "user",
    ):
        assert holds_an_address not in shape


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
def test_figures_are_not_for_callers(port: int, path: str) -> None:
    assert Caller(port).ask("GET", path, **{"X-Forwarded-For": "127.0.0.1"})[0].status == 404


def test_a_body_beyond_every_form_is_refused_by_nginx(port: int) -> None:
    answer, content = Caller(port).ask("POST", "/join", b"x" * (12 * 1024 * 1024 + 1))
    assert answer.status == 413
    assert b"nginx" in content


def test_half_open_callers_keep_nobody_waiting(port: int) -> None:
    with ExitStack() as links:
        for said in (b"", b"\x16\x03\x01", b"\x16\x03\x01\x02\x00\x01\x00"):
            for _ in range(16):
                link = socket.create_connection(("127.0.0.1", port), timeout=30)
                links.enter_context(link)
                link.sendall(said)
        for _ in range(16):
            held = servers.secure(port)
            links.callback(held.close)
            held.putrequest("POST", "/account/sign-in")
            held.putheader("Content-Length", "1000")
            held.endheaders(b"half")
        assert Caller(port).ask("GET", "/healthz")[0].status == 200


def test_a_large_file_of_any_bytes_arrives_whole(port: int) -> None:
    caller = Caller(port)
    page = caller.open("/join")
    answer = caller.send(
        "/join",
        page,
        login="jinshunji",
        new_password=PASSWORD,
        consent="1",
        contact_name="金顺姬",
        contact_phone="13943300001",
        claim="",
    )
    assert answer.status == 303
    found = re.search(r'href="/apply/(\d+)/"', caller.open("/apply/"))
    assert found is not None
    step = f"/apply/{found[1]}/licences/business"
    content = PDF + random.Random(11).randbytes(10 * 1024 * 1024 - len(PDF))
    page = caller.open(step)
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    answer = caller.send(
        step,
        page,
        version=version[1],
        number="A-1",
        issued_by="局",
        forever="1",
        file=FileStorage(stream=io.BytesIO(content), filename="营业执照（正本）.pdf"),
    )
    assert answer.status == 303
    page = caller.open(step)
    assert "营业执照（正本）.pdf" in page
    link = re.search(r'href="(/apply/documents/\d+)"', page)
    assert link is not None
    assert caller.ask("GET", link[1])[1] == content
