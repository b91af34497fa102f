"""Every step of a case and of an enterprise, in every state, by everybody, through the front door.

What the tables do not allow is tried as well, and must change nothing at all.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from catalog import service
from catalog.models import Enterprise
from catalog.office.entries import delisting
from catalog.office.models import Delisting, ReviewCase, Suspension
from catalog.states import CASE_MOVES, ENTERPRISE_MOVES, CaseStatus, EnterpriseStatus
from marketplace.kernel.audit import AuditEntry
from marketplace.kernel.outbox import OutboxRow
from marketplace.staff.models import User
from marketplace.staff.roles import Role
from marketplace.web.protection.access_notes import DENIED
from tests.factories import NOW
from tests.support.review import Counter, enter
from tests.support.staff import Browser, House

AUTHOR, NEIGHBOUR, APPLICANT = "an operator of the house", "another operator", "an applicant"
CLERK, COLLEAGUE, NOBODY = "who has it", "a colleague", "nobody"
EVERYBODY = (AUTHOR, NEIGHBOUR, APPLICANT, CLERK, COLLEAGUE, NOBODY)
OFFICE = (CLERK, COLLEAGUE)
D, A, U, R = CaseStatus.DRAFT, CaseStatus.APPLIED, CaseStatus.UNDER_REVIEW, CaseStatus.RETURNED
OK, NO, GONE = CaseStatus.ACCEPTED, CaseStatus.REFUSED, CaseStatus.WITHDRAWN

CASE_STEPS: dict[str, tuple[str, dict[str, str]]] = {
    "submit": ("{author}/{id}/check", {}),
    "withdraw": ("{author}/{id}/withdraw", {}),
    "take up": ("/office/cases/{id}/take-up", {}),
    "lay back": ("/office/cases/{id}/lay-back", {}),
    "accept": ("/office/cases/{id}/accept", {}),
    "return": ("/office/cases/{id}/return", {"reasons": "incomplete"}),
    "refuse": ("/office/cases/{id}/refuse", {"reasons": "duplicate"}),
}
"""Where each step of a case is taken, and what its form says."""
CASE_ALLOWED: dict[tuple[CaseStatus, str], dict[str, CaseStatus]] = {
    (D, "submit"): {AUTHOR: A},
    (R, "submit"): {AUTHOR: A},
    (D, "withdraw"): {AUTHOR: GONE},
    (A, "withdraw"): {AUTHOR: GONE},
    (R, "withdraw"): {AUTHOR: GONE},
    (A, "take up"): {CLERK: U, COLLEAGUE: U},
    (U, "lay back"): {CLERK: A},
    (U, "accept"): {CLERK: OK},
    (U, "return"): {CLERK: R},
    (U, "refuse"): {CLERK: NO},
}
"""Who may take which step, and where it leads; nobody else may, and nowhere else."""

PROPOSED = "proposed"
ENTERPRISE_STEPS: dict[str, tuple[str, dict[str, str]]] = {
    "suspend": ("/office/enterprises/{code}/suspend", {"reason": "消防检查没有通过"}),
    "reinstate": ("/office/enterprises/{code}/reinstate", {}),
    "propose": ("/office/enterprises/{code}/delist", {"reason": "已经停业"}),
    "carry": ("/office/delistings/{delisting}/carry", {}),
    "reject": ("/office/delistings/{delisting}/reject", {}),
    "take back": ("/office/delistings/{delisting}/take-back", {}),
}
ENTERPRISE_ALLOWED: dict[tuple[str, str], dict[str, str]] = {
    ("listed", "suspend"): dict.fromkeys(OFFICE, "suspended"),
    ("suspended", "reinstate"): dict.fromkeys(OFFICE, "listed"),
    ("suspended", "propose"): dict.fromkeys(OFFICE, PROPOSED),
    (PROPOSED, "reinstate"): dict.fromkeys(OFFICE, "listed"),
    (PROPOSED, "carry"): {COLLEAGUE: "delisted"},
    (PROPOSED, "reject"): {COLLEAGUE: "suspended"},
    (PROPOSED, "take back"): {CLERK: "suspended"},
}
"""The clerk is who proposed; ``proposed`` is a suspended enterprise with an open proposal."""


class Street:
    """The house, its neighbour, and everybody's browser, signed in."""

    def __init__(self, app: Flask, counter: Counter, house: House, neighbour: House) -> None:
        self.services, self.house, self.counter = house.services, house, counter
        accounts = {
            AUTHOR: ("author", Role.OPERATOR, house.room.enterprise_id),
            NEIGHBOUR: ("neighbour", Role.OPERATOR, neighbour.room.enterprise_id),
            APPLICANT: ("applicant", Role.APPLICANT, None),
            CLERK: ("clerk", Role.OFFICE, None),
            COLLEAGUE: ("colleague", Role.OFFICE, None),
        }
        self.browsers = {who: Browser(app.test_client()) for who in EVERYBODY}
        for who, account in accounts.items():
            enter(self.browsers[who], self.counter.person(*account))
        self.browsers[NOBODY].open("/account/sign-in")

    def press(self, who: str, address: str, form: dict[str, str]) -> int:
        """Send a form as somebody; returns how the answer was."""
        browser = self.browsers[who]
        answer = browser.client.post(address, data={"csrf_token": browser.token, **form})
        if answer.status_code == 302:
            assert "/account/sign-in" in answer.location
        return answer.status_code

    def everything(self) -> list[Any]:
        """What a step might have changed: the states, and how much stands in the trail."""
        tables = (ReviewCase, Enterprise, Suspension, Delisting, User)
        with self.services.database.read() as session:
            rows: list[Any] = [
                [tuple(row) for row in session.execute(sa.select(*table.__table__.c))]
                for table in tables
            ]
            counts = sa.select(
                sa.select(sa.func.count(AuditEntry.id))
                .where(AuditEntry.action != DENIED)  # that somebody was refused is noted
                .scalar_subquery(),
                sa.select(sa.func.count(OutboxRow.id)).scalar_subquery(),
            )
            return [*rows, tuple(session.execute(counts).one())]

    def fresh_case(self, status: CaseStatus) -> int:
        """Put the cases there are away, and make one that stands where ``status`` says."""
        with self.services.database.write() as session:
            session.execute(sa.update(ReviewCase).values(open_for=None))
        return self.counter.bring_to(status)

    def fresh_house(self, state: str) -> int:
        """Bring the house into a state; returns the id of its last proposal, or of none."""
        clerk, actor = self.counter.person("clerk"), self.counter.actor("clerk")
        enterprise_id = self.house.room.enterprise_id
        with self.services.database.write() as session:
            session.execute(sa.update(Delisting).values(open_for=None))
            session.execute(sa.update(Suspension).values(ended_at=NOW))
            row = session.get_one(Enterprise, enterprise_id)
            row.status, row.suspended_reason = EnterpriseStatus.LISTED, None
            session.flush()
            if state == "listed":
                return 999
            given = {"enterprise_id": enterprise_id, "actor": actor, "now": NOW}
            service.suspend(session, reason="查", **given)
            if state == PROPOSED:
                return delisting.propose(session, reason="停业", asked_by=clerk, **given).id
            if state == "delisted":
                service.delist(session, **given)
            return 999

    def state(self) -> str:
        """Where the house stands."""
        with self.services.database.read() as session:
            enterprise = session.get_one(Enterprise, self.house.room.enterprise_id)
            proposal = delisting.delisting_of(session, enterprise.id)
        if proposal is not None and enterprise.status is EnterpriseStatus.SUSPENDED:
            return PROPOSED
        return enterprise.status.value


