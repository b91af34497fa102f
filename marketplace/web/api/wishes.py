"""POSTs that may be sent again: the first answer under a key is the answer, byte for byte."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Response, request
from pydantic import BaseModel
from sqlalchemy.orm import Session

from marketplace.kernel import wishes
from marketplace.kernel.db import savepoint
from marketplace.kernel.errors import DomainError, Invalid
from marketplace.kernel.wishes import Answer, InProgress
from marketplace.web.api.bodies import json_document
from marketplace.web.api.caller import caller
from marketplace.web.api.operations import Operation
from marketplace.web.api.request_models import Body, read_body
from marketplace.web.api.responses import dump, reply
from marketplace.web.context import now, services
from marketplace.web.errors import fields_of, problem, words_of

LONGEST_KEY = 255
USABLE_KEY = re.compile(rf"[!-~]{{1,{LONGEST_KEY}}}")
NOT_KEPT = frozenset({401, 403, 429})
SERVER_FAULT = 500
Effect = Callable[..., BaseModel]
"""Called with the session of its transaction and what was asked for."""


class KeyMissing(DomainError):
    """A POST came without a usable ``Idempotency-Key``."""

    code = "idempotency_key_missing"
    http_status = 400
    message = "每个新请求请在 Idempotency-Key 里附上一个新键，1 到 255 个没有空格的英文字符"


def once(operation: Operation, effect: Effect) -> Response:
    """Run ``effect`` at most once for this request's key and answer with what it returns.

    The key, the effect and the bytes of its answer are committed together. Refusals that the
    request itself earned are kept and replayed too; whatever else fails leaves nothing, the key
    neither. Where the operation needs no key, a request without one simply runs.

    Raises:
        KeyMissing, NotJson, MalformedJson, Invalid: nothing was begun. InProgress, KeyReused.
    """
    key, document = _key(required=operation.keyed), json_document()
    wish = _read(operation, document)
    if operation.first is not None and not isinstance(wish, Invalid):
        operation.first(wish)
    if not key:
        with services().database.write() as session:
            answer = _answer(operation, effect(session, _valid(wish)))
        return reply(answer.status, answer.body)
    scope = caller().scope
    print_ = wishes.fingerprint("POST", request.path, _command(wish, document))
    try:
        with services().database.write() as session:
            known = wishes.begin(
                session,
                scope=scope,
                key=key,
                print_=print_,
                now=now(),
                kept=operation.idempotent.kept,
            )
            if known is None:
                answer = _outcome(session, operation, effect, wish)
                wishes.complete(session, scope=scope, key=key, answer=answer)
    except InProgress as error:
        error.extra["retry_after"] = 1
        raise
    if known is None:
        return reply(answer.status, answer.body)
    response = reply(known.status, known.body)
    response.headers["Idempotent-Replayed"] = "true"
    return response


def _outcome(
    session: Session, operation: Operation, effect: Effect, wish: Body | Invalid
) -> Answer:
    """Run the effect; a refusal undoes what it did and is the answer, unless it is not kept."""
    try:
        with savepoint(session):
            return _answer(operation, effect(session, _valid(wish)))
    except DomainError as error:
        if error.http_status in NOT_KEPT or error.http_status >= SERVER_FAULT:
            raise
        return Answer(error.http_status, _refusal(error))


def _answer(operation: Operation, found: BaseModel) -> Answer:
    return Answer(operation.status_of(found), dump(found))


def _read(operation: Operation, document: object) -> Body | Invalid:
    """Return what was asked for, or why it cannot be read: a refusal is kept under the key too."""
    if operation.body is None:
        raise TypeError(f"{operation.name} takes no body")
    try:
        return read_body(operation.body, document)
    except Invalid as error:
        return error


def _valid(wish: Body | Invalid) -> Body:
    if isinstance(wish, Invalid):
        raise wish
    return wish


def _command(wish: Body | Invalid, document: object) -> object:
    """Return what was asked for, so that two ways to write one command are the same.

    What says no more than the default is left out: a field that is added later must not make
    another command of a retry.
    """
    if isinstance(wish, Invalid):
        return document
    return wish.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _refusal(error: DomainError) -> bytes:
    extra = dict(error.extra)
    if "fields" in extra:
        extra["fields"] = fields_of(error)
    return problem(error.http_status, error.code, words_of(error), extra=extra).get_data()


def _key(*, required: bool) -> str:
    key = request.headers.get("Idempotency-Key")
    if key is None and not required:
        return ""
    if not USABLE_KEY.fullmatch(key or ""):
        raise KeyMissing
    return key or ""
