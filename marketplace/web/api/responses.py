"""Answers to programs: JSON with an ETag where it may be kept, ``no-store`` where not."""

from __future__ import annotations

import hashlib
from urllib.parse import urlencode

import orjson
from flask import Response, request
from pydantic import BaseModel

from marketplace.web.context import services

JSON = "application/json"
PROBLEM = "application/problem+json"
LOWEST_ERROR = 400


def dump(answer: BaseModel) -> bytes:
    """Return an answer as the bytes that are sent."""
    return orjson.dumps(answer.model_dump(mode="json", by_alias=True))


def reply(status: int, body: bytes) -> Response:
    """Return finished bytes as an answer that nobody keeps: bookings change under the reader."""
    kind = PROBLEM if status >= LOWEST_ERROR else JSON
    response = Response(body, status, content_type=kind)
    response.headers["Cache-Control"] = "no-store"
    return response


def tagged(status: int, body: bytes) -> Response:
    """Return finished bytes as an answer with its ETag, or 304 when the reader has it.

    The tag is a weak one: it stands for what is said, compressed or not, and so stays the same
    when a reader asks with another ``Accept-Encoding``.
    """
    response = Response(body, status, content_type=JSON)
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(hashlib.sha256(body).hexdigest()[:32], weak=True)
    response.make_conditional(request)
    return response


def own_address() -> str:
    """Return this request's address, under the address of this installation."""
    query = request.query_string.decode("ascii", "replace")
    return base_address() + request.path + (f"?{query}" if query else "")


def next_address(**query: object) -> str:
    """Return the address of this route with another query."""
    return f"{base_address()}{request.path}?{urlencode(query)}"


def base_address() -> str:
    """Return the configured address of this installation, never the one a caller names."""
    return services().settings.base_url
