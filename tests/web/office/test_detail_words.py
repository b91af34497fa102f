"""The trail in words: every action and every member that the code writes, old and odd ones too."""

from __future__ import annotations

import ast
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g

from catalog.states import CaseStatus, ListingStatus
from marketplace.booking.states import EventType
from marketplace.kernel.audit import Actor, note
from marketplace.kernel.db import Base
from marketplace.web.office.trail.detail_words import told
from marketplace.web.office.trail.page_names import FILES
from marketplace.web.office.trail.trail_words import LABELS
from marketplace.web.rendering import labels
from tests.support.staff import Browser, House

ROOT = Path(__file__).resolve().parents[3]
ACTION = re.compile(r"[a-z_]+\.[a-z_]+")
AREAS = {action.partition(".")[0] for action in labels.ACTIONS}
WRITERS = {
    "note", "_note", "Fact", "_about", "decided", "end_case", "changed", "_note_failed",
    "_note_signed_in",
}  # fmt: skip
"""Functions that write to the trail, or hand on what is written."""
ALSO_WITH_MEMBERS = {"new_task", "tell"}
PUT_TOGETHER = {
    "case.": {f"case.{one}" for one in CaseStatus if one not in {"draft", "under_review"}},
    "listing.": {f"listing.{one}" for one in ListingStatus},
    "partner.": {"partner.paid", "partner.payment_undone", "partner.credit_changed"},
    ".accepted": {"enterprise.accepted", "listing.accepted"},
}
"""Actions whose names the code puts together, by the part that stands in it."""
OTHERWISE = {
    *("import.step", "payment.close", "refund.submit"),
    *("import.give", "import.change"),
    *("payment.failed", "payment.processing", "payment.succeeded"),
    *("keys.json", "rooms.csv"),
}
"""Words that look like actions: topics, locks, what a gateway tells, files."""
PARAMETERS = {
    "actor", "action", "subject", "now", "more", "noted", "total_before_fen", "total_after_fen",
    "mark", "booking_id", "key", "kind", "code",
}  # fmt: skip
"""What else the writers are given: everything but this is a member of a detail."""


