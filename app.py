"""The application: ``create_app`` for web servers and ``flask --app app``."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from marketplace import cli
from marketplace.bootstrap import Services, build, live_on
from marketplace.kernel.starting import told_in_lines
from marketplace.settings import Settings
from marketplace.web import site
from marketplace.web.protection.hosts import OnlyNamedWell
from marketplace.worker import connect_broker


def create_app(settings: Settings | None = None, *, services: Services | None = None) -> Flask:
    """Build the web application.

    Tests pass ``services`` with a clock and database of their own; everybody else gives settings,
    or nothing and lets them be read from the environment. What keeps the product from starting
    is printed in one line for each fault, and ends the process.
    """
    if services is None:
        with told_in_lines():
            services = build(settings or Settings())
        connect_broker(services)
        live_on(services)
    app = Flask(__name__, static_folder=None)
    if services.settings.trusted_proxies:
        hops = services.settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    app.extensions["services"] = services
    app.wsgi_app = OnlyNamedWell(app.wsgi_app)  # type: ignore[assignment, method-assign]
    site.set_up(app, services)
    cli.set_up(app)
    return app
