"""The words for states, reasons and actions, in one place; every function answers translated."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping

import babel.dates

from catalog.labels import label
from catalog.states import EnterpriseStatus
from catalog.vocabulary import ReturnReason
from marketplace.booking.contract.cancellation_rules import UNDO_WITHIN
from marketplace.booking.states import BookingState, Channel, ReasonCode, RehousingState
from marketplace.inventory.queries import OwnRoom
from marketplace.kernel.audit import Actor, ActorKind
from marketplace.kernel.messages import Message, minutes
from marketplace.notify.models import Audience
from marketplace.pricing.nights.terms import Board
from marketplace.staff.roles import Role
from marketplace.web.context import lang
from marketplace.web.i18n import translate

STATES = {
    BookingState.HELD: "保留中，未付款",
    BookingState.CONFIRMED: "已订好",
    BookingState.IN_STAY: "在住",
    BookingState.COMPLETED: "已离店",
    BookingState.CURTAILED: "提前离店",
    BookingState.CANCELLED: "已取消",
    BookingState.EXPIRED: "保留已过期",
    BookingState.NO_SHOW: "未入住",
}
TONES = {
    BookingState.HELD: "wait",
    BookingState.CONFIRMED: "good",
    BookingState.IN_STAY: "info",
    BookingState.CANCELLED: "bad",
    BookingState.NO_SHOW: "bad",
}
CHANNELS = {Channel.WEB: "本站", Channel.PARTNER: "合作平台", Channel.WALK_IN: "到店客人"}
REASONS = {
    ReasonCode.TRAVELLER_CHANGED_PLANS: "计划变了",
    ReasonCode.TRAVELLER_HEALTH: "身体原因",
    ReasonCode.TRAVELLER_OTHER: "别的原因",
    ReasonCode.UNDO: Message("付款后 %(most)s 分钟内撤销", most=minutes(UNDO_WITHIN)),
    ReasonCode.HOLD_GIVEN_UP: "放弃保留",
    ReasonCode.PARTNER_REQUEST: "合作平台取消",
    ReasonCode.ENTERPRISE_SUSPENDED: "企业暂停接待",
    ReasonCode.HEALTH_PROVEN: "身体原因，有医院证明",
    ReasonCode.OPERATOR_FAULT: "经营者的原因",
    ReasonCode.FORCE_MAJEURE: "不可抗力",
}
BOARDS = {
    Board.ROOM_ONLY: "不含餐",
    Board.BREAKFAST: "含早餐",
    Board.HALF_BOARD: "含早餐和晚餐",
    Board.FULL_BOARD: "含三餐",
}
ACTORS: dict[str, str] = {
    ActorKind.TRAVELLER: "旅客",
    ActorKind.STAFF: "工作人员",
    ActorKind.DESK: "用命令的工作人员",
    ActorKind.PARTNER: "合作平台",
    ActorKind.VISITOR: "没有登录的人",
    ActorKind.SYSTEM: "系统",
}
ACTIONS = {
    "account.added": "新增账号",
    "account.password_changed": "修改密码",
    "account.password_reset": "重设密码",
    "account.disabled": "停用账号",
    "account.enabled": "恢复账号",
    "account.sessions_ended": "结束登录",
    "account.signed_in": "登录",
    "access.denied": "打开无权的页面",
    "data.exported": "下载文件",
    "personal_data.read": "查看个人资料",
    "personal_data.listed": "查看客人名单",
    "account.signed_out": "退出登录",
    "account.sign_in_failed": "登录失败",
    "account.second_factor_begun": "开始设置两步登录",
    "account.second_factor_set": "设置两步登录",
    "account.second_factor_reset": "重设两步登录",
    "account.second_step_stopped": "验证码错得太多，两步登录暂停",
    "account.second_factor_off": "关闭两步登录",
    "account.recovery_code_used": "用备用码登录",
    "account.recovery_codes_made": "换一批备用码",
    "keys.rewrapped": "换完旧密钥",
    "keys.rotated": "更换密钥",
    "refund.paid_by_bank": "银行转账退款已付",
    "booking.held": "保留房间",
    "booking.extended": "延长保留",
    "booking.confirmed": "订单成立",
    "booking.cancelled": "取消订单",
    "booking.checked_in": "办理入住",
    "booking.check_in_undone": "撤销入住",
    "booking.restated": "恢复备份后重新告知平台",
    "booking.rehousing_opened": "客人等待安置",
    "booking.rehousing_offered": "给客人提供换住的地方",
    "booking.rehousing_declined": "不要提供的地方",
    "booking.rehousing_refunded": "选择全额退款",
    "booking.rehousing_lapsed": "订单已结束，不再安置",
    "booking.rehoused": "客人换住别处",
    "booking.kept": "商定订单不变",
    "booking.completed": "离店完成",
    "booking.curtailed": "提前离店",
    "booking.change_held": "保留改订的房间",
    "booking.change_lapsed": "改订没有付款",
    "booking.change_withdrawn": "收回改订",
    "booking.changed": "修改订单",
    "booking.item_cancelled": "退了一种房",
    "booking.swapped": "对调房间",
    "tariff.changed": "修改价目",
    "restriction.changed": "修改预订限制",
    "booking.no_show": "到期未入住",
    "booking.expired": "保留过期",
    "calendar.changed": "修改房量或开关房",
    "price.changed": "修改价格",
    "rooms.blocked": "锁房",
    "rooms.unblocked": "解锁房间",
    "payment.received": "收到付款",
    "partner_key.issued": "发放接口密钥",
    "partner_key.revoked": "停用接口密钥",
    "partner.paid": "合作平台付款",
    "partner.payment_undone": "撤回合作平台付款",
    "partner.credit_changed": "修改信用额度",
    "enterprise.suspended": "暂停企业",
    "enterprise.reinstated": "恢复企业",
    "import.applied": "执行导入",
    "import.undone": "撤销导入",
    "listing.published": "发布产品",
    "listing.paused": "暂停产品",
    "listing.archived": "产品归档",
    "listing.submitted": "提交产品",
    "listing.draft": "退回产品",
    "task.done": "办结待办",
    "case.applied": "提交申请",
    "case.taken_up": "开始审核",
    "case.laid_back": "放回队列",
    "case.returned": "退回修改",
    "case.accepted": "通过申请",
    "case.refused": "不予通过",
    "case.withdrawn": "撤回申请",
    "case.contact_read": "查看联系人",
    "enterprise.accepted": "资料通过审核",
    "enterprise.registered": "列入名录",
    "enterprise.claimed": "由经营者认领",
    "enterprise.changed": "修改资料",
    "enterprise.assigned": "换经办人",
    "account.admitted": "申请人成为经营者",
    "enterprise.delisted": "企业除名",
    "listing.accepted": "产品通过审核",
    "licence.recorded": "登记证照",
    "delisting.proposed": "提议除名",
    "delisting.carried": "同意除名",
    "delisting.rejected": "不同意除名",
    "delisting.taken_back": "收回除名提议",
}
ROLES = {Role.APPLICANT: "申请人", Role.OPERATOR: "经营者", Role.OFFICE: "名录办"}
DEVICES = {
    "computer": "电脑",
    "phone": "手机",
    "tablet": "平板",
    "other": "别的设备",
    "WeChat": "微信",
}
SUBJECTS = {
    "booking": "订单",
    "case": "申请",
    "enterprise": "企业",
    "document": "材料",
    "import": "导入",
    "page": "页面",
    "rehousing": "安置",
    "keys": "密钥",
    "listing": "产品",
    "partner": "合作平台",
    "refund": "退款",
    "room_type": "房型",
    "sign_in": "登录",
    "staff_task": "待办",
    "staff_user": "账号",
    "stock_pool": "库存",
}
NOTICES = {
    "confirmed": "新订单",
    "cancelled": "订单取消",
    "changed": "订单改了",
    "room_given_up": "退了一种房",
    "rehoused": "转来的订单",
    "no_show": "到期未入住",
    "case_returned": "退回修改",
    "case_accepted": "审核通过",
    "case_refused": "未通过审核",
    "licence_ending": "证照快到期",
    "licence_ended": "证照已到期",
}
REHOUSINGS = {
    RehousingState.OPEN: ("等待安置", "wait"),
    RehousingState.OFFERED: ("等客人选择", "info"),
    RehousingState.MOVED: ("已换住", "good"),
    RehousingState.REFUNDED: ("已全额退款", "good"),
    RehousingState.KEPT: ("订单不变", "good"),
    RehousingState.LAPSED: ("订单已结束", ""),
}
TASKS = {
    "wrong_amount": "收到的金额与订单不一致",
    "call_guest": "客人留的不是手机，收不到短信，请打电话告诉他订单的新情况",
    "late_payment_refunded": "付款到得太晚，已安排全额退款",
    "refund_by_bank": "这笔退款要用银行转账付",
    "gateway_missing": "收这笔钱的支付渠道没有配置，查不了款也退不了款",
    "rehousing_unanswered": "安置方案过了答复时间，请打电话",
    "effect_unknown": "有一件欠办的事这个版本的程序读不懂，请技术人员看",
    "rehousing_declined": "安置方案被退回，请另找或打电话",
}
AUDIENCES = {
    Audience.GUEST: "旅客",
    Audience.OPERATOR: "经营者",
    Audience.CONTACT: "企业联系人",
}
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


def _word(words: Mapping[str, str], key: str) -> str:
    """Return the word for ``key``; one that nobody named yet is shown as it is."""
    return translate(words[key]) if key in words else key


def state_label(state: BookingState) -> str:
    """Return where a booking stands."""
    return translate(STATES[state])


def state_tone(state: BookingState) -> str:
    """Return the tone of a state's badge; the word beside the colour says it too."""
    return TONES.get(state, "")


