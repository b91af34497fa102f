"""Style sheets, scripts and drawings: under addresses that name their content, kept for a year.

An address holds a fingerprint of the file, so a browser never asks again for what it has, and no
release shows an old style sheet with new pages. Whoever asks with another fingerprint, from a page
of the release before, gets the file as it is now and keeps it for nobody.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import threading
from dataclasses import dataclass
from pathlib import Path

import brotli
from flask import Flask, Response, abort, request
from werkzeug.wrappers import Response as Answer

FOLDER = Path(__file__).resolve().parents[3] / "static"
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".png": "image/png",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
STYLE = "css/app.css"
LAYERS = ("tokens", "base", "parts", "traveller", "console", "print")
"""The files that the style sheet is joined from, in their order: a page asks for one address."""
TEXTS = {".css", ".js", ".svg", ".txt"}
"""What grows smaller by compression."""
FINGERPRINT = re.compile(r"\.([0-9a-f]{16})(?=\.[a-z0-9]+$)")
FOR_A_YEAR = "public, max-age=31536000, immutable"
ASK_EACH_TIME = "public, no-cache"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file."""

    content: bytes
    kind: str
    fingerprint: str
    is_text: bool


class Assets:
    """The files of a folder, read once, and compressed once for each way a browser takes them."""

    def __init__(self, folder: Path) -> None:
        """Read every file that a browser may ask for."""
        self._assets = {
            path.relative_to(folder).as_posix(): _asset(path.read_bytes(), path.suffix)
            for path in sorted(folder.rglob("*"))
            if path.suffix in KINDS and path.parent != folder / "css"
        }
        if (folder / "css").is_dir():
            sheets = [(folder / "css" / f"{layer}.css").read_bytes() for layer in LAYERS]
            self._assets[STYLE] = _asset(b"\n".join(sheets), ".css")
        self._lock = threading.Lock()
        self._compressed: dict[tuple[str, str], bytes] = {}

    def names(self) -> list[str]:
        """Return the names of the files, as they are kept."""
        return list(self._assets)

    def get(self, name: str) -> Asset | None:
        """Return a file by its name without a fingerprint."""
        return self._assets.get(name)

    def fingerprinted(self, name: str) -> str:
        """Return the name with the fingerprint of its content; raises ``KeyError``."""
        stem, dot, ending = name.rpartition(".")
        return f"{stem}.{self._assets[name].fingerprint}{dot}{ending}"

    def compressed(self, name: str, coding: str) -> bytes:
        """Return a text in a content coding: ``br`` or ``gzip``."""
        with self._lock:
            made = self._compressed.get((name, coding))
        if made is None:
            content = self._assets[name].content
            made = brotli.compress(content) if coding == "br" else gzip.compress(content, mtime=0)
            with self._lock:
                self._compressed[name, coding] = made
        return made


def _asset(content: bytes, suffix: str) -> Asset:
    return Asset(content, KINDS[suffix], hashlib.sha256(content).hexdigest()[:16], suffix in TEXTS)


def collect(assets: Assets, folder: Path) -> int:
    """Write every file under its fingerprinted name, texts compressed beside; returns how many.

    For the proxy in front, which then serves them itself. What other releases wrote stays: pages
    of theirs may still be open.
    """
    for name in assets.names():
        asset = assets.get(name)
        path = folder / assets.fingerprinted(name)
        if asset is None or path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        if asset.is_text:
            path.with_name(f"{path.name}.gz").write_bytes(assets.compressed(name, "gzip"))
        # Whole before it is there: the proxy may ask at any moment.
        aside = path.with_name(f".{path.name}.new")
        aside.write_bytes(asset.content)
        aside.replace(path)
    return len(assets.names())


def set_up(app: Flask) -> None:
    """Serve the files and give templates ``static_url``."""
    assets = app.extensions["assets"] = Assets(FOLDER)

    def static_url(name: str) -> str:
        # Not through url_for: one address for both languages, so that browsers keep one copy.
        return f"/static/{assets.fingerprinted(name)}"

    def static(filename: str) -> Answer:
        asked = FINGERPRINT.search(filename)
        name = FINGERPRINT.sub("", filename)
        asset = assets.get(name)
        if asset is None:
            abort(404)
        fits = asked is not None and asked[1] == asset.fingerprint
        response = Response(asset.content, content_type=asset.kind)
        tag = asset.fingerprint
        coding = request.accept_encodings.best_match(["br", "gzip"]) if asset.is_text else None
        if coding is not None:
            response.set_data(assets.compressed(name, coding))
            response.content_encoding = coding
            tag = f"{tag}-{coding}"
        response.vary.add("Accept-Encoding")
        response.headers["Cache-Control"] = FOR_A_YEAR if fits else ASK_EACH_TIME
        response.set_etag(tag)
        return response.make_conditional(request)

    app.add_url_rule("/static/<path:filename>", "static", static)
    app.jinja_env.globals["static_url"] = static_url
