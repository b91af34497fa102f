"""A form that came after its session is there again after signing in; for its owner only."""

from __future__ import annotations

import datetime as dt
import io
import re

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace import tasks
from marketplace.bootstrap import Services
from marketplace.inventory.models import StockDay
from marketplace.kernel.clock import SetClock
from marketplace.staff import kept_forms
from marketplace.staff.models import KeptForm, User
from marketplace.staff.roles import Role
from tests.factories import TODAY
from tests.support.app import BOTH
from tests.support.staff import PASSWORD, Browser, House, make_staff

FIRST = TODAY + dt.timedelta(days=10)
PAGE = SENT = "/operator/calendar/edit"
STEP = "/apply/1/place"
HERE = {"Referer": f"http://localhost{PAGE}"}
Case = tuple[str, dict[str, str]]
KEPT_WORDS, LOST_WORDS = "替您留 30 分钟", "刚才交的没有存下来"


def edit(house: House) -> dict[str, object]:
    return {
        "room": str(house.room.room_type_id),
        "first": FIRST.isoformat(),
        "last": FIRST.isoformat(),
        "weekdays": list("0123456"),
        "price": "",
        "state": "",
        "capacity": "看情况",  # not to be read: the form comes back with it
    }


def too_late(browser: Browser, house: House, url: str = SENT, **fields: object) -> str:
    """Send a form after the session has run out; returns the sign-in page."""
    browser.open(PAGE)
    house.clock.advance(hours=12)
    answer = browser.client.post(
        url, data={"csrf_token": browser.token, **(fields or edit(house))}, headers=HERE
    )
    assert answer.status_code == 302
    return browser.open(answer.location)


def sign_in(browser: Browser, login: str = "front") -> str:
    return browser.send("/account/sign-in", login=login, password=PASSWORD, next=PAGE)


def send_on(browser: Browser, page: str) -> tuple[int, str]:
    """Press the button as a browser does: the same fields go on to where it is sent."""
    form = page.split('action="/account/kept/send"')[1].split("</form>", maxsplit=1)[0]
    fields = re.findall(r'name="([^"]+)" value="([^"]*)"', form)
    data: dict[str, list[str]] = {}
    for name, value in fields:
        data.setdefault(name, []).append(value)
    answer = browser.client.post("/account/kept/send", data=data)
    if answer.status_code == 307:
        answer = browser.client.post(answer.location, data=data)
    return answer.status_code, answer.get_data(as_text=True)


def rows(services: Services) -> int:
    with services.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(KeptForm)) or 0


@pytest.mark.parametrize("database_kind", BOTH)
class TestKept:
    def test_it_is_shown_after_signing_in_and_sent_on_once(
        self, operator: Browser, house: House, services: Services
    ) -> None:
        asked = too_late(operator, house)
        assert KEPT_WORDS in asked
        assert LOST_WORDS not in asked
        assert "看情况" not in asked
        with services.database.read() as session:
            raw = session.execute(sa.text("SELECT form FROM staff_kept_form")).scalar_one()
        assert "calendar" not in raw
        page = sign_in(operator)
        assert "刚才填的还在" in page
        assert '<li><span class="soft">房间数</span> 看情况' in " ".join(page.split())
        assert rows(services) == 1
        status, back = send_on(operator, page)
        assert (status, 'value="看情况"' in back) == (422, True)
        assert rows(services) == 0
        assert "没有留着的内容" in operator.open("/account/kept", follow=True)

    def test_nothing_is_done_before_it_is_sent_on(
        self, operator: Browser, house: House, services: Services
    ) -> None:
        fields = {**edit(house), "capacity": "1"}
        too_late(operator, house, **fields)
        page = sign_in(operator)
        status, plan = send_on(operator, page)
        assert status == 200
        assert "fingerprint" in plan
        with services.database.read() as session:
            capacity = session.scalar(
                sa.select(StockDay.capacity).where(
                    StockDay.pool_id == house.room.pool_id, StockDay.day == FIRST
                )
            )
        assert capacity == 2, "the difference is asked about first, as always"


def test_a_long_text_of_an_application_as_well(applicant: Browser, clock: SetClock) -> None:
    """The forms of applications may be longer than others; so may what is sent on."""
    applicant.open("/account/")
    clock.advance(hours=12)
    fields = {"note_zh": "林间木屋" * 2_500}
    answer = applicant.client.post(STEP, data={"csrf_token": applicant.token, **fields})
    assert KEPT_WORDS in applicant.open(answer.location)
    assert fields["note_zh"] in sign_in(applicant, "asker")
    answer = applicant.client.post(
        "/account/kept/send", data={"csrf_token": applicant.token, **fields}
    )
    assert (answer.status_code, answer.location) == (307, STEP)


