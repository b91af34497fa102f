"""POSTs that may be sent again: the first answer under a key is the answer, byte for byte.

Here a request is read and answered. That it is done once is decided by whoever runs its command,
with the wish that is made here of the key and of what was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from flask import Response, request
from sqlalchemy.orm import Session

from marketplace.kernel import wishes
from marketplace.kernel.errors import DomainError, Invalid
from marketplace.kernel.ids import LONGEST_KEY
from marketplace.kernel.messages import Message
from marketplace.kernel.wishes import Answer, InProgress, Voice, Wish
from marketplace.web.api.bodies import sent
from marketplace.web.api.caller import caller
from marketplace.web.api.operations import Operation
from marketplace.web.api.request_models import Body, read_body
from marketplace.web.api.responses import dump, reply
from marketplace.web.context import now, services
from marketplace.web.errors import fields_of, problem, words_of

USABLE_KEY = re.compile(rf"[!-~]{{1,{LONGEST_KEY}}}")
NOT_KEPT = frozenset({401, 403, 429})
SERVER_FAULT = 500
Decode = Callable[[Any], object]
"""Turns a body into the command that it asks for."""


class Run(Protocol):
    """How a surface has its commands run, in the transaction that is opened for them here."""

    def __call__(
        self, session: Session, command: Any, wish: Wish | None, voice: Voice[Any]
    ) -> Answer:
        """Do it once a wish, and return what the voice said of it (``wishes.once``)."""


class KeyMissing(DomainError):
    """A POST came without a usable ``Idempotency-Key``."""

    code = "idempotency_key_missing"
    http_status = 400
    message = Message(
        "每个新请求请在 Idempotency-Key 里附上一个新键，1 到 %(most)s 个没有空格的英文字符",
        most=LONGEST_KEY,
    )


def once(operation: Operation, decode: Decode, run: Run) -> Response:
    """Run what a POST asks for at most once for its key, and answer with what came of it.

    The key, the effect and the bytes of its answer are committed together. Refusals that the
    request itself earned are kept and replayed too; whatever else fails leaves nothing, the key
    neither. Where the operation needs no key, a request without one simply runs.

    Raises:
        KeyMissing, NotJson, MalformedJson, Invalid: nothing was begun. InProgress, KeyReused.
    """
    key, document = _key(required=operation.keyed), sent().document
    body = _read(operation, document)
    command = _decoded(decode, body)
    if isinstance(command, DomainError):
        run = _refuse
    elif operation.first is not None:
        operation.first(command)
    wish = _wish(operation, key, body, document) if key else None
    try:
        with services().database.write() as session:
            answer = run(session, command, wish, _voice(operation))
    except InProgress as error:
        error.extra["retry_after"] = 1
        raise
    response = reply(answer.status, answer.body)
    if answer.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def _read(operation: Operation, document: object) -> Body | Invalid:
    """Return what was sent, or why it cannot be read: a refusal is kept under the key too."""
    model = operation.body_of(document)
    try:
        return read_body(model, document)
    except Invalid as error:
        return error


def _decoded(decode: Decode, body: Body | Invalid) -> object:
    """Return the command, or why what was sent is none."""
    if isinstance(body, Invalid):
        return body
    try:
        return decode(body)
    except DomainError as error:
        return error


def _refuse(session: Session, command: DomainError, wish: Wish | None, voice: Voice[Any]) -> Answer:
    """Refuse what is no command, under its wish like any other."""

    def effect() -> object:
        raise command

    return wishes.once(session, wish, effect=effect, voice=voice, now=now())


def _wish(operation: Operation, key: str, body: Body | Invalid, document: object) -> Wish:
    return Wish(
        scope=caller().scope,
        key=key,
        print_=wishes.fingerprint("POST", request.path, _asked(body, document)),
        kept=operation.idempotent.kept,
    )


def _asked(body: Body | Invalid, document: object) -> object:
    """Return what was asked for, so that two ways to write one command are the same.

    What says no more than the default is left out: a field that is added later must not make
    another command of a retry.
    """
    if isinstance(body, Invalid):
        return document
    return body.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _voice(operation: Operation) -> Voice[Any]:
    return Voice(said=partial(_said, operation), refused=_refused)


def _said(operation: Operation, outcome: object) -> Answer:
    found = operation.said(outcome)
    return Answer(operation.status_of(found), dump(found))


def _refused(error: DomainError) -> Answer | None:
    """Return a refusal as it is kept; ``None`` for one that another try may not meet."""
    if error.http_status in NOT_KEPT or error.http_status >= SERVER_FAULT:
        return None
    extra = dict(error.extra)
    if "fields" in extra:
        extra["fields"] = fields_of(error)
    body = problem(error.http_status, error.code, words_of(error), extra=extra).get_data()
    return Answer(error.http_status, body)


def _key(*, required: bool) -> str:
    key = request.headers.get("Idempotency-Key")
    if key is None and not required:
        return ""
    if not USABLE_KEY.fullmatch(key or ""):
        raise KeyMissing
    return key or ""
