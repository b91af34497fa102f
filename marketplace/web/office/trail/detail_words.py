"""The details of the trail and of tasks in the reader's words: labels, yuan, dates, names.

What nobody named yet, and what an older release wrote down differently, is told as it stands.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.vocabulary import CaseKind, LicenceKind
from marketplace.booking.states import ChangeKind, ReasonCode
from marketplace.kernel.money import money
from marketplace.staff.roles import Role
from marketplace.web.i18n import translate
from marketplace.web.office.trail.subjects import NOTHING, Subject, Subjects, mentioned
from marketplace.web.office.trail.trail_words import (
    CHANGES,
    HAPPENED,
    LABELS,
    PURPOSES,
    SECOND_FACTORS,
    STEPS,
)
from marketplace.web.rendering import labels
from marketplace.web.rendering.filters import date_long

Words = Callable[[Any], str]
ONE_DAY = dt.timedelta(days=1)
TO_THE_MORNING = frozenset({"rooms.blocked"})
"""Actions that write down the morning after the last day."""
SPAN = ("first", "last", "days")
FAULTS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What a fact does that another release wrote down in another form."""
BEFORE = {"fen": "before_fen", "assigned": "assigned_before"}
"""Members that tell what something became, and the ones that tell what it was."""


@dataclass(frozen=True, slots=True)
class Told:
    """One fact of a detail: what it is, and what it says; ``url`` shows what it names."""

    label: str
    words: str
    url: str = ""

    def __str__(self) -> str:
        """Return both, for a file."""
        return translate("%(label)s：%(words)s", label=self.label, words=self.words)


def told(action: str, detail: Mapping[str, Any], subjects: Subjects) -> list[Told]:
    """Return the facts of what was done, in an order of their own."""
    span = _span(action, detail)
    folded = {BEFORE[member] for member in detail if member in BEFORE}
    folded.update(SPAN if span else ())
    facts = [Told(translate("日子"), span)] if span else []
    for member in sorted(detail, key=_place):
        value = detail[member]
        if member in folded or (value == "" and member not in WORDS):
            continue
        fact = _fact(action, member, value, subjects)
        before = BEFORE.get(member)
        if before is not None and before in detail:
            was = _fact(action, before, detail[before], subjects)
            fact = Told(fact.label, f"{was.words} → {fact.words}", fact.url)
        facts.append(fact)
    return facts


ORDER = {member: place for place, member in enumerate(LABELS)}


def _place(member: str) -> tuple[int, str]:
    return ORDER.get(member, len(ORDER)), member


def _fact(action: str, member: str, value: Any, subjects: Subjects) -> Told:
    area = action.partition(".")[0]
    named = (f"{action}:{member}", f"{area}:{member}", member)
    word = next((LABELS[one] for one in named if one in LABELS), None)
    label = translate(word) if word else member
    if kind := mentioned(action, member):
        subject = subjects.get((kind, str(value)), NOTHING)
        return Told(label, subject.words or _plain(value) or translate("没有"), subject.url)
    words = WORDS.get(f"{area}:{member}") or WORDS.get(member) or _plain
    return Told(label, _or_plain(words, value))


def _or_plain(words: Words, value: Any) -> str:
    """Return a fact in words; one that older releases wrote otherwise as it stands."""
    try:
        return words(value)
    except FAULTS:
        return _plain(value)


def _plain(value: Any) -> str:
    """Return any value as it stands."""
    if isinstance(value, bool):
        return translate("是") if value else translate("不是")
    if value is None or value in ("", [], {}):
        return translate("没有")
    if isinstance(value, Mapping):
        return translate("、").join(f"{name} {_plain(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return translate("、").join(_plain(one) for one in value)
    return str(value)


def _span(action: str, detail: Mapping[str, Any]) -> str:
    """Return the days that were changed; empty where the detail does not name them."""
    try:
        first, last = (dt.date.fromisoformat(detail[end]) for end in ("first", "last"))
        days = int(detail["days"]) if "days" in detail else None
    except FAULTS:
        return ""
    if action in TO_THE_MORNING:
        last -= ONE_DAY
    if first == last:
        return date_long(first)
    return translate(
        "%(first)s 到 %(last)s，共 %(days)s 天",
        first=date_long(first),
        last=date_long(last),
        days=days or (last - first).days + 1,
    )


def _change(fen: int) -> str:
    if not fen:
        return translate("不变")
    word = "多 %(sum)s" if fen > 0 else "少 %(sum)s"
    return translate(word, sum=money(abs(fen)))


def _price(fen: int | None) -> str:
    return translate("按价目") if fen is None else money(fen)


def _reasons(values: list[str]) -> str:
    return translate("、").join(labels.return_reason(value) for value in values)


def _overrides(passed: list[dict[str, str]]) -> str:
    return translate("、").join(
        translate("“%(word)s”：%(why)s", word=one["word"], why=one["reason"]) for one in passed
    )


def _last_day(value: str) -> str:
    return date_long(dt.date.fromisoformat(value)) if value else translate("没有期限")


def _of(words: Mapping[str, str]) -> Words:
    return lambda value: translate(words[value])


def _all_of(words: Mapping[str, str]) -> Words:
    return lambda values: translate("、").join(translate(words[value]) for value in values)


WORDS: dict[str, Words] = {
    "amount_fen": money,
    "before_fen": money,
    "booking:kind": lambda value: translate(CHANGES[ChangeKind(value)]),
    "booking:reason": lambda value: labels.reason_label(ReasonCode(value)),
    "case:kind": lambda value: labels.of(CaseKind(value)),
    "closed": lambda value: translate("关房") if value else translate("开房"),
    "credit_limit_fen": money,
    "currency": _of({"CNY": "人民币"}),
    "device": labels.device_label,
    "difference_fen": _change,
    "expires_on": _last_day,
    "fee_fen": money,
    "fen": money,
    "licence:kind": lambda value: labels.of(LicenceKind(value)),
    "list_fen": _price,
    "overrides": _overrides,
    "purposes": _all_of(PURPOSES),
    "reasons": _reasons,
    "refund_fen": money,
    "role": lambda value: labels.role_label(Role(value)),
    "second_factor": _of(SECOND_FACTORS),
    "step": _of(STEPS),
    "task:kind": labels.task_label,
    "test": lambda value: translate("测试用") if value else translate("正式"),
    "total_fen": money,
    "what": _of(HAPPENED),
}
"""How members are told, by name or by area and name; the others as they stand."""


def subject(kind: str, name: str, subjects: Subjects) -> Subject:
    """Return what an entry is about; what is gone or was never named, by its id."""
    return subjects.get((kind, name)) or Subject(name)