class TestWhose:
    def test_somebody_else_who_signs_in_there_sees_nothing_of_it(
        self, operator: Browser, house: House, services: Services
    ) -> None:
        make_staff(services, "evening", Role.OPERATOR, house.room.enterprise_id)
        too_late(operator, house)
        page = sign_in(operator, "evening")
        assert "刚才填的还在" not in page
        assert rows(services) == 0
        operator.send("/account/sign-out")
        assert "刚才填的还在" not in sign_in(operator)

    def test_nor_does_who_carries_its_token_into_another_account(
        self, app: Flask, operator: Browser, house: House, services: Services
    ) -> None:
        make_staff(services, "evening", Role.OPERATOR, house.room.enterprise_id)
        too_late(operator, house)
        with operator.client.session_transaction() as cookie:
            token = cookie["kept"]
        other = Browser(app.test_client())
        other.sign_in("evening")
        with other.client.session_transaction() as cookie:
            cookie["kept"] = token
        assert "看情况" not in other.open("/account/kept", follow=True)
        assert rows(services) == 1
        assert "刚才填的还在" in sign_in(operator)

    def test_nor_the_same_person_elsewhere(
        self, app: Flask, operator: Browser, house: House
    ) -> None:
        too_late(operator, house)
        phone = Browser(app.test_client())
        phone.sign_in("front")
        assert "看情况" not in phone.open("/account/kept", follow=True)

    def test_a_form_of_another_site_is_not_kept(
        self, operator: Browser, house: House, services: Services
    ) -> None:
        operator.open(PAGE)
        house.clock.advance(hours=12)
        answer = operator.client.post(SENT, data=edit(house))
        assert answer.status_code == 400
        assert rows(services) == 0

    def test_it_is_not_sent_on_by_another_site(
        self, operator: Browser, house: House, services: Services
    ) -> None:
        too_late(operator, house)
        sign_in(operator)
        assert operator.client.post("/account/kept/send").status_code == 400
        assert operator.client.post(SENT, data=edit(house)).status_code == 400
        assert rows(services) == 1

    def test_signing_out_forgets_it(
        self, operator: Browser, house: House, services: Services
    ) -> None:
        too_late(operator, house)
        sign_in(operator)
        operator.send("/account/sign-out")
        assert rows(services) == 0

    def test_not_for_an_account_that_was_disabled(
        self, operator: Browser, house: House, services: Services
    ) -> None:
        operator.open(PAGE)
        with services.database.write() as session:
            session.execute(sa.update(User).values(disabled_at=house.clock.now()))
        answer = operator.client.post(
            SENT, data={"csrf_token": operator.token, **edit(house)}, headers=HERE
        )
        assert LOST_WORDS in operator.open(answer.location)
        assert rows(services) == 0

    def test_the_twin_that_asks_not_whose_it_is_is_caught(
        self, operator: Browser, house: House, services: Services, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = kept_forms.find
        with services.database.read() as session:
            owner = session.scalars(sa.select(User.id)).one()
        monkeypatch.setattr(
            kept_forms, "find", lambda session, **ask: real(session, **{**ask, "user_id": owner})
        )
        with pytest.raises(AssertionError):
            self.test_somebody_else_who_signs_in_there_sees_nothing_of_it(operator, house, services)


class TestNotKept:
    def test_after_half_an_hour(self, operator: Browser, house: House, services: Services) -> None:
        too_late(operator, house)
        house.clock.advance(minutes=30)
        assert "刚才填的还在" not in sign_in(operator)
        too_late(operator, house)
        house.clock.advance(minutes=30)
        tasks.forget_lapsed(services)
        assert rows(services) == 0

    @pytest.mark.parametrize(
        "case",
        [
            ("/account/password", {"old_password": PASSWORD, "new_password": "x", "again": "x"}),
            ("/account/recovery-codes", {"password": PASSWORD}),
            ("/operator/bookings/x/no-show", {"refund_fen": "0"}),
            (SENT, {"room": " "}),
            (SENT, {"room": "x" * 2_000}),
        ],
    )
    def test_what_must_not_be(
        self, operator: Browser, house: House, case: Case, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        url, fields = case
        monkeypatch.setattr(kept_forms, "MOST_SYMBOLS", 2_000)
        assert LOST_WORDS in too_late(operator, house, url, **fields)
        assert rows(house.services) == 0

    def test_files_and_passwords(self, operator: Browser, house: House, services: Services) -> None:
        fields = {**edit(house), "file": (io.BytesIO(b"%PDF-1.7"), "a.pdf"), "password": PASSWORD}
        assert KEPT_WORDS in too_late(operator, house, **fields)
        with services.database.read() as session:
            form = session.scalars(sa.select(KeptForm.form)).one()
        assert "看情况" in form
        assert PASSWORD not in form
        assert "PDF" not in form

    def test_what_is_not_wanted_any_more(
        self, operator: Browser, house: House, services: Services
    ) -> None:
        too_late(operator, house)
        sign_in(operator)
        operator.send("/account/kept/drop")
        assert rows(services) == 0


@pytest.mark.parametrize(
    "referrer", ["http://localhost//elsewhere.example/x", "http://elsewhere.example/x"]
)
def test_dropping_a_form_leads_to_no_other_host(
    operator: Browser, house: House, monkeypatch: pytest.MonkeyPatch, referrer: str
) -> None:
    monkeypatch.setitem(HERE, "Referer", referrer)
    too_late(operator, house)
    sign_in(operator)
    answer = operator.client.post("/account/kept/drop", data={"csrf_token": operator.token})
    assert (answer.status_code, answer.location) == (303, "/operator/")
