"""What a reviewer does with a case: take it up, lay it back, accept, return or refuse it."""

from __future__ import annotations

from collections.abc import Callable

from flask import redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from catalog.office.cases import case_review, review_queue
from catalog.office.cases import decisions as steps
from catalog.office.cases.case_lifecycle import LONGEST_REMARK
from catalog.office.cases.decisions import FactsMoved
from catalog.service import LONGEST_REASON
from catalog.states import WrongCaseState
from catalog.vocabulary import ReturnReason
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.staff.access_grants import accept_case
from marketplace.staff.roles import Permission
from marketplace.web.auth import needs, staff
from marketplace.web.context import now, services, today, unit_of_work
from marketplace.web.forms import reader
from marketplace.web.office.base import blueprint
from marketplace.web.office.cases import CASE, Typed, case_page
from marketplace.web.staff_frame import errors_of, say, warn

Answer = Response | tuple[str, int]
DECIDED = "这份申请的状态先前已经改过，没有重复办理"


@blueprint.post(f"/cases/{CASE}/take-up")
@needs(Permission.REVIEW_CASES)
def take_up(case_id: int) -> Response:
    """Begin to review a case."""
    try:
        with services().database.write() as session:
            steps.take_up(
                unit_of_work(session, staff().actor),
                case_id=case_id,
                reviewer_id=staff().account.id,
            )
    except WrongCaseState:
        warn(DECIDED)
    else:
        say("这份申请现在由您审核")
    return _to_case(case_id)


@blueprint.post(f"/cases/{CASE}/lay-back")
@needs(Permission.REVIEW_CASES)
def lay_back(case_id: int) -> Answer:
    """Give a case back to the queue."""
    me = staff()
    return _decide(
        case_id,
        "已放回队列，同事可以接着审核",
        lambda session: case_review.lay_back(
            unit_of_work(session, me.actor),
            case_id=case_id,
            reviewer_id=me.account.id,
        ),
    )


@blueprint.post(f"/cases/{CASE}/accept")
@needs(Permission.REVIEW_CASES)
def accept(case_id: int) -> Answer:
    """Grant a case: its facts become true."""
    typed = _typed(case_id)
    return _decide(
        case_id, "已通过，资料已经生效", lambda session: _accept(session, case_id, typed)
    )


def _accept(session: Session, case_id: int, typed: Typed) -> None:
    me = staff()
    case_review.hold(session, case_id=case_id, reviewer_id=me.account.id)
    accept_case(
        unit_of_work(session, me.actor),
        case_id=case_id,
        version=_version(),
        overrides=typed.overrides,
        remark=typed.words,
        reviewer_id=me.account.id,
    )


@blueprint.post(f"/cases/{CASE}/return")
@needs(Permission.REVIEW_CASES)
def send_back(case_id: int) -> Answer:
    """Return a case to its author with reasons."""
    return _turn_down(case_id, "已退回，申请人会收到通知", for_good=False)


@blueprint.post(f"/cases/{CASE}/refuse")
@needs(Permission.REVIEW_CASES)
def refuse(case_id: int) -> Answer:
    """End a case without granting it."""
    return _turn_down(case_id, "已按不予通过办结，申请人会收到通知", for_good=True)


def _turn_down(case_id: int, done: str, *, for_good: bool) -> Answer:
    me, typed = staff(), _typed(case_id)
    return _decide(
        case_id,
        done,
        lambda session: case_review.turn_down(
            unit_of_work(session, me.actor),
            case_id=case_id,
            version=_version(),
            for_good=for_good,
            reasons=[ReturnReason(reason) for reason in typed.reasons],
            remark=typed.remark,
            reviewer_id=me.account.id,
        ),
    )


def _decide(case_id: int, done: str, step: Callable[[Session], None]) -> Answer:
    """Take a step in one transaction; one that is refused shows the case again, as it is now."""
    try:
        with services().database.write() as session:
            step(session)
    except NotFound:
        raise
    except WrongCaseState:
        warn(DECIDED)
        return _to_case(case_id)
    except DomainError as error:
        if isinstance(error, FactsMoved):
            with services().database.write() as session:
                case_review.compare_anew(
                    session, case_id=case_id, reviewer_id=staff().account.id, now=now()
                )
        return case_page(case_id, _typed(case_id), errors_of(error)), error.http_status
    say(done)
    return _to_case(case_id)


def _to_case(case_id: int) -> Response:
    return redirect(url_for("office.case", case_id=case_id), 303)


def _version() -> int:
    return reader.posted().key("version") or 0


def _typed(case_id: int) -> Typed:
    """Return what the forms of the case's page say; words of cure are numbered in their order."""
    with services().database.read() as session:
        cures = review_queue.review(session, case_id, today=today()).found.cures
    form = reader.posted()
    given = form.all_sent("reasons")
    return Typed(
        overrides={
            word: form.text(f"override_{number}", LONGEST_REASON + 1)
            for number, word in enumerate(cures)
        },
        words=form.text("words", LONGEST_REMARK),
        reasons=tuple(reason.value for reason in ReturnReason if reason.value in given),
        remark=form.text("remark", LONGEST_REMARK + 1),
    )
