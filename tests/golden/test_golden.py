"""What everybody sees, and what every row says, is what it was.

Where a difference is meant, ``python -m tests.golden --write`` renews the record, and the commit
says why: docs/golden.md.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.golden import record
from tests.golden.filling import Filled
from tests.golden.walk import UNWALKED
from tests.web.audiences import AUDIENCES

pytestmark = pytest.mark.slow


UNORDERED = frozenset({"partners.txt", "staff.txt"})
"""Files that hang on the order in which a night's sweep comes to the stays, and on the numbers that
the trail has given out: PostgreSQL promises neither, so these are compared on SQLite."""


def test_everything_is_as_it_was(filled: Filled, tmp_path: Path) -> None:
    """One test of all that the story says: each process with a part of it would tell it anew."""
    assert filled.faults == {}
    assert missing_kinds(filled) == []
    kept, now = record.read(), filled.texts
    if filled.url.get_backend_name() != "sqlite":
        kept, now = _in_any_order(kept), _in_any_order(now)
    if found := record.differences(kept, now):
        record.write(filled.texts, tmp_path / "now")
        found.append(f"the record as it is now: {tmp_path / 'now'}")
        pytest.fail("\n".join(found), pytrace=False)


def _in_any_order(texts: dict[str, str]) -> dict[str, str]:
    """Return what both databases say alike: what each row says, and every page of travellers."""
    return {
        name: "\n".join(sorted(text.splitlines())) if name.startswith("rows/") else text
        for name, text in texts.items()
        if name not in UNORDERED
    }


def missing_kinds(filled: Filled) -> list[str]:
    """What the story no longer comes to, and so would no longer be compared."""
    wanted = {
        "bookings": {
            "state": "held confirmed in_stay completed curtailed cancelled expired no_show",
            "channel": "web partner walk_in",
            "test": "yes no",
            "reason": "changed_plans health other undo hold_given_up partner_request"
            " enterprise_suspended health_proven operator_fault force_majeure",
        },
        "claims": {"kind": "booking block change return"},
        "payments": {"state": "open succeeded failed closed", "in_suspense": "yes no"},
        "refunds": {"state": "succeeded manual_required manual_paid"},
        "changes": {
            "kind": "extend shorten move room party swap",
            "state": "held applied lapsed withdrawn",
        },
        "return-rights": {"state": "offered taken declined lapsed"},
        "rehousings": {"state": "open offered moved refunded kept lapsed"},
    }
    return [
        f"{subject}: {name}={value}"
        for subject, facts in wanted.items()
        for name, values in facts.items()
        for value in values.split()
        if f" {name}={value} " not in filled.texts[f"rows/{subject}.txt"].replace("\n", " \n ")
    ]


def test_what_is_not_walked_is_a_route() -> None:
    assert UNWALKED.keys() <= AUDIENCES.keys()


def test_a_fen_and_a_word_are_seen() -> None:
    """The comparison itself: one figure, one label, one thing more or less."""
    kept = record.read()
    for name, old, new in (
        ("rows/journals.txt", "operator_payable", "operator_payables"),
        ("travellers.txt", "我的订单", "我的定单"),
        ("partners.txt", "total_fen", "total_fenn"),
    ):
        assert old in kept[name]
        found = record.differences(kept, kept | {name: kept[name].replace(old, new, 1)})
        assert any(line.startswith(f"--- {name}, from line ") for line in found)
        assert any(line.startswith("+") and new in line for line in found)
    assert record.differences(kept, {k: v for k, v in kept.items() if k != "desk.txt"})
    assert record.differences(kept, kept) == []
