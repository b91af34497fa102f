"""Entries in the trail about looking: reading personal data, taking a file away, being refused.

One person, one thing, a quarter of an hour: one entry. A list of guests is one thing, its house's,
however it is paged, so that an ordinary morning leaves a few lines and not a flood.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar

import structlog
from flask import current_app, request
from flask_login import current_user
from sqlalchemy.exc import OperationalError

from catalog.office.cases.case_review import CONTACT_READ
from marketplace.kernel.audit import note, noted_since
from marketplace.web.auth import staff
from marketplace.web.context import now, services

View = TypeVar("View", bound=Callable[..., Any])
AGAIN_AFTER = dt.timedelta(minutes=15)
READ, LISTED = "personal_data.read", "personal_data.listed"
EXPORTED, DENIED = "data.exported", "access.denied"


def reads(kind: str, argument: str) -> Callable[[View], View]:
    """Note whoever is shown the personal data of one thing, named by an argument of the view."""
    return _noted(lambda given: (READ, (kind, given[argument])))


def lists_guests(view: View) -> View:
    """Note whoever is shown a list of the guests of their own house."""
    return _noted(lambda _: (LISTED, ("enterprise", staff().account.enterprise_id)))(view)


def exports(view: View) -> View:
    """Note whoever takes a file away, and which."""
    return _noted(lambda _: (EXPORTED, ("page", (request.endpoint or "")[:40])))(view)


def contact_shown(case_id: int) -> None:
    """Note that somebody who asked for the contact of a case once is shown it again."""
    _note(CONTACT_READ, ("case", case_id))


def denied(status: int) -> None:
    """Note it where an answer refuses somebody who is signed in a page that is not theirs."""
    if status == HTTPStatus.FORBIDDEN and current_user.is_authenticated:
        _note(DENIED, ("page", (request.endpoint or "")[:40]))


def _noted(
    what: Callable[[Mapping[str, object]], tuple[str, tuple[str, object]]],
) -> Callable[[View], View]:
    def wrap(view: View) -> View:
        @wraps(view)
        def noted(*args: Any, **kwargs: Any) -> Any:
            answer = current_app.make_response(view(*args, **kwargs))
            # A form that is refused shows all that its page does.
            if "Location" not in answer.headers and answer.status_code != HTTPStatus.NOT_FOUND:
                _note(*what(kwargs))
            return answer

        noted.notes = True  # type: ignore[attr-defined]
        return noted  # type: ignore[return-value]

    return wrap


def _note(action: str, subject: tuple[str, object]) -> None:
    who, moment = staff().actor, now()
    since = moment - AGAIN_AFTER
    with services().database.read() as reader:
        if noted_since(reader, actor=who, action=action, subject=subject, since=since):
            return
    try:
        with services().database.write() as writer:
            note(writer, actor=who, action=action, subject=subject, now=moment)
    except OperationalError as error:
        if action != DENIED:  # what is not noted is not shown; a refusal stays one
            raise
        structlog.get_logger("web").error("not_noted", error=type(error).__name__)
