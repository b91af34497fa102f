"""The body of a request: as it was sent, and as the JSON that it holds."""

from __future__ import annotations

from functools import cached_property

import orjson
from flask import g, request

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


class SentBody:
    """What was sent: read once a request, within the limit, for whoever asks for it.

    A door that checks a signature asks for the bytes, one that finds its caller inside of them for
    the document as well, and the operation for the document again.
    """

    def __init__(self) -> None:
        """Read it; Flask itself raises 413 when it is longer than 64 KB."""
        self.raw = request.get_data()
        """Byte for byte: signatures are of bytes."""

    @cached_property
    def document(self) -> object:
        """The decoded body; none at all is an empty object.

        Raises:
            NotJson: it is of another kind, or compressed. MalformedJson, Invalid: see
                ``json_body``.
        """
        if not self.raw:
            return {}
        charset = request.mimetype_params.get("charset", UTF_8)
        if request.mimetype != JSON or charset.lower() != UTF_8:
            raise NotJson
        if request.headers.get("Content-Encoding", PLAIN).strip().lower() != PLAIN:
            raise Compressed
        return orjson.loads(json_body(self.raw) or b"{}")


def sent() -> SentBody:
    """Return the body of this request."""
    if "sent_body" not in g:
        g.sent_body = SentBody()
    found: SentBody = g.sent_body
    return found
