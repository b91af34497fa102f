"""Language: Chinese is the source, English a complete catalogue; ``/en/`` asks for it."""

from __future__ import annotations

import io
import string
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask, Response, g, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from marketplace.kernel.messages import Message, params_of
from marketplace.web.context import on_surface

CATALOGUE = Path(__file__).parent / "locale" / "en.po"
COOKIE = "lang"
YEAR_SECONDS = 365 * 24 * 3600
WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


@lru_cache(maxsize=1)
def english() -> Translations:
    """Return the English catalogue, compiled in memory from its text form."""
    compiled = io.BytesIO()
    with CATALOGUE.open("rb") as file:
        write_mo(compiled, read_po(file, locale="en"))
    compiled.seek(0)
    return Translations(compiled)


def translate(message: str, /, **params: object) -> str:
    """Return ``message`` (a Chinese message id) in the language of this request, filled in.

    ``params`` go before those that the message carries; a message among them is translated too.
    """
    return _said(message, params, in_english=g.get("lang") == "en")


def in_english(message: str, /, **params: object) -> str:
    """Return ``message`` in English whatever the language of this request, filled in."""
    return _said(message, params, in_english=True)


def _said(message: str, params: Mapping[str, object], *, in_english: bool) -> str:
    text = english().gettext(message) if in_english else message
    places = {
        name: _said(value, {}, in_english=in_english) if isinstance(value, Message) else value
        for name, value in {**params_of(message), **params}.items()
    }
    return text % places if places else str(text)


class LanguagePrefix:
    """Takes ``/en`` off the path and makes it part of the application's root.

    So ``url_for`` keeps a reader in the language without any view knowing of it.
    """

    def __init__(self, app: WsgiApp) -> None:
        """Wrap ``app``."""
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Serve one request."""
        path = environ.get("PATH_INFO", "")
        # Some programs send bytes that should have been escaped; they are no reason to fail.
        query = environ.get("QUERY_STRING", "")
        if not query.isascii():
            environ["QUERY_STRING"] = quote(query.encode("latin-1"), safe=string.printable)
        if path == "/en" or path.startswith("/en/"):
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + "/en"
            environ["PATH_INFO"] = path[3:] or "/"
            environ["snowbird.lang"] = "en"
        return self._app(environ, start_response)


def _wants_english() -> bool:
    """Tell whether a first visitor reads English: any tag beginning with zh counts as Chinese."""
    tags = [tag.lower() for tag, _ in request.accept_languages]
    return (
        bool(tags)
        and not any(tag.startswith("zh") for tag in tags)
        and any(tag.startswith("en") for tag in tags)
    )


def _spoken() -> str:
    """Return the language of an address without a prefix.

    Pages are Chinese. A program on a surface is answered in English unless ``Accept-Language`` asks
    for Chinese, whatever it is answered: this stands before every check that may refuse it.
    """
    if not on_surface():
        return "zh"
    for tag, quality in request.accept_languages:
        if quality > 0 and tag.lower().startswith(("zh", "en", "*")):
            return "zh" if tag.lower().startswith("zh") else "en"
    return "en"


def other_language_url() -> str:
    """Return this page's address in the other language, which also remembers the choice."""
    prefix, choice = ("", "zh") if g.lang == "en" else ("/en", "en")
    asked = [pair for pair in request.args.items(multi=True) if pair[0] != "lang"]
    return f"{prefix}{quote(request.path)}?{urlencode([*asked, ('lang', choice)])}"


def set_up(app: Flask) -> None:
    """Decide each request's language and give the templates their ``_``."""
    app.wsgi_app = LanguagePrefix(app.wsgi_app)  # type: ignore[method-assign]
    app.jinja_env.globals["_"] = translate

    @app.before_request
    def choose() -> WerkzeugResponse | None:
        g.lang = request.environ.get("snowbird.lang") or _spoken()
        is_home = request.endpoint == "traveller.home" and request.method == "GET"
        if is_home and g.lang == "zh" and "lang" not in request.args:
            chosen = request.cookies.get(COOKIE)
            if chosen == "en" or (chosen is None and _wants_english()):
                return redirect("/en/")
        return None

    @app.after_request
    def remember(response: Response) -> Response:
        response.headers.setdefault("Content-Language", "en" if g.get("lang") == "en" else "zh-CN")
        # What everybody may keep carries nobody's choice.
        if request.args.get("lang") in ("zh", "en") and not response.cache_control.public:
            response.set_cookie(
                COOKIE,
                request.args["lang"],
                max_age=YEAR_SECONDS,
                samesite="Lax",
                secure=app.config["SESSION_COOKIE_SECURE"],
            )
        return response
