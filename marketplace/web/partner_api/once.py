"""POSTs that may be sent again: the first answer under a key is the answer, byte for byte."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from typing import TypeVar

from flask import Response, request
from pydantic import BaseModel
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from marketplace.kernel import idempotency
from marketplace.kernel.errors import DomainError
from marketplace.kernel.idempotency import Answer, InProgress
from marketplace.web.context import now, services
from marketplace.web.errors import fields_of, problem, words_of
from marketplace.web.partner_api.answering import JSON, dump, reply
from marketplace.web.partner_api.door import caller
from marketplace.web.partner_api.fields import read_body
from marketplace.web.partner_api.strict import json_body

LONGEST_KEY = 255
USABLE_KEY = re.compile(rf"[!-~]{{1,{LONGEST_KEY}}}")
NOT_KEPT = frozenset({401, 403, 429})
SERVER_FAULT = 500
Model = TypeVar("Model", bound=BaseModel)


class KeyMissing(DomainError):
    """A POST came without a usable ``Idempotency-Key``."""

    code = "idempotency_key_missing"
    http_status = 400
    message = "每个新请求请在 Idempotency-Key 里附上一个新键，1 到 255 个没有空格的英文字符"


class NotJson(DomainError):
    """The body is of another kind."""

    code = "unsupported_media_type"
    http_status = 415
    message = "请用 JSON 格式发送内容"


def once(
    model: type[Model], effect: Callable[[Session, Model], BaseModel], *, status: int = 200
) -> Response:
    """Run ``effect`` at most once for this request's key and answer with what it returns.

    The key is leased in a transaction of its own; the effect and the bytes of its answer are
    committed together. Refusals that the request itself earned are kept and replayed too.

    Raises:
        KeyMissing, NotJson, MalformedJson, Invalid: nothing was begun. InProgress, KeyReused.
    """
    key, body = _key(), _body()
    database, scope = services().database, _scope()
    print_ = idempotency.fingerprint("POST", request.path, body)
    try:
        with database.write() as session:
            kept = idempotency.begin(session, scope=scope, key=key, print_=print_, now=now())
    except InProgress as error:
        error.extra["retry_after"] = 1
        raise
    if kept is not None:
        response = reply(kept.status, kept.body)
        response.headers["Idempotent-Replayed"] = "true"
        return response
    answer = _run(model, effect, body=body, status=status, scope=scope, key=key)
    return reply(answer.status, answer.body)


def _run(
    model: type[Model],
    effect: Callable[[Session, Model], BaseModel],
    *,
    body: bytes,
    status: int,
    scope: str,
    key: str,
) -> Answer:
    database = services().database
    try:
        with database.write() as session:
            wish = read_body(model, body)
            answer = Answer(status, dump(effect(session, wish)))
            idempotency.complete(session, scope=scope, key=key, answer=answer)
    except InProgress:
        raise  # another run of this very request was first: its answer is the one that is kept
    except DomainError as error:
        if error.http_status in NOT_KEPT or error.http_status >= SERVER_FAULT:
            _release(scope, key)
            raise
        answer = Answer(error.http_status, _refusal(error))
        with database.write() as session:
            idempotency.complete(session, scope=scope, key=key, answer=answer)
    except Exception:
        _release(scope, key)
        raise
    return answer


def _release(scope: str, key: str) -> None:
    """Let the key be used again at once; if that fails as well, the lease lapses in a minute."""
    with contextlib.suppress(OperationalError), services().database.write() as session:
        idempotency.release(session, scope=scope, key=key)


def _refusal(error: DomainError) -> bytes:
    extra = dict(error.extra)
    if "fields" in extra:
        extra["fields"] = fields_of(error)
    return problem(error.http_status, error.code, words_of(error), extra=extra).get_data()


def _scope() -> str:
    """Keys belong to the partner: a retry under a rotated API key still finds its answer."""
    return f"partner:{caller().partner_id}:{'test' if caller().test else 'live'}"


def _key() -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not USABLE_KEY.fullmatch(key):
        raise KeyMissing
    return key


def _body() -> bytes:
    """Return the body; 413 is raised by Flask itself when it is longer than 64 KB."""
    body = request.get_data()
    if not body:
        return body
    if request.mimetype != JSON:
        raise NotJson
    return json_body(body)
