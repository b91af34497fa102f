"""What every view reaches for: the process's services and facts about the present request."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import current_app, g, request
from sqlalchemy.orm import Session

from marketplace.bootstrap import Services
from marketplace.kernel.audit import Actor
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.web.protection.networks import network_of

SURFACES = "surfaces"
"""Where the application keeps them: each writes itself down when it is registered."""
View = TypeVar("View", bound=Callable[..., Any])


def services() -> Services:
    """Return the services of this process."""
    return cast(Services, current_app.extensions["services"])


def now() -> dt.datetime:
    """Return the present instant by the injected clock."""
    return services().clock.now()


def today() -> dt.date:
    """Return today's date in Asia/Shanghai."""
    return shanghai_date(now())


def unit_of_work(session: Session, actor: Actor) -> UnitOfWork:
    """Return what ``actor`` does in ``session`` at this moment."""
    return UnitOfWork(session, now(), actor, services().ids)


def lang() -> str:
    """Return the language of this request: ``zh`` or ``en``."""
    return cast(str, g.get("lang", "zh"))


def surfaces() -> dict[str, tuple[str, ...]]:
    """Return the surfaces that programs call: by blueprint, what their addresses begin with."""
    return cast(dict[str, tuple[str, ...]], current_app.extensions.get(SURFACES, {}))


def on_surface() -> bool:
    """Tell whether this request is for a surface, also where it has no such address."""
    return any(request.path.startswith(begins) for begins in surfaces().values())


def address() -> str:
    """Return the network the request came from, after trusted proxies, as limits count it."""
    return network_of(request.remote_addr or "unknown")


def personal(view: View) -> View:
    """Mark a view whose answer holds personal data: no cache may keep it."""
    view.personal = True  # type: ignore[attr-defined]
    return view
