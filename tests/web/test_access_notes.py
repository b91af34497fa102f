"""Looking at a person's data is written down, whatever the answer that shows it."""

from __future__ import annotations

import html

import pytest
import sqlalchemy as sa

from catalog.service import suspend
from catalog.states import CaseStatus
from marketplace.bootstrap import Services
from marketplace.kernel.audit import SYSTEM, AuditEntry
from marketplace.staff.models import User
from tests.support.review import CONTACT, Counter
from tests.support.staff import SECRET, Browser, House
from tests.web.audiences import OFFICE, OPERATOR
from tests.web.every_route import Site, send


class TestWhoeverLooksIsWrittenDown:
    """Every answer that shows staff a person is an entry with who read it, a refused form too."""

    PEOPLE = ("王秀英", "13900000001", CONTACT["name"], CONTACT["phone"])
    LOOKS = ("personal_data.", "data.", "case.contact_read")

    @pytest.fixture
    def case_id(self, services: Services, house: House) -> int:
        """A case with a contact before the office."""
        return Counter(services.database, house.room.enterprise_id).bring_to(CaseStatus.APPLIED)

    @pytest.fixture(params=["expected", "in the house", "to be rehoused"])
    def stage(
        self, request: pytest.FixtureRequest, site: Site, operator: Browser, services: Services
    ) -> str:
        """How far the guest's stay is."""
        with services.database.write() as session:
            session.execute(sa.update(User).where(User.login == "front").values(totp_secret=SECRET))
        if request.param == "in the house":
            operator.send(f"/operator/bookings/{site.booking_id}/check-in")
        if request.param == "to be rehoused":
            with services.database.write() as session:
                suspend(
                    session,
                    enterprise_id=site.house.room.enterprise_id,
                    reason="消防检查",
                    actor=SYSTEM,
                    now=services.clock.now(),
                )
            site.house.work()
        return str(request.param)

    def seen(self, site: Site, browser: Browser, login: str, audience: str) -> list[str]:
        """Send every request of ``audience``; returns the routes that showed a person."""
        shown = []
        for rule, method in site.rules(audience):
            site.house.clock.advance(minutes=16)  # a look of its own
            answer = send(browser.client, method, site.address(rule), browser.token)
            if (answer.location or "").startswith("/account/sign-in"):
                browser.sign_in(login)
                answer = send(browser.client, method, site.address(rule), browser.token)
            page = html.unescape(answer.get_data().decode(errors="replace"))
            answer.close()
            if any(person in page for person in self.PEOPLE):
                shown.append(rule.endpoint)
                assert self.noted(site, login), (rule.endpoint, method, answer.status)
        return shown

    def noted(self, site: Site, login: str) -> list[str]:
        """What was written down of ``login`` at this moment."""
        with site.house.services.database.read() as session:
            rows = session.scalars(
                sa.select(AuditEntry.action)
                .join(User, sa.cast(User.id, sa.String) == AuditEntry.actor_id)
                .where(User.login == login, AuditEntry.at == site.house.clock.now())
            )
            return [action for action in rows if action.startswith(self.LOOKS)]

    def test_of_an_operator(self, site: Site, operator: Browser, stage: str) -> None:
        shown = self.seen(site, operator, "front", OPERATOR)
        assert {"operator.today", "operator.arrivals", "operator.booking"} <= set(shown), stage

    def test_of_the_office(self, site: Site, office: Browser, case_id: int, stage: str) -> None:
        office.send(f"/office/cases/{case_id}/contact")
        shown = self.seen(site, office, "clerk", OFFICE)
        assert "office.case" in shown
        assert stage != "to be rehoused" or "office.accept_for_guest" in shown
