"""Files under addresses that name their content, and answers that are sent compressed."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from pathlib import Path

import brotli
import pytest
from flask.testing import FlaskClient

from marketplace.web.rendering.assets import (
    ASK_EACH_TIME,
    FINGERPRINT,
    FOLDER,
    FOR_A_YEAR,
    LAYERS,
    Assets,
    collect,
)
from tests.factories import Room
from tests.support.staff import Browser

ROOT = FOLDER.parent
SHEET = b"\n".join((FOLDER / "css" / f"{layer}.css").read_bytes() for layer in LAYERS)
CSS = Assets(FOLDER).fingerprinted("css/app.css")
CODINGS = {"br": brotli.decompress, "gzip": gzip.decompress}


def test_every_file_of_a_page_names_its_content_and_is_kept_for_a_year(
    client: FlaskClient, loaded: Room
) -> None:
    page = client.get("/").text
    found = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page))
    assert f"/static/{CSS}" in found
    for address in found:
        assert FINGERPRINT.search(address), address
        with client.get(address) as answer:
            assert answer.status_code == 200
            assert answer.headers["Cache-Control"] == FOR_A_YEAR
            name = FINGERPRINT.sub("", address.removeprefix("/static/"))
            content = SHEET if name == "css/app.css" else (FOLDER / name).read_bytes()
            assert answer.data == content


def test_every_layer_is_in_the_style_sheet() -> None:
    assert {path.stem for path in (FOLDER / "css").iterdir()} == set(LAYERS)


@pytest.mark.parametrize(
    "name", ["css/app.css", f"css/app.{'0' * 16}.css", f"{CSS}?v=1".replace(".css?", f".css?{CSS}")]
)
def test_only_the_right_fingerprint_is_kept_for_a_year(client: FlaskClient, name: str) -> None:
    with client.get(f"/static/{name}") as answer:
        assert answer.status_code == 200
        right = name.startswith(CSS)
        assert answer.headers["Cache-Control"] == (FOR_A_YEAR if right else ASK_EACH_TIME)


@pytest.mark.parametrize(
    "name", ["css/none.css", "../app.py", "css/", "", "css/app.css/", "%2e%2e/app.py", "css"]
)
def test_nothing_else_is_there(client: FlaskClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404


def test_a_style_sheet_names_no_file_without_its_fingerprint() -> None:
    """It names none at all: a file it named would need an address of its content."""
    for path in FOLDER.rglob("*.css"):
        assert set(re.findall(r"url\((?!['\"]?data:)", path.read_text())) == set()


@pytest.mark.parametrize("coding", sorted(CODINGS))
def test_a_text_is_compressed_and_its_tag_says_how(client: FlaskClient, coding: str) -> None:
    asked = {"Accept-Encoding": coding}
    plain = client.get(f"/static/{CSS}")
    answer = client.get(f"/static/{CSS}", headers=asked)
    assert answer.headers["Content-Encoding"] == coding
    assert answer.headers["Vary"].count("Accept-Encoding") == 1
    assert CODINGS[coding](answer.data) == plain.data
    assert len(answer.data) < len(plain.data) / 3
    assert answer.headers["ETag"] != plain.headers["ETag"]
    again = client.get(f"/static/{CSS}", headers={**asked, "If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(f"/static/{CSS}", headers={"If-None-Match": "x"}).status_code == 200


def test_a_picture_is_sent_as_it_is(client: FlaskClient) -> None:
    answer = client.get("/static/img/share.png", headers={"Accept-Encoding": "br, gzip"})
    assert "Content-Encoding" not in answer.headers
    assert answer.data == (FOLDER / "img/share.png").read_bytes()


@pytest.mark.parametrize("path", ["/", "/en/search", "/openapi.json"])
@pytest.mark.parametrize("coding", sorted(CODINGS))
def test_pages_and_documents_are_compressed(
    client: FlaskClient, loaded: Room, path: str, coding: str
) -> None:
    plain = client.get(path)
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in plain.headers["Vary"]
    answer = client.get(path, headers={"Accept-Encoding": coding})
    assert answer.headers["Content-Encoding"] == coding
    assert int(answer.headers["Content-Length"]) == len(answer.data) < len(plain.data)
    if tag := answer.headers.get("ETag"):
        again = client.get(path, headers={"Accept-Encoding": coding, "If-None-Match": tag})
        assert again.status_code == 304
    for nothing in ("identity", "br;q=0", ""):
        refused = client.get(path, headers={"Accept-Encoding": nothing})
        assert "Content-Encoding" not in refused.headers


def test_what_no_cache_may_keep_has_the_length_that_it_has(
    office: Browser, client: FlaskClient
) -> None:
    for browser, path in ((office.client, "/office/"), (client, "/my-booking")):
        answer = browser.get(path, headers={"Accept-Encoding": "br, gzip"})
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Content-Encoding" not in answer.headers


def test_a_short_answer_is_not_made_longer(client: FlaskClient) -> None:
    answer = client.get("/healthz", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers


class TestCollecting:
    def test_the_proxy_gets_every_file_under_its_address(self, tmp_path: Path) -> None:
        run = subprocess.run(
            [sys.executable, str(ROOT / "deploy" / "collect_static.py"), str(tmp_path)],
            capture_output=True,
            text=True,
            check=True,
            cwd=tmp_path,
        )
        assert "files stand in" in run.stdout
        assert (tmp_path / CSS).read_bytes() == SHEET
        packed = tmp_path / f"{CSS}.gz"
        assert gzip.decompress(packed.read_bytes()) == (tmp_path / CSS).read_bytes()
        files = [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".gz"]
        names = {FINGERPRINT.sub("", path.relative_to(tmp_path).as_posix()) for path in files}
        assert names == set(Assets(FOLDER).names())

    def test_a_release_leaves_what_the_last_one_wrote(self, tmp_path: Path) -> None:
        source, target = tmp_path / "static", tmp_path / "served"
        source.mkdir()
        for text in ("a{}", "b{}"):
            (source / "app.css").write_text(text)
            assert collect(Assets(source), target) == 1
            assert collect(Assets(source), target) == 1
        assert sorted(path.read_text() for path in target.glob("*.css")) == ["a{}", "b{}"]
