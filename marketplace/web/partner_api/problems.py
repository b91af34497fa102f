"""What can go wrong, code by code, in both languages. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """A problem: its status and what it means, for the description and for the page."""

    status: int
    en: str
    zh: str


EVERYWHERE = {
    "bad_request": Told(
        400,
        "The request cannot be read, or a NUL stands in it.",
        "请求读不懂，或者里面有 NUL 字符。",
    ),
    "unauthenticated": Told(401, "No key, or one that opens nothing.", "没有密钥，或者密钥无效。"),
    "too_many_requests": Told(
        429,
        "The key's limit for this minute is reached; see Retry-After.",
        "这个密钥这一分钟的次数用完了，看 Retry-After。",
    ),
    "invalid": Told(
        422,
        "Fields to correct, in `fields`; `rule` names a rule of the house.",
        "要改的字段在 fields 里；rule 是住处的哪条规矩。",
    ),
    "internal_error": Told(
        500,
        "We failed. Try again with the same Idempotency-Key.",
        "我们这边出错了，请用同一个 Idempotency-Key 再试。",
    ),
    "unavailable": Told(
        503,
        "The database is busy. Try again with the same Idempotency-Key.",
        "数据库正忙，请用同一个 Idempotency-Key 再试。",
    ),
}
"""Problems that every route may answer."""
POSTING = {
    "idempotency_key_missing": Told(
        400,
        "The POST has no Idempotency-Key of 1 to 255 characters.",
        "POST 没有附上 1 到 255 个字符的 Idempotency-Key。",
    ),
    "malformed_json": Told(
        400,
        "The body is not JSON at all; nothing is kept under the key.",
        "发送的内容不是 JSON，这个键没有记下任何东西。",
    ),
    "request_entity_too_large": Told(
        413, "The body is longer than 64 KB.", "发送的内容超过 64 KB。"
    ),
    "unsupported_media_type": Told(
        415, "The body is not application/json.", "发送的内容不是 application/json。"
    ),
    "idempotency_in_progress": Told(
        409,
        "The first request under this key still runs; try again.",
        "这个键的第一个请求还在处理，请稍后再试。",
    ),
    "idempotency_key_reused": Told(
        422, "The key belongs to another path or command.", "这个键已用于另一个地址或另一个请求。"
    ),
}
"""Problems that every POST may answer besides."""
SOME = {
    "not_found": Told(
        404,
        "It does not exist, or is not yours: the two look the same.",
        "没有这一项，或者不是您的：两种情况看起来一样。",
    ),
    "not_bookable": Told(
        422,
        "Not on sale now: listing, operator or nights are not open; `reason` says it of the house.",
        "现在不卖：住处、企业或日期没有开放；reason 说明企业为什么不卖。",
    ),
    "sold_out": Told(
        409,
        "A night has too few free rooms; nothing was taken.",
        "有一晚空房不够，没有占用任何房间。",
    ),
    "reference_taken": Told(
        409,
        "A booking of yours, neither cancelled nor expired, has this `external_ref`: `booking`.",
        "您有一个没有取消也没有过期的订单用了这个 external_ref，booking 是它的编号。",
    ),
    "quote_expired": Told(
        409, "The quote is honoured no longer; ask for another.", "这份报价过了时间，请重新询价。"
    ),
    "quote_differs": Told(
        422,
        "The quote is for another stay, room type, party or extras.",
        "这份报价是给另外的日期、房型、人数或加项的。",
    ),
    "price_changed": Told(
        409,
        "The total is not the expected one; `total_fen` says the new one.",
        "总价和您预期的不同，total_fen 是新的总价。",
    ),
    "hold_expired": Told(
        409,
        "The hold's time is over; its rooms go back on sale.",
        "保留的时间过了，房间会重新开卖。",
    ),
    "wrong_state": Told(
        409,
        "The booking is past this; `state` says where it stands.",
        "订单已经过了这一步，state 是现在的状态。",
    ),
    "no_more_extensions": Told(
        409, "Extended three times, or two hours old.", "已经延长三次，或者满两个小时了。"
    ),
    "refund_changed": Told(
        409,
        "The refund is not the expected one; `refund_fen` says the new one.",
        "退款和您预期的不同，refund_fen 是新的退款额。",
    ),
    "rehousing_settled": Told(
        409, "Nothing waits for an answer any more.", "已经没有要答复的安排了。"
    ),
    "nothing_offered": Told(
        409,
        "No place is offered now; we are still looking.",
        "现在没有可以换的住处，我们还在找。",
    ),
    "offer_gone": Told(
        409,
        "The place was taken meanwhile; nothing was changed.",
        "这个住处刚被别人订走，什么都没有改。",
    ),
    "cursor_unknown": Told(
        400,
        "The number is beyond the end of the log; it was never given.",
        "编号比日志的末尾还大，从来没有发出过。",
    ),
    "restored": Told(
        410,
        "What stood at this number is lost; go on from `after_change_number`.",
        "这个编号的内容已经没有了，请从 after_change_number 接着读。",
    ),
    "credit_limit": Told(
        422,
        "You would owe more than your limit, holds counted: `owed_fen`, `held_fen`, `limit_fen`.",
        "连保留的算上，欠款会超过额度：owed_fen、held_fen、limit_fen。",
    ),
    "hold_cap": Told(
        429,
        "Too many room-nights on hold: `what` (`partner`, `listing`), `limit`, `held`; call us.",
        "保留的间夜太多：what（partner 或 listing）、limit、held；请打电话给我们。",
    ),
}
"""Problems of single routes."""
PROBLEMS = EVERYWHERE | POSTING | SOME
ELSEWHERE = {
    "method_not_allowed": Told(
        405,
        "The address does not take this method; `Allow` names those it takes.",
        "这个地址不接受这种方法，Allow 里是接受的方法。",
    ),
    "bad_signature": Told(
        400,
        "A notice of a payment gateway is not signed as agreed.",
        "支付通知的签名不对。",
    ),
}
"""Problems that no operation of the API has, told to other programs or at other addresses."""