@pytest.fixture
def street(app: Flask, counter: Counter, house: House, neighbour: House) -> Street:
    return Street(app, counter, house, neighbour)


def address_of(street: Street, step: str, who: str, case_id: int) -> tuple[str, dict[str, str]]:
    """Where somebody would take a step, with the version that the case is at."""
    path, form = CASE_STEPS[step]
    author = "/apply" if who == APPLICANT else "/operator/entry/changes"
    version = str(street.counter.case(case_id).version)
    return path.format(id=case_id, author=author), {"version": version, **form}


class Cases:
    """Steps of cases."""

    steps, allowed = CASE_STEPS, CASE_ALLOWED
    states = tuple(CaseStatus)

    def __init__(self, street: Street) -> None:
        self.street = street
        self.id = 0

    def bring_to(self, state: CaseStatus) -> None:
        self.id = self.street.fresh_case(state)

    def state(self) -> CaseStatus:
        return self.street.counter.case(self.id).status

    def press(self, step: str, who: str) -> Callable[[], int]:
        """Fill the form in as it is shown now; what is returned sends it as often as called."""
        address, form = address_of(self.street, step, who, self.id)
        return lambda: self.street.press(who, address, form)

    def refused_with(self, step: str, who: str) -> set[int]:
        """How a step answers somebody who may not take it; the office is told in words."""
        by_the_author = step in ("submit", "withdraw")
        if who in OFFICE:
            return {403} if by_the_author else {303, 404, 409}
        if who == AUTHOR:
            return {303} if by_the_author else {403}
        return {404} if by_the_author else {403}


