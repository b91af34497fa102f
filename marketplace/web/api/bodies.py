"""The body of a request: as it was sent, and as the JSON that it holds."""

from __future__ import annotations

import orjson
from flask import request

from marketplace.kernel.errors import DomainError
from marketplace.web.api.responses import JSON
from marketplace.web.api.strict_json import json_body

PLAIN = "identity"
"""The coding of a body that is not coded at all."""
UTF_8 = "utf-8"
"""What JSON between programs is written in (RFC 8259); another is not guessed at but refused."""


class NotJson(DomainError):
    """The body is of another kind."""

    code = "unsupported_media_type"
    http_status = 415
    message = "请用 UTF-8 编码的 JSON 发送内容，Content-Type 写 application/json"


class Compressed(NotJson):
    """The body is compressed, or said to be: how long it would become nobody can tell."""

    message = "发送的内容请不要压缩"


def raw_body() -> bytes:
    """Return the body byte for byte, however often it was read before: signatures are of bytes.

    413 is raised by Flask itself when it is longer than 64 KB.
    """
    return request.get_data()


def json_document() -> object:
    """Return the decoded body; none at all is an empty object.

    Raises:
        NotJson: it is of another kind, or compressed. MalformedJson, Invalid: see ``json_body``.
    """
    body = raw_body()
    if not body:
        return {}
    charset = request.mimetype_params.get("charset", UTF_8)
    if request.mimetype != JSON or charset.lower() != UTF_8:
        raise NotJson
    if request.headers.get("Content-Encoding", PLAIN).strip().lower() != PLAIN:
        raise Compressed
    return orjson.loads(json_body(body) or b"{}")
