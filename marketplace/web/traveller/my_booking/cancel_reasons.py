"""Why a guest cancels, as the pages that cancel ask it and read it."""

from __future__ import annotations

from marketplace.booking.contract import cancellation_rules
from marketplace.booking.states import ReasonCode
from marketplace.kernel.messages import minutes
from marketplace.web.i18n import translate

REASONS = (
    (ReasonCode.TRAVELLER_CHANGED_PLANS, "计划变了", ""),
    (
        ReasonCode.TRAVELLER_HEALTH,
        "身体原因",
        "有医院证明的，全部退回：请先打电话，由我们替您取消",
    ),
    (ReasonCode.TRAVELLER_OTHER, "别的原因", ""),
)
"""Each with its words, and what to know before choosing it."""


def shown() -> list[tuple[str, str, str]]:
    """Return the reasons to choose from, each with what is to be known before."""
    return [
        (code.value, translate(words), translate(known) if known else "")
        for code, words, known in REASONS
    ]


def read(typed: str) -> ReasonCode:
    """Return the reason that was chosen; it may be left open."""
    known = {code.value: code for code, *_ in REASONS}
    known[ReasonCode.HOLD_GIVEN_UP.value] = ReasonCode.HOLD_GIVEN_UP
    return known.get(typed, ReasonCode.TRAVELLER_OTHER)


def undone() -> str:
    """Say that all of it goes back so soon after paying."""
    most = minutes(cancellation_rules.UNDO_WITHIN)
    return translate("付款不到%(most)s分钟，全部退回。", most=most)
