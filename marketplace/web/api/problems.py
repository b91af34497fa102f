"""What can go wrong, code by code, and the document that tells it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, Field

from marketplace.kernel.ids import LONGEST_KEY
from marketplace.kernel.messages import Message, kilobytes
from marketplace.web.protection.body_sizes import MOST_BODY_BYTES


class Problem(BaseModel):
    """What went wrong (RFC 9457); branch on ``code``, never on ``detail``.

    A surface adds what its own problems tell besides.
    """

    type: str = Field(description="The address of a page that explains the code.")
    title: str
    status: int
    code: str
    detail: str = Field(description="In English, or in Chinese when Accept-Language asks for it.")
    request_id: str
    fields: dict[str, str] | None = Field(None, description="With ``invalid``: what to write.")


@dataclass(frozen=True, slots=True)
class Told:
    """A problem: its status and, as a message id, what it means."""

    status: int
    meaning: str


EVERYWHERE = {
    "bad_request": Told(400, "请求读不懂，或者里面有 NUL 字符。"),
    "unauthenticated": Told(401, "没有密钥，或者密钥无效。"),
    "too_many_requests": Told(429, "这个密钥这一分钟的次数用完了，看 Retry-After。"),
    "invalid": Told(422, "要改的字段在 fields 里；rule 是住处的哪条规矩，items 是哪几项。"),
    "internal_error": Told(500, "我们这边出错了，请用同一个 Idempotency-Key 再试。"),
    "unavailable": Told(503, "数据库正忙，请用同一个 Idempotency-Key 再试。"),
}
"""Problems that every operation may answer."""
POSTING = {
    "idempotency_key_missing": Told(
        400, Message("POST 没有附上 1 到 %(most)s 个字符的 Idempotency-Key。", most=LONGEST_KEY)
    ),
    "malformed_json": Told(400, "发送的内容不是 JSON，这个键没有记下任何东西。"),
    "request_entity_too_large": Told(
        413, Message("发送的内容超过 %(most)s KB。", most=kilobytes(MOST_BODY_BYTES))
    ),
    "unsupported_media_type": Told(415, "发送的内容不是 application/json，或者压缩过。"),
    "idempotency_in_progress": Told(409, "这个键的第一个请求还在处理，请稍后再试。"),
    "idempotency_key_reused": Told(422, "这个键已用于另一个地址或另一个请求。"),
}
"""Problems that every POST may answer besides."""
ELSEWHERE = {
    "method_not_allowed": Told(405, "这个地址不接受这种方法，Allow 里是接受的方法。"),
    "bad_signature": Told(400, "支付通知的签名不对。"),
}
"""Problems that no operation has, told to other programs or at other addresses."""
