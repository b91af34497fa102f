"""Puts the web application together: order of set-up, blueprints, template globals."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask, g, redirect, request, url_for
from werkzeug.routing import IntegerConverter
from werkzeug.wrappers import Response

from marketplace.bootstrap import Services
from marketplace.kernel import logs
from marketplace.kernel.ids import help_number
from marketplace.web import auth, errors, hooks, i18n
from marketplace.web.account import outbox
from marketplace.web.account.routes import blueprint as account
from marketplace.web.applicant.routes import blueprint as applicant
from marketplace.web.context import today
from marketplace.web.media import blueprint as media
from marketplace.web.monitoring import health, request_logging
from marketplace.web.office import blueprint as office
from marketplace.web.operator import blueprint as operator
from marketplace.web.partner_api import blueprint as partner_api
from marketplace.web.protection import limits, security
from marketplace.web.rendering import assets, bounds, compression, drawings, filters
from marketplace.web.rendering.page_cache import KeptPages
from marketplace.web.traveller import blueprint as traveller

SIZES = ("100", "120", "150")
SIZE_COOKIE = "size"


class PlainNumber(IntegerConverter):
    """A number in an address as we write it ourselves: one thing has one address.

    The converter of the library would also take 01 and the digits of every script.
    """

    regex = "(?:0|[1-9][0-9]*)"


def set_up(app: Flask, services: Services) -> None:
    """Give ``app`` its behaviour and its routes."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.autoescape = True
    app.config["TEMPLATES_AUTO_RELOAD"] = False
    app.url_map.converters["int"] = PlainNumber
    app.extensions["limiter"] = limits.build(services.settings)
    app.extensions["kept_pages"] = KeptPages()
    logs.configure()
    compression.set_up(app)
    assets.set_up(app)
    request_logging.set_up(app)
    i18n.set_up(app)
    # Before the checks that may refuse a request: the refusal is read in the chosen size too.
    _text_size(app)
    keys = [key for _, key in services.keyring.session]
    security.set_up(app, services.settings, keys, services.gateways.origins)
    auth.set_up(app)
    errors.set_up(app)
    filters.set_up(app)
    drawings.set_up(app)
    _globals(app, services)
    for blueprint in (
        traveller,
        account,
        outbox.blueprint,
        applicant,
        operator,
        office,
        media,
        partner_api,
        hooks.blueprint,
        health.blueprint,
    ):
        app.register_blueprint(blueprint)


def _text_size(app: Flask) -> None:
    """Remember the text size that ``?size=`` asks for, and show the same page in it."""

    @app.before_request
    def choose() -> Response | None:
        g.size = request.cookies.get(SIZE_COOKIE, "100")
        if g.size not in SIZES:
            g.size = "100"
        wanted = request.args.get("size")
        if wanted not in SIZES or request.method != "GET" or errors.for_program():
            return None
        rest = [pair for pair in request.args.items(multi=True) if pair[0] != "size"]
        back = quote(request.script_root + request.path) + (f"?{urlencode(rest)}" if rest else "")
        answer = redirect(back)
        answer.set_cookie(
            SIZE_COOKIE,
            wanted,
            max_age=i18n.YEAR_SECONDS,
            samesite="Lax",
            secure=app.config["SESSION_COOKIE_SECURE"],
        )
        return answer


def _globals(app: Flask, services: Services) -> None:
    """Names that every template may use."""

    @app.context_processor
    def names() -> dict[str, Any]:
        return {
            "settings": services.settings,
            "lang": g.get("lang", "zh"),
            "size": g.get("size", "100"),
            "alt_lang_url": i18n.other_language_url() if request.endpoint else "/",
            "request_path": request.path,
            "help_number": help_number(g.get("request_id", "")),
            "today": today(),
        }

    app.jinja_env.globals.update(
        url_for=url_for, bounds=bounds.BOUNDS, nights_offered=bounds.nights_offered
    )
