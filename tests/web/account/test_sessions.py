"""Sessions on the server: seen, ended, run out, and revoked with the password."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.bootstrap import Services
from marketplace.staff.models import User, UserSession
from marketplace.staff.roles import Role
from marketplace.web.auth import TOKEN
from tests.support.staff import Browser, House, make_staff

PHONE = "Mozilla/5.0 (Linux; Android 14; Mobile) AppleWebKit/537.36 Chrome/120.0 Mobile Safari"


def rows(services: Services) -> list[UserSession]:
    with services.database.read() as session:
        return list(session.scalars(sa.select(UserSession).order_by(UserSession.id)))


def is_in(browser: Browser, page: str = "/operator/") -> bool:
    with browser.client.get(page) as answer:
        assert answer.status_code in (200, 302)
        return answer.status_code == 200


@pytest.fixture
def elsewhere(app: Flask, operator: Browser) -> Browser:
    """The same person's telephone, signed in too."""
    phone = Browser(app.test_client())
    phone.client.environ_base["HTTP_USER_AGENT"] = PHONE
    phone.sign_in("front")
    return phone


class TestSignOut:
    def test_a_kept_cookie_opens_nothing_afterwards(self, operator: Browser, app: Flask) -> None:
        cookie = operator.client.get_cookie("session")
        assert cookie is not None
        operator.open("/operator/")
        operator.send("/account/sign-out")
        thief = app.test_client()
        thief.set_cookie("session", cookie.value)
        assert not is_in(Browser(thief))

    def test_twice_is_harmless(self, operator: Browser, services: Services) -> None:
        operator.send("/account/sign-out")
        operator.send("/account/sign-out")
        assert [row.ended_at is not None for row in rows(services)] == [True]

    def test_the_database_keeps_no_token(self, operator: Browser, services: Services) -> None:
        with operator.client.session_transaction() as cookie:
            token = cookie[TOKEN]
        assert token not in [row.digest for row in rows(services)]


class TestRunningOut:
    def test_an_operator_rests_for_twelve_hours(self, operator: Browser, house: House) -> None:
        for _ in range(3):
            house.clock.advance(hours=11, minutes=59)
            assert is_in(operator)
        house.clock.advance(hours=12)
        assert not is_in(operator)

    def test_an_operator_signs_in_anew_after_seven_days(
        self, operator: Browser, house: House
    ) -> None:
        for _ in range(15):
            house.clock.advance(hours=11)
            assert is_in(operator)
        house.clock.advance(hours=3)
        assert not is_in(operator)

    def test_the_office_rests_for_half_an_hour(self, office: Browser, house: House) -> None:
        house.clock.advance(minutes=29)
        assert is_in(office, "/office/")
        house.clock.advance(minutes=30)
        assert not is_in(office, "/office/")
        assert "登录已经结束" in office.open("/office/", follow=True)

    def test_what_is_sent_too_late_is_said_to_be_lost_and_its_page_is_found_again(
        self, office: Browser, house: House
    ) -> None:
        page = "/office/trail?action=account.signed_in"
        office.open(page)
        house.clock.advance(minutes=30)
        for sent_from, then in (
            (f"http://localhost{page}", page),
            ("https://elsewhere.example/office/", "/office/"),
            ("", "/office/"),
        ):
            answer = office.client.post(
                "/office/tasks/1/done",
                data={"csrf_token": office.token},
                headers={"Referer": sent_from} if sent_from else {},
            )
            assert answer.status_code == 302
            asked = office.open(answer.location)
            assert "刚才交的没有存下来" in asked
            back = then if then == page else ""
            assert (f'name="next" value="{back}"' in asked) == bool(back)

    def test_the_office_signs_in_anew_after_twelve_hours(
        self, office: Browser, house: House
    ) -> None:
        for _ in range(25):
            house.clock.advance(minutes=28)
            assert is_in(office, "/office/")
        house.clock.advance(minutes=20)
        assert not is_in(office, "/office/")

    def test_use_is_written_down_once_a_minute_at_most(
        self, operator: Browser, house: House, services: Services
    ) -> None:
        began = rows(services)[0].seen_at
        house.clock.advance(seconds=59)
        operator.open("/operator/")
        assert rows(services)[0].seen_at == began
        house.clock.advance(seconds=1)
        operator.open("/operator/")
        assert rows(services)[0].seen_at == house.clock.now()


class TestOwnPage:
    def test_lists_devices_in_plain_words(self, operator: Browser, elsewhere: Browser) -> None:
        page = operator.open("/account/")
        assert "手机 · Android · Chrome" in page
        assert "这里" in page
        assert "12 小时不用，或满 7 天" in page
        assert "Mozilla" not in page
        assert "Phone · Android" in elsewhere.open("/en/account/")

    def test_one_is_ended(self, operator: Browser, elsewhere: Browser, services: Services) -> None:
        phone = rows(services)[1].id
        operator.open("/account/")
        assert "结束了" in operator.send(f"/account/sessions/{phone}/end")
        assert not is_in(elsewhere)
        assert is_in(operator)
        assert "先前已经结束" in operator.send(f"/account/sessions/{phone}/end")

    def test_all_others_are_ended(self, operator: Browser, elsewhere: Browser) -> None:
        operator.open("/account/")
        operator.send("/account/sessions/end-others")
        assert not is_in(elsewhere)
        assert is_in(operator)

    def test_nobody_ends_somebody_elses(
        self, operator: Browser, office: Browser, services: Services
    ) -> None:
        operator.open("/account/")
        operator.send(f"/account/sessions/{rows(services)[1].id}/end")
        assert is_in(office, "/office/")


def test_a_disabled_account_is_out_at_once(operator: Browser, services: Services) -> None:
    with services.database.write() as session:
        session.execute(sa.update(User).values(disabled_at=sa.func.now()))
    assert not is_in(operator)


@pytest.mark.parametrize("token", ["", "1:stamp", "x" * 5000, "1", "é"])
def test_cookies_of_older_releases_and_noise_are_nobody(
    app: Flask, services: Services, house: House, token: str
) -> None:
    make_staff(services, "front", Role.OPERATOR, house.room.enterprise_id)
    browser = Browser(app.test_client())
    with browser.client.session_transaction() as cookie:
        cookie[TOKEN] = token
    assert not is_in(browser)
