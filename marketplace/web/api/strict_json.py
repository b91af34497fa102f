"""What JSON and query strings leave open, and each reader would settle its own way, is refused."""

from __future__ import annotations

import json
from urllib.parse import unquote_to_bytes

import orjson
from werkzeug.datastructures import MultiDict

from marketplace.kernel.errors import DomainError, Invalid

TWICE = "这个字段只能写一次"
UNKNOWN = "没有这个字段，请核对拼写"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LONGEST_NAME = 80
"""A field's name is told up to here."""


class MalformedJson(DomainError):
    """The body cannot be read at all."""

    code = "malformed_json"
    http_status = 400
    message = "发送的内容不是正确的 JSON，请核对"


class UnreadableQuery(DomainError):
    """The query string is no UTF-8."""

    code = "bad_request"
    http_status = 400
    message = "地址里 ? 后面的内容不是 UTF-8 编码，请核对"


def json_body(given: bytes) -> bytes:
    """Return a JSON body as sent, without the mark that some programs put before it.

    Raises:
        MalformedJson: it is no JSON. Invalid: an object, however deep, has two fields of one name.
    """
    body = given.removeprefix(BYTE_ORDER_MARK)
    if not body:
        return body
    twice: set[str] = set()

    def once(pairs: list[tuple[str, object]]) -> None:
        seen: set[str] = set()
        for name, _ in pairs:
            (twice if name in seen else seen).add(name)

    try:
        orjson.loads(body)
        # The first reader is the strict one; this one tells the names that the first forgets.
        json.loads(body, object_pairs_hook=once, parse_int=str, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise MalformedJson from error
    _refuse(twice)
    return body


def query_once(given: MultiDict[str, str]) -> None:
    """Raise ``Invalid`` where a query string gives a parameter twice."""
    _refuse({name for name, values in given.lists() if len(values) > 1})


def readable_query(raw: bytes) -> None:
    """Raise ``UnreadableQuery`` where a query string, unescaped, is no UTF-8.

    Read with replacements, two references would become one.
    """
    try:
        unquote_to_bytes(raw).decode()
    except UnicodeDecodeError as error:
        raise UnreadableQuery from error


def no_query(given: MultiDict[str, str]) -> None:
    """Raise ``Invalid`` where a query string is sent to an address that takes none."""
    _refuse(set(given), UNKNOWN)


def _refuse(names: set[str], why: str = TWICE) -> None:
    if names:
        raise Invalid({name[:LONGEST_NAME]: why for name in sorted(names)})
