"""Granting a case: whoever applied for an entry, or claimed one, becomes its operator."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from catalog.office.cases import decisions
from catalog.office.models import ReviewCase
from catalog.vocabulary import CaseKind
from marketplace.kernel.audit import note
from marketplace.kernel.errors import DomainError
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.staff.models import User
from marketplace.staff.roles import Role

ADMITS = frozenset({CaseKind.APPLICATION, CaseKind.CLAIM})
"""Kinds of case that make their author an operator."""


class NoApplicant(DomainError):
    """The author's account is not an applicant's any more, so it cannot be given an enterprise."""

    code = "no_applicant"
    http_status = 409
    message = "申请人的账号已经属于另一家企业，或已停用，不能再办理这份申请。请退回并说明"


def accept_case(
    work: UnitOfWork,
    *,
    case_id: int,
    version: int,
    overrides: Mapping[str, str],
    remark: str,
    reviewer_id: int,
) -> ReviewCase:
    """Grant a case; the author of an application or claim becomes the enterprise's operator.

    Sessions of the author go on: the next page they open is the operator's.

    Raises:
        NoApplicant: the account belongs to an enterprise already, or is disabled. And what
        ``catalog.office.cases.decisions.accept`` raises.
    """
    case = decisions.accept(
        work,
        case_id=case_id,
        version=version,
        overrides=overrides,
        remark=remark,
        reviewer_id=reviewer_id,
    )
    if case.kind not in ADMITS:
        return case
    author = work.session.scalars(
        sa.select(User)
        .where(User.id == case.author_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if author.role is not Role.APPLICANT or author.disabled_at is not None:
        raise NoApplicant
    author.role, author.enterprise_id = Role.OPERATOR, case.enterprise_id
    work.session.flush()
    note(
        work.session,
        actor=work.actor,
        action="account.admitted",
        subject=("staff_user", author.id),
        now=work.now,
        enterprise=case.enterprise_id,
        case=case.id,
    )
    return case
