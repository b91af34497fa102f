"""What can go wrong in this API, code by code. Pure."""

from __future__ import annotations

from marketplace.web.api.problems import EVERYWHERE, POSTING, Told

SOME = {
    "not_found": Told(404, "没有这一项，或者不是您的：两种情况看起来一样。"),
    "not_bookable": Told(422, "现在不卖：住处、企业或日期没有开放；reason 说明企业为什么不卖。"),
    "sold_out": Told(409, "有一晚空房不够，没有占用任何房间；items 是哪几项。"),
    "reference_taken": Told(
        409, "您有一个没有取消也没有过期的订单用了这个 external_ref，booking 是它的编号。"
    ),
    "quote_expired": Told(409, "这份报价过了时间，请重新询价。"),
    "quote_differs": Told(422, "这份报价是给另外的日期、房型、人数或加项的。"),
    "not_one_stay": Told(
        422,
        "items 里的房型不在同一家，或日期不同：请分开订。problem 里的 items 是和第一项不同的几项。",
    ),
    "price_changed": Told(409, "总价和您预期的不同，total_fen 是新的总价。"),
    "hold_expired": Told(409, "保留的时间过了，房间会重新开卖。"),
    "wrong_state": Told(409, "订单已经过了这一步，state 是现在的状态。"),
    "no_more_extensions": Told(409, "已经延长三次，或者满两个小时了。"),
    "last_item": Told(409, "这是订单里最后一项，不能单独取消：请取消整个订单。"),
    "refund_changed": Told(409, "退款和您预期的不同，refund_fen 是新的退款额。"),
    "rehousing_settled": Told(409, "已经没有要答复的安排了。"),
    "nothing_offered": Told(409, "现在没有可以换的住处，我们还在找。"),
    "offer_gone": Told(409, "这个住处刚被别人订走，什么都没有改。"),
    "cursor_unknown": Told(400, "编号比日志的末尾还大，从来没有发出过。"),
    "restored": Told(410, "这个编号的内容已经没有了，请从 after_change_number 接着读。"),
    "credit_limit": Told(422, "连保留的算上，欠款会超过额度：owed_fen、held_fen、limit_fen。"),
    "hold_cap": Told(
        429, "保留的间夜太多：what（partner 或 listing）、limit、held；请打电话给我们。"
    ),
}
"""Problems of single operations."""
PROBLEMS = EVERYWHERE | POSTING | SOME