class Houses:
    """Steps of an enterprise."""

    steps, allowed = ENTERPRISE_STEPS, ENTERPRISE_ALLOWED
    states = ("listed", "suspended", PROPOSED, "delisted")

    def __init__(self, street: Street) -> None:
        self.street = street
        self.proposal = 0
        with street.services.database.read() as session:
            self.code = session.get_one(Enterprise, street.house.room.enterprise_id).code

    def bring_to(self, state: str) -> None:
        self.proposal = self.street.fresh_house(state)

    def state(self) -> str:
        return self.street.state()

    def press(self, step: str, who: str) -> Callable[[], int]:
        path, form = ENTERPRISE_STEPS[step]
        address = path.format(code=self.code, delisting=self.proposal)
        return lambda: self.street.press(who, address, form)

    def refused_with(self, step: str, who: str) -> set[int]:
        return {303, 403, 404} if who in OFFICE else {403}


@pytest.mark.parametrize("kind", [Cases, Houses])
def test_what_the_table_does_not_allow_changes_nothing(
    street: Street, kind: type[Cases] | type[Houses]
) -> None:
    things, wrong = kind(street), []
    for state in things.states:
        things.bring_to(state)
        before = street.everything()
        for step, who in itertools.product(things.steps, EVERYBODY):
            if who in things.allowed.get((state, step), {}):
                continue
            answer = things.press(step, who)()
            expected = {302} if who == NOBODY else things.refused_with(step, who)
            if answer not in expected or street.everything() != before:
                wrong.append((state, step, who, answer))
                before = street.everything()
    assert wrong == []


@pytest.mark.parametrize("kind", [Cases, Houses])
def test_what_the_table_allows_is_done_and_done_once(
    street: Street, kind: type[Cases] | type[Houses]
) -> None:
    things, wrong = kind(street), []
    for (state, step), allowed in things.allowed.items():
        for who, then in allowed.items():
            things.bring_to(state)
            send = things.press(step, who)
            answer = send()
            done = street.everything()
            if (answer, things.state()) != (303, then):
                wrong.append((state, step, who, answer, things.state()))
            if send() not in (303, 409) or street.everything() != done:
                wrong.append((state, step, who, "twice"))
    assert wrong == []


def reachable(allowed: dict[Any, dict[str, Any]], of: Callable[[Any], Any]) -> set[tuple[Any, Any]]:
    """The moves that the table allows to somebody."""
    moves = {(of(state), of(then)) for (state, _), by in allowed.items() for then in by.values()}
    return {(first, then) for first, then in moves if first != then}


def test_the_tables_hold_every_move_there_is() -> None:
    assert reachable(CASE_ALLOWED, lambda status: status) == {
        (status, then) for status, moves in CASE_MOVES.items() for then in moves
    }
    named = {PROPOSED: EnterpriseStatus.SUSPENDED}
    assert reachable(
        ENTERPRISE_ALLOWED, lambda state: named.get(state) or EnterpriseStatus(state)
    ) == {(status, then) for status, moves in ENTERPRISE_MOVES.items() for then in moves}