def board_label(board: Board) -> str:
    """Return which meals come with a room."""
    return translate(BOARDS[board])


def channel_label(channel: Channel) -> str:
    """Return who sold a booking."""
    return translate(CHANNELS[channel])


def reason_label(reason: ReasonCode) -> str:
    """Return why a booking was cancelled."""
    return translate(REASONS[reason])


def of(member: enum.StrEnum) -> str:
    """Return the label of a member of one of the directory's closed lists."""
    return label(member, lang())


def rehousing_label(state: RehousingState) -> str:
    """Return what became of a guest whose enterprise was suspended."""
    return translate(REHOUSINGS[state][0])


def rehousing_tone(state: RehousingState) -> str:
    """Return the colour of that."""
    return REHOUSINGS[state][1]


def return_reason(value: str) -> str:
    """Return why a case went back to its author."""
    return label(ReturnReason(value), lang())


def return_reasons() -> list[tuple[str, str]]:
    """Return every reason with its words, for a form."""
    return [(reason.value, label(reason, lang())) for reason in ReturnReason]


def status_label(status: EnterpriseStatus) -> str:
    """Return where an enterprise stands with the office."""
    return label(status, lang())


def actor_label(actor: Actor, logins: Mapping[int, str]) -> str:
    """Return who acted: people with an account by their sign-in name, everybody else by kind."""
    login = None if actor.account_id is None else logins.get(actor.account_id)
    if login and actor.kind == ActorKind.DESK:
        return translate("%(login)s（用命令）", login=login)
    return login or _word(ACTORS, actor.kind)


