"""Delisting takes two people, one proposal at a time, and a suspension that still holds."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from catalog import service
from catalog.models import Enterprise
from catalog.office.entries import delisting
from catalog.office.entries.delisting import (
    DecidedAlready,
    NotTheProposer,
    ProposedAlready,
    TwoPeople,
)
from catalog.office.models import Delisting
from catalog.states import EnterpriseStatus, WrongEnterpriseState
from marketplace.kernel.db import Database
from marketplace.kernel.errors import DomainError, Invalid, NotFound
from tests.factories import NOW, make_enterprise
from tests.support.review import Counter


class Pair(Counter):
    """Two people of the office and a suspended enterprise."""

    def suspend(self) -> None:
        with self.database.write() as session:
            service.suspend(
                session,
                enterprise_id=self.enterprise_id,
                reason="消防检查没有通过",
                actor=self.actor("first"),
                now=self.now,
            )

    def reinstate(self) -> None:
        with self.database.write() as session:
            service.reinstate(
                session,
                enterprise_id=self.enterprise_id,
                actor=self.actor("first"),
                now=self.now,
            )

    def propose(self, who: str = "first", reason: str = "已经停业") -> int:
        by, actor = self.person(who), self.actor(who)
        with self.database.write() as session:
            return delisting.propose(
                session,
                enterprise_id=self.enterprise_id,
                reason=reason,
                asked_by=by,
                actor=actor,
                now=self.now,
            ).id

    def decide_on(self, delisting_id: int, who: str = "second", *, carry: bool = True) -> None:
        by, actor = self.person(who), self.actor(who)
        with self.database.write() as session:
            delisting.decide(
                session,
                delisting_id=delisting_id,
                carry=carry,
                decided_by=by,
                actor=actor,
                now=self.now,
            )

    def take_back(self, delisting_id: int, who: str = "first") -> None:
        by, actor = self.person(who), self.actor(who)
        with self.database.write() as session:
            delisting.take_back(
                session, delisting_id=delisting_id, by=by, actor=actor, now=self.now
            )

    @property
    def status(self) -> EnterpriseStatus:
        with self.database.read() as session:
            return session.get_one(Enterprise, self.enterprise_id).status

    @property
    def said(self) -> list[str]:
        return [
            action.rpartition(".")[2] for action in self.story("enterprise", self.enterprise_id)
        ]


@pytest.fixture
def pair(database: Database) -> Pair:
    with database.write() as session:
        enterprise_id = make_enterprise(session)
    found = Pair(database, enterprise_id)
    found.suspend()
    return found


def test_a_second_person_carries_it_out_and_everything_is_noted(pair: Pair) -> None:
    proposal = pair.propose()
    assert pair.status is EnterpriseStatus.SUSPENDED
    pair.decide_on(proposal)
    assert pair.status is EnterpriseStatus.DELISTED
    assert pair.said == ["suspended", "proposed", "carried", "delisted"]
    with pair.database.read() as session:
        row = session.get_one(Delisting, proposal)
        assert delisting.delisting_of(session, pair.enterprise_id) is None
    assert (row.asked_by, row.decided_by) == (pair.person("first"), pair.person("second"))
    assert (row.carried, row.open_for, row.decided_at) == (True, None, NOW)


def test_the_proposer_is_no_second_person(pair: Pair) -> None:
    proposal = pair.propose()
    for carry in (True, False):
        with pytest.raises(TwoPeople):
            pair.decide_on(proposal, "first", carry=carry)
    with pytest.raises(NotTheProposer):
        pair.take_back(proposal, "second")
    assert pair.status is EnterpriseStatus.SUSPENDED
    assert pair.said == ["suspended", "proposed"]


@pytest.mark.parametrize("way", ["rejected", "taken_back"])
def test_turned_down_or_taken_back_it_is_over_and_may_be_proposed_again(
    pair: Pair, way: str
) -> None:
    proposal = pair.propose()
    if way == "rejected":
        pair.decide_on(proposal, carry=False)
    else:
        pair.take_back(proposal)
    for again in (
        lambda: pair.decide_on(proposal),
        lambda: pair.decide_on(proposal, carry=False),
        lambda: pair.take_back(proposal),
    ):
        with pytest.raises(DecidedAlready):
            again()
    assert pair.said == ["suspended", "proposed", way]
    pair.decide_on(pair.propose("second"), "first")
    assert pair.status is EnterpriseStatus.DELISTED


def test_only_one_proposal_is_open_and_only_for_a_suspended_enterprise(pair: Pair) -> None:
    with pytest.raises(Invalid):
        pair.propose(reason="  ")
    pair.propose()
    with pytest.raises(ProposedAlready):
        pair.propose("second")
    pair.reinstate()
    with pytest.raises(WrongEnterpriseState):
        pair.propose("second")
    with pair.database.write() as session, pytest.raises(NotFound):
        delisting.decide(
            session,
            delisting_id=999,
            carry=True,
            decided_by=1,
            actor=pair.actor("second"),
            now=NOW,
        )


def test_a_proposal_made_in_an_earlier_suspension_can_only_be_turned_down(pair: Pair) -> None:
    proposal = pair.propose()
    pair.reinstate()
    with pytest.raises(WrongEnterpriseState):
        pair.decide_on(proposal)
    pair.now = NOW.replace(hour=9)
    pair.suspend()
    with pytest.raises(WrongEnterpriseState):
        pair.decide_on(proposal)
    with pair.database.read() as session:
        found = delisting.delisting_of(session, pair.enterprise_id)
    assert found is not None
    assert found.lapsed
    fresh = pair.propose("second")
    with pytest.raises(DecidedAlready):
        pair.decide_on(proposal)
    pair.decide_on(fresh, "first")
    assert pair.status is EnterpriseStatus.DELISTED


def test_of_many_deciders_at_once_one_decides(pair: Pair) -> None:
    proposal = pair.propose()
    people = [("second", True), ("third", True), ("fourth", False), ("first", None)]
    for who, _ in people:
        pair.person(who)
    outcomes: list[str] = []
    together = threading.Barrier(len(people))

    def run(who: str, carry: bool | None) -> None:
        together.wait()
        try:
            if carry is None:
                pair.take_back(proposal, who)
            else:
                pair.decide_on(proposal, who, carry=carry)
        except DomainError as error:
            outcomes.append(error.code)
        else:
            outcomes.append("done")

    threads = [threading.Thread(target=run, args=one) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes) == ["decided_already"] * 3 + ["done"]
    with pair.database.read() as session:
        row = session.scalars(sa.select(Delisting)).one()
    assert (pair.status is EnterpriseStatus.DELISTED) == bool(row.carried)
