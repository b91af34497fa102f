"""One handler per surface: an HTML page for people, RFC 9457 problem documents for programs."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar

import orjson
import structlog
from flask import Flask, Response, g, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from catalog.office.evidence.documents import TOO_LARGE
from marketplace.kernel.errors import DomainError
from marketplace.kernel.ids import help_number
from marketplace.kernel.messages import Message, kilobytes
from marketplace.web.context import on_surface, services
from marketplace.web.i18n import translate
from marketplace.web.protection.access_notes import denied
from marketplace.web.protection.body_sizes import MOST_BODY_BYTES
from marketplace.web.protection.security import body_limit
from marketplace.web.rendering import pages

PROGRAM_PATHS = (
    "/hooks/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/search/words",
    "/open/directory.",
)
"""What programs call besides the surfaces."""
PAGE_MESSAGES = {
    400: "这个请求看不懂，请返回上一页再试",
    403: "您没有打开这一页的权限",
    404: "没有找到这一页，可能地址写错了，或者这一项已经下线",
    405: "这一页不能这样打开，请从首页重新进入",
    413: "发送的内容太长，请缩短后再试",
    415: "请用 JSON 格式发送内容",
    429: "试的次数太多了，请过一会儿再试",
    500: "我们这边出错了，您没有被扣款。请过几分钟再试，或打电话给我们",
    503: "现在人很多，请过一会儿再试。您没有被扣款",
}
PROGRAM_MESSAGES = {
    400: "请求读不懂，请核对地址、参数和内容",
    403: "这个请求不允许",
    404: "这个地址没有内容，请按 /openapi.json 核对地址",
    405: "这个地址不接受这种方法，Allow 里是接受的方法",
    413: Message("发送的内容太大，最多 %(most)s KB", most=kilobytes(MOST_BODY_BYTES)),
    415: "请用 UTF-8 编码的 JSON 发送内容，Content-Type 写 application/json",
    429: "请求太多，请按 Retry-After 过一会儿再发",
    500: "我们这边出错了，请稍后原样再发一次",
    503: "现在很忙，请按 Retry-After 过一会儿原样再发一次",
}
"""The same for programs, which have no page to go back to and no button to press again."""
EXPIRED_FORM = "这一页放得太久了，请返回上一页刷新后再提交。您填的内容没有丢失"


@dataclass(frozen=True, slots=True)
class ErrorHtml(pages.Page):
    """What is wrong."""

    template: ClassVar[str] = "errors/error.html"

    status: int
    code: str
    message: str


def for_program() -> bool:
    """Tell whether the caller is a program."""
    return on_surface() or request.path.startswith(PROGRAM_PATHS)


def problem(
    status: int, code: str, message: str, *, extra: dict[str, object] | None = None
) -> Response:
    """Return a problem document (RFC 9457) with our stable ``code``."""
    body = {
        "type": f"{services().settings.base_url}/docs/problems#{code}",
        "title": code,
        "status": status,
        "code": code,
        "detail": message,
        "request_id": g.get("request_id", ""),
        **(extra or {}),
    }
    response = Response(orjson.dumps(body), status, content_type="application/problem+json")
    if extra and "retry_after" in extra:
        response.headers["Retry-After"] = str(extra["retry_after"])
    return response


def words_of(error: DomainError) -> str:
    """Return an error's message in the reader's language."""
    return translate(error.message, **error.params)


def fields_of(error: DomainError) -> dict[str, str]:
    """Return the faults of an ``Invalid`` error by field, in the reader's language."""
    fields = error.extra.get("fields")
    if not isinstance(fields, dict):
        return {}
    return {name: translate(message) for name, message in fields.items()}


def answer(status: int, code: str, message: str, extra: dict[str, object]) -> Response:
    """Return the page or document that says what is wrong."""
    if for_program():
        return problem(status, code, message, extra=extra)
    page = pages.html(ErrorHtml(status, code, message))
    response = Response(page, status)
    if "retry_after" in extra:
        response.headers["Retry-After"] = str(extra["retry_after"])
    return response


def _help() -> str:
    """Return the number that the page shows, so that a caller's failure is found in the log."""
    return help_number(g.get("request_id", ""))


def _message(status: int) -> str:
    if for_program():
        return PROGRAM_MESSAGES.get(status, PROGRAM_MESSAGES[400])
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE and body_limit() > MOST_BODY_BYTES:
        return TOO_LARGE
    return PAGE_MESSAGES.get(status, PAGE_MESSAGES[400])


def set_up(app: Flask) -> None:
    """Register the handlers."""
    log = structlog.get_logger("web")

    @app.errorhandler(DomainError)
    def refused(error: DomainError) -> Response:
        extra = dict(error.extra)
        if "fields" in extra:
            extra["fields"] = fields_of(error)
        return answer(error.http_status, error.code, words_of(error), extra)

    @app.errorhandler(CSRFError)
    def stale_form(_error: CSRFError) -> Response:
        return answer(400, "form_expired", translate(EXPIRED_FORM), {})

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        status = error.code or 500
        if status < 400:  # noqa: PLR2004 - a redirect raised as an exception
            return error.get_response()  # type: ignore[return-value]
        denied(status)
        words = translate(_message(status))
        made = answer(status, error.name.lower().replace(" ", "_"), words, {})
        made.headers.extend((name, value) for name, value in error.get_headers() if name == "Allow")
        return made

    @app.errorhandler(OperationalError)
    @app.errorhandler(PoolTimeout)
    def busy(error: OperationalError | PoolTimeout) -> Response:
        log.error("database_unavailable", help=_help(), error=type(error).__name__)
        g.failed = True
        return answer(503, "unavailable", translate(_message(503)), {"retry_after": 5})

    @app.errorhandler(Exception)
    def broken(error: Exception) -> Response:
        g.failed = True
        log.error("unexpected", help=_help(), error=type(error).__name__, exc_info=error)
        return answer(500, "internal_error", translate(_message(500)), {})