def sources() -> Iterator[ast.AST]:
    """Every node of the code but those of the words themselves."""
    for folder in ("catalog", "marketplace"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            if file.name not in {"labels.py", "trail_words.py"}:
                yield from ast.walk(ast.parse(file.read_text(encoding="utf-8")))


def named(call: ast.Call) -> str:
    func = call.func
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


def others(app: Flask) -> set[str]:
    """What is named like an action and is a page, a column or an event of the partners' log."""
    pages = {rule.endpoint for rule in app.url_map.iter_rules()}
    tables = Base.metadata.tables.values()
    columns = {f"{table.name}.{column.name}" for table in tables for column in table.columns}
    return pages | columns | {one.value for one in EventType} | OTHERWISE


def written() -> set[str]:
    """Every action that the code may write, whole names and those that are put together."""
    found: set[str] = set()
    for node in sources():
        word = str(node.value) if isinstance(node, ast.Constant) else ""
        if ACTION.fullmatch(word) and word.partition(".")[0] in AREAS:
            found.add(word)
        if not isinstance(node, ast.Call) or named(node) not in WRITERS:
            continue
        for one in [*node.args, *(word.value for word in node.keywords if word.arg == "action")]:
            if isinstance(one, ast.Constant) and ACTION.fullmatch(str(one.value)):
                found.add(str(one.value))
            elif isinstance(one, ast.JoinedStr):
                parts = (part.value for part in one.values if isinstance(part, ast.Constant))
                found |= PUT_TOGETHER["".join(str(part) for part in parts)]
    return found


def members() -> set[str]:
    """Every member that the code may write into a detail."""
    found: set[str] = set()
    for node in sources():
        if isinstance(node, ast.Call) and named(node) in WRITERS | ALSO_WITH_MEMBERS:
            found |= {word.arg for word in node.keywords if word.arg}
            for word in node.keywords:
                if word.arg == "noted" and isinstance(word.value, ast.Dict):
                    keys = (key for key in word.value.keys if isinstance(key, ast.Constant))
                    found |= {str(key.value) for key in keys}
    return found - PARAMETERS


def test_every_action_that_the_code_writes_has_words(app: Flask) -> None:
    found = written()
    assert sorted(found - set(labels.ACTIONS) - others(app)) == []
    assert len(found) > 80


def test_every_member_that_the_code_writes_has_words() -> None:
    found = members()
    assert {"fee_fen", "bank_ref", "expires_on", "overrides", "change"} <= found
    assert sorted(found - {word.rpartition(":")[2] for word in LABELS}) == []


def test_every_file_that_may_be_taken_has_a_name(app: Flask) -> None:
    taken = {
        name
        for name, view in app.view_functions.items()
        if "notes" in vars(view) and ".csv" in str(app.url_map._rules_by_endpoint[name])
    }
    assert taken <= set(FILES)


SAYS: list[tuple[str, dict[str, Any], str, str]] = [
    (
        "payment.received",
        {"amount_fen": 459_765, "currency": "CNY", "payment": "pay1"},
        "金额：¥4,597.65；货币：人民币；付款编号：pay1",
        "Amount: ¥4,597.65; Currency: Chinese yuan; Payment number: pay1",
    ),
    (
        "booking.cancelled",
        {"fee_fen": 0, "refund_fen": 134_710, "reason": "health"},
        "扣下的费用：¥0；退给客人：¥1,347.10；原因：身体原因",
        "Fee kept: ¥0; Back to the guest: ¥1,347.10; Reason: Health",
    ),
    (
        "booking.changed",
        {"change": "c7", "kind": "shorten", "difference_fen": -22_900, "fee_fen": 0},
        "改了什么：少住几晚；总价：少 ¥229；扣下的费用：¥0；改订编号：c7",
        "What changes: Fewer nights; Total: ¥229 less; Fee kept: ¥0; Change number: c7",
    ),
    (
        "rooms.blocked",
        {"block": 3, "first": "2027-06-20", "last": "2027-06-23", "units": 2},
        "日子：2027年6月20日 星期日 到 2027年6月22日 星期二，共 3 天；间数：2；锁房编号：3",
        (
            "Dates: Sunday, 20 June 2027 to Tuesday, 22 June 2027, 3 days in all; Rooms: 2; "
            "Block number: 3"
        ),
    ),
    (
        "calendar.changed",
        {"first": "2027-06-20", "last": "2027-06-20", "days": 1, "closed": True},
        "日子：2027年6月20日 星期日；开关：关房",
        "Dates: Sunday, 20 June 2027; Open or closed: Closed",
    ),
    (
        "price.changed",
        {"first": "2027-07-01", "last": "2027-07-31", "days": 9, "list_fen": None},
        "日子：2027年7月1日 星期四 到 2027年7月31日 星期六，共 9 天；每晚的价格：按价目",
        (
            "Dates: Thursday, 1 July 2027 to Saturday, 31 July 2027, 9 days in all; "
            "Price a night: By the price list"
        ),
    ),
    (
        "partner.credit_changed",
        {"before_fen": 100, "fen": 5_000_000},
        "信用额度：¥1 → ¥50,000",
        "Credit limit: ¥1 → ¥50,000",
    ),
    (
        "licence.recorded",
        {"licence": 9, "kind": "fire", "expires_on": ""},
        "证照：消防安全检查合格证明；到期日：没有期限；登记编号：9",
        "Licences: Fire safety certificate; Last valid day: Without end; Record number: 9",
    ),
    (
        "case.returned",
        {"kind": "claim", "reasons": ["incomplete"]},
        "申请的种类：认领申请；原因：资料不全，请补齐空缺的项目",
        "Kind of case: Claim; Reason: Something is missing",
    ),
    ("account.sign_in_failed", {"step": "code"}, "哪一步：验证码", "Which step: Code"),
    (
        "account.signed_in",
        {"second_factor": "app"},
        "第二步：手机上的验证码",
        "Second step: Code on the phone",
    ),
    (
        "keys.rotated",
        {"purposes": ["audit", "index"]},
        "哪些密钥：封存操作记录、查找电话",
        "Which keys: Seal the audit trail, Find telephones",
    ),
    (
        "import.undone",
        {"taken_back": 4, "kept": 1},
        "撤回的行：4；留着没撤的行：1",
        "Lines taken back: 4; Lines left as they are: 1",
    ),
    ("enterprise.changed", {"reason": ""}, "", ""),
]
ODD: list[tuple[str, dict[str, Any], str]] = [
    ("payment.received", {"amount_fen": "much", "currency": "XTS"}, "金额：much；货币：XTS"),
    (
        "booking.cancelled",
        {"reason": "old_word", "fee_fen": None},
        "扣下的费用：没有；原因：old_word",
    ),
    ("rooms.blocked", {"first": "soon", "last": 7}, "第一天：soon；最后一天：7"),
    ("some.thing", {"unheard": {"a": [1, True]}}, "unheard：a 1、是"),
    (
        "case.returned",
        {"reasons": "late", "overrides": [{"word": "x"}]},
        "原因：late；放过的词：word x",
    ),
    ("case.accepted", {"kind": 5, "overrides": []}, "申请的种类：5；放过的词："),
    ("account.admitted", {"enterprise": 10**30, "case": None}, f"企业：{10**30}；申请：没有"),
]


def in_words(app: Flask, lang: str, action: str, detail: dict[str, Any]) -> str:
    with app.test_request_context("/en/" if lang == "en" else "/"):
        g.lang = lang
        return ("; " if lang == "en" else "；").join(str(fact) for fact in told(action, detail, {}))


@pytest.mark.parametrize(("action", "detail", "zh", "en"), SAYS)
def test_details_are_told_in_the_words_of_the_reader(
    app: Flask, action: str, detail: dict[str, Any], zh: str, en: str
) -> None:
    assert in_words(app, "zh", action, detail) == zh
    assert in_words(app, "en", action, detail) == en


@pytest.mark.parametrize(("action", "detail", "zh"), ODD)
def test_what_older_releases_wrote_is_told_as_it_stands(
    app: Flask, action: str, detail: dict[str, Any], zh: str
) -> None:
    assert in_words(app, "zh", action, detail) == zh


def test_the_page_names_what_an_entry_is_about_and_leads_there(
    office: Browser, house: House
) -> None:
    booking_id = house.booked()
    with house.services.database.write() as session:
        enterprise = house.room.enterprise_id
        for subject, detail in (
            (("enterprise", enterprise), {"reason": "屋顶在修"}),
            (("staff_user", 10**17), {"enterprise": enterprise, "case": 77}),
            (("room_type", house.room.room_type_id), {"list_fen": 12_345}),
            (("refund", "gone"), {"booking": booking_id}),
            (("no such kind", "x" * 40), {"enterprise": {"a": 1}}),
        ):
            note(
                session,
                actor=Actor("robot", "r2"),
                action="enterprise.suspended",
                subject=subject,
                now=house.clock.now(),
                **detail,
            )
    page = office.open("/office/trail")
    assert "amount_fen" not in re.sub(r"<details.*?</details>", "", page, flags=re.S)
    assert "¥" in page
    code = re.findall(r'href="/office/enterprises/([^"]+)"', page)
    assert len(code) == 3
    assert len(set(code)) == 1
    assert "屋顶在修" in page
    english = office.open("/en/office/trail")
    told_in_english = re.sub(r"<details.*?</details>", "", english.split("<tbody>")[1], flags=re.S)
    assert "Amount" in told_in_english


def test_the_file_keeps_words_and_what_is_kept(office: Browser, house: House) -> None:
    house.booked()
    answer = office.client.get("/office/trail.csv?action=payment.received")
    head, row = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    kept = dict(zip(head, row, strict=True))
    assert '"currency":"CNY"' in kept["细节（原文）"]
    assert "货币：人民币" in kept["细节"]
    assert kept["做了什么"] == "收到付款"
    assert kept["做了什么（原文）"] == "payment.received"
    assert kept["对象"].startswith("订单 ")
