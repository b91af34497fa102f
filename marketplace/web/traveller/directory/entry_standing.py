"""What the public pages say of an entry's standing: how complete, how old, and who checked it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from catalog.labels import label
from catalog.office.entries.completeness import field_label, freshness_label
from catalog.office.entries.entry_lines import label_of
from catalog.office.entries.records import GradeRecord, Record, Shown
from catalog.vocabulary import GradeScheme
from marketplace.kernel.clock import shanghai_date
from marketplace.web.context import lang
from marketplace.web.i18n import translate

GRADE = "grade:"
NOT_PUBLIC = {"proof", "legal_name", "credit_code"}
"""Facts about the business behind an entry, which its public page does not tell."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One fact's source, its date, and when the office found it right."""

    fact: str
    source: str
    date: str
    checked: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an entry can be trusted; nothing of what left the directory just now."""

    complete: int | None = None
    """Per cent."""
    fresh: str = ""
    checked: str = ""
    grades: Sequence[str] = ()
    missing: str = ""
    """Fields that are not filled in, where the entry is told in full."""
    evidence: Sequence[Evidence] = ()


NOT_KNOWN = Standing()


def standing(entry: Record | None) -> Standing:
    """Return an entry's standing for a list."""
    if entry is None:
        return NOT_KNOWN
    return Standing(
        complete=entry.complete.percent,
        fresh=freshness_label(entry.fresh, lang()),
        checked=checked(entry),
        grades=[grade_words(grade) for grade in entry.grades],
    )


def checked(entry: Record) -> str:
    """Return who checked the entry and when; persons are not named."""
    if entry.checked_at is None:
        return translate("尚未核实")
    return translate("名录办%(day)s核实", day=shanghai_date(entry.checked_at).isoformat())


def grade_words(grade: GradeRecord) -> str:
    """Return a grade with the date it is known for: grades get revoked."""
    value = f"{label(grade.scheme, lang())} {grade.value}"
    if not grade.as_of:
        return translate("%(grade)s（没有日期）", grade=value)
    return translate("%(grade)s（截至%(day)s）", grade=value, day=grade.as_of)


def in_full(entry: Record | None, shown: Sequence[Shown]) -> Standing:
    """Return an entry's standing for its own page, with where each fact comes from."""
    if entry is None:
        return NOT_KNOWN
    missing = [field_label(field, lang()) for field in entry.complete.missing]
    return replace(
        standing(entry),
        missing=translate("、").join(missing),
        evidence=[_evidence(one) for one in shown if _public(one.fact)],
    )


def _public(fact: str) -> bool:
    return fact not in NOT_PUBLIC and not fact.startswith("photo:")


def _evidence(one: Shown) -> Evidence:
    name = translate(label_of(one.fact))
    if one.fact.startswith(GRADE):
        name = f"{name} · {_scheme(one.fact)}"
    day = shanghai_date(one.verified_at).isoformat() if one.verified_at else ""
    return Evidence(
        fact=name,
        source=one.source,
        date=one.source_date,
        checked=translate("名录办%(day)s核实", day=day) if day else translate("尚未核实"),
    )


def _scheme(fact: str) -> str:
    from_name = {str(scheme): label(scheme, lang()) for scheme in GradeScheme}
    own = fact.removeprefix(GRADE)
    return from_name.get(own, own)
