"""POSTs that may be sent again: the first answer under a key is the answer, byte for byte."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import TypeVar

import orjson
from flask import Response, request
from pydantic import BaseModel
from sqlalchemy.orm import Session

from marketplace.kernel import idempotency
from marketplace.kernel.db import savepoint
from marketplace.kernel.errors import DomainError, Invalid
from marketplace.kernel.idempotency import Answer, InProgress
from marketplace.web.api.responses import JSON, dump, reply
from marketplace.web.api.strict_json import json_body
from marketplace.web.context import now, services
from marketplace.web.errors import fields_of, problem, words_of
from marketplace.web.partner_api.authentication import caller
from marketplace.web.partner_api.field_types import read_body

LONGEST_KEY = 255
PLAIN = "identity"
"""The coding of a body that is not coded at all."""
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


class Compressed(NotJson):
    """The body is compressed, or said to be: how long it would become nobody can tell."""

    message = "发送的内容请不要压缩"


def once(
    model: type[Model],
    effect: Callable[[Session, Model], BaseModel],
    *,
    status: int = 200,
    first: Callable[[Model], object] | None = None,
    kept: dt.timedelta = idempotency.KEPT,
    keyed: bool = True,
) -> Response:
    """Run ``effect`` at most once for this request's key and answer with what it returns.

    The key, the effect and the bytes of its answer are committed together. Refusals that the
    request itself earned are kept and replayed too; whatever else fails leaves nothing, the key
    neither. ``first`` runs before, in transactions of its own. Where the request need not be
    ``keyed``, one without a key simply runs.

    Raises:
        KeyMissing, NotJson, MalformedJson, Invalid: nothing was begun. InProgress, KeyReused.
    """
    key, document = _key(required=keyed), _document()
    wish = _read(model, document)
    if first is not None and isinstance(wish, model):
        first(wish)
    database = services().database
    if not key:
        with database.write() as session:
            return reply(status, dump(effect(session, _valid(wish))))
    scope = _scope()
    print_ = idempotency.fingerprint("POST", request.path, _command(wish, document))
    try:
        with database.write() as session:
            known = idempotency.begin(
                session, scope=scope, key=key, print_=print_, now=now(), kept=kept
            )
            if known is None:
                answer = _outcome(session, effect, wish, status)
                idempotency.complete(session, scope=scope, key=key, answer=answer)
    except InProgress as error:
        error.extra["retry_after"] = 1
        raise
    if known is None:
        return reply(answer.status, answer.body)
    response = reply(known.status, known.body)
    response.headers["Idempotent-Replayed"] = "true"
    return response


def _outcome(
    session: Session,
    effect: Callable[[Session, Model], BaseModel],
    wish: Model | Invalid,
    status: int,
) -> Answer:
    """Run the effect; a refusal undoes what it did and is the answer, unless it is not kept."""
    try:
        with savepoint(session):
            return Answer(status, dump(effect(session, _valid(wish))))
    except DomainError as error:
        if error.http_status in NOT_KEPT or error.http_status >= SERVER_FAULT:
            raise
        return Answer(error.http_status, _refusal(error))


def _read(model: type[Model], document: object) -> Model | Invalid:
    try:
        return read_body(model, document)
    except Invalid as error:
        return error


def _valid(wish: Model | Invalid) -> Model:
    if isinstance(wish, Invalid):
        raise wish
    return wish


def _command(wish: BaseModel | Invalid, document: object) -> object:
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


def _scope() -> str:
    """Keys belong to the partner: a retry under a rotated API key still finds its answer."""
    return f"partner:{caller().partner_id}:{'test' if caller().test else 'live'}"


def _key(*, required: bool) -> str:
    key = request.headers.get("Idempotency-Key")
    if key is None and not required:
        return ""
    if not USABLE_KEY.fullmatch(key or ""):
        raise KeyMissing
    return key or ""


def _document() -> object:
    """Return the decoded body; 413 is raised by Flask itself when it is longer than 64 KB."""
    body = request.get_data()
    if not body:
        return {}
    if request.mimetype != JSON:
        raise NotJson
    if request.headers.get("Content-Encoding", PLAIN).strip().lower() != PLAIN:
        raise Compressed
    return orjson.loads(json_body(body) or b"{}")