def host_actor_label(actor: Actor, colleagues: Mapping[int, str]) -> str:
    """Return who acted, for an operator: a colleague by name, nobody of the office by theirs."""
    if actor.kind not in (ActorKind.STAFF, ActorKind.DESK):
        return actor_label(actor, {})
    return colleagues.get(actor.account_id or 0) or translate("名录办")


def action_label(action: str) -> str:
    """Return what was done."""
    return _word(ACTIONS, action)


def role_label(role: Role) -> str:
    """Return what a member of staff is."""
    return translate(ROLES[role])


def device_label(device: str) -> str:
    """Return what kind of device somebody is signed in on: 电脑 · Windows · Edge."""
    kind, *rest = device.split("/")
    return " · ".join([_word(DEVICES, kind), *(_word(DEVICES, word) for word in rest if word)])


def span_label(span: dt.timedelta) -> str:
    """Return a span of time in words: minutes, hours or days, whichever is whole."""
    minutes = round(span.total_seconds() / 60)
    if minutes < 60:  # noqa: PLR2004 - an hour
        return translate("%(count)s 分钟", count=minutes)
    hours = minutes // 60
    if hours < 48:  # noqa: PLR2004 - two days
        return translate("%(count)s 小时", count=hours)
    return translate("%(count)s 天", count=hours // 24)


def subject_label(kind: str) -> str:
    """Return the kind of thing it was done to."""
    return _word(SUBJECTS, kind)


def notice_label(what: str) -> str:
    """Return what a notice to an operator is about."""
    return _word(NOTICES, what)


def task_label(kind: str) -> str:
    """Return what a staff task is about."""
    return _word(TASKS, kind)


def audience_label(audience: Audience) -> str:
    """Return who a message is for."""
    return translate(AUDIENCES[audience])


def weekday_label(number: int) -> str:
    """Return the short name of a weekday; Monday is 0."""
    return translate(WEEKDAYS[number])


def weekday_of(day: dt.date) -> str:
    """Return the short name of the weekday of ``day``."""
    return weekday_label(day.weekday())


def pick(zh: str, en: str) -> str:
    """Return the text in the reader's language, Chinese where there is no English."""
    return en if lang() == "en" and en else zh


def month_label(first: dt.date) -> str:
    """Return a month with its year: 2027年6月."""
    english = lang() == "en"
    pattern, locale = ("MMMM y", "en") if english else ("y年M月", "zh_Hans_CN")
    return babel.dates.format_date(first, pattern, locale=locale)


def room_name(room: OwnRoom) -> str:
    """Return a room type of an operator with the listing it belongs to."""
    return f"{pick(room.listing_zh, room.listing_en)} · {pick(room.name_zh, room.name_en)}"
