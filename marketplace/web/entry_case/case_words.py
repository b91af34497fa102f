"""What is said of a case in a list and on its own page: where it stands and what happens next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.labels import label
from catalog.office.models import ReviewCase
from catalog.states import CASE_OPEN, CaseStatus
from catalog.vocabulary import ReturnReason
from marketplace.web.context import lang
from marketplace.web.i18n import translate

NEXT = {
    CaseStatus.DRAFT: "请填完每一步，再提交。填到一半可以离开，下次接着填",
    CaseStatus.APPLIED: "名录办收到了，会按先后审核。审核开始以前可以撤回",
    CaseStatus.UNDER_REVIEW: "名录办正在审核，请等结果",
    CaseStatus.RETURNED: "请按退回的原因修改，然后再提交",
    CaseStatus.ACCEPTED: "已经通过，资料已经写进名录",
    CaseStatus.REFUSED: "没有通过，原因写在下面",
    CaseStatus.WITHDRAWN: "已经撤回，名录里什么也没有改",
}
"""What happens next, as message ids."""
TONES = {
    CaseStatus.DRAFT: "",
    CaseStatus.APPLIED: "info",
    CaseStatus.UNDER_REVIEW: "info",
    CaseStatus.RETURNED: "wait",
    CaseStatus.ACCEPTED: "good",
    CaseStatus.REFUSED: "bad",
    CaseStatus.WITHDRAWN: "",
}


@dataclass(frozen=True, slots=True)
class CaseShown:
    """What is said of a case in a list and on its own page."""

    id: int
    kind: str
    name: str
    status: str
    tone: str
    next: str
    """What comes next, and who does it."""
    updated_at: dt.datetime
    reasons: Sequence[str]
    remark: str
    returned: bool
    open: bool


def told(case: ReviewCase) -> CaseShown:
    """Return a case for its pages."""
    return CaseShown(
        id=case.id,
        kind=label(case.kind, lang()),
        name=case.document.get("name_zh", ""),
        status=label(case.status, lang()),
        tone=TONES[case.status],
        next=translate(NEXT[case.status]),
        updated_at=case.updated_at,
        reasons=[label(ReturnReason(reason), lang()) for reason in case.reasons],
        remark=case.remark,
        returned=case.status is CaseStatus.RETURNED,
        open=case.status in CASE_OPEN,
    )
