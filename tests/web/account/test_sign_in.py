"""Signing in and out, limits, and the way back to the page that asked for it."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from marketplace.accounts.roles import Role
from marketplace.bootstrap import Services
from tests.support.staff import PASSWORD, Browser, House, make_staff

WRONG = "账号或密码不对"


@pytest.fixture(autouse=True)
def people(services: Services, house: House) -> None:
    make_staff(services, "front", Role.OPERATOR, house.room.enterprise_id)
    make_staff(services, "clerk", Role.OFFICE, None)


def sign_in(browser: Browser, **fields: str) -> TestResponse:
    browser.open("/account/sign-in")
    form = {"csrf_token": browser.token, "login": "front", "password": PASSWORD, **fields}
    return browser.client.post("/account/sign-in", data=form)


class TestSignIn:
    def test_an_operator_comes_to_the_day_and_the_office_to_the_directory(
        self, browser: Browser, app: Flask
    ) -> None:
        assert "今晚空房" in browser.sign_in("front")
        assert "企业名录" in Browser(app.test_client()).sign_in(" Clerk ")

    @pytest.mark.parametrize(
        ("login", "password"), [("front", "not the password"), ("nobody", PASSWORD), ("", "")]
    )
    def test_unknown_login_and_wrong_password_look_the_same(
        self, browser: Browser, login: str, password: str
    ) -> None:
        page = browser.sign_in(login, password, expect=401)
        assert WRONG in page
        assert "<title>出错:" in page
        assert f'value="{login}"' in page
        if password:
            assert password not in page

    def test_the_cookie_holds_nothing_of_the_session_before(self, browser: Browser) -> None:
        with browser.client.session_transaction() as before:
            before["planted"] = "by somebody else"
        browser.sign_in("front")
        with browser.client.session_transaction() as after:
            assert "planted" not in after

    def test_pages_of_staff_are_kept_by_no_cache(self, browser: Browser) -> None:
        browser.sign_in("front")
        assert browser.client.get("/operator/").headers["Cache-Control"] == "no-store"

    def test_a_form_without_its_token_is_refused(self, browser: Browser) -> None:
        answer = browser.client.post(
            "/account/sign-in", data={"login": "front", "password": PASSWORD}
        )
        assert answer.status_code == 400


class TestWayBack:
    @pytest.mark.parametrize("wanted", ["/operator/calendar?month=2027-07", "/en/operator/blocks"])
    def test_own_page_that_asked(self, browser: Browser, wanted: str) -> None:
        asked = browser.client.get(wanted)
        assert asked.status_code == 302
        assert "/account/sign-in?next=" in asked.location
        assert sign_in(browser, next=wanted).location == wanted

    @pytest.mark.parametrize(
        "wanted",
        [
            "https://example.org/operator/",
            "//example.org/operator/",
            "/\\example.org",
            "javascript:alert(1)",
            "/operator/\r\nX: 1",
            "/office/",
            "/operator/notices",
            "/account/sign-out",
            "/no-such-page",
        ],
    )
    def test_anything_else_is_forgotten(self, browser: Browser, wanted: str) -> None:
        assert sign_in(browser, next=wanted).location == "/operator/"


class TestLimits:
    def test_a_login_tried_too_often_waits_wherever_the_tries_come_from(self, app: Flask) -> None:
        for number in range(10):
            client = app.test_client()
            client.environ_base["REMOTE_ADDR"] = f"10.1.0.{number}"
            Browser(client).sign_in("front", "wrong word", expect=401)
        last = app.test_client()
        last.environ_base["REMOTE_ADDR"] = "10.1.0.99"
        browser = Browser(last)
        answer = sign_in(browser)
        assert answer.status_code == 429
        assert int(answer.headers["Retry-After"]) > 0
        Browser(last).sign_in("clerk")

    def test_an_address_that_tries_too_often_waits_whatever_it_tries(
        self, browser: Browser
    ) -> None:
        for number in range(10):
            browser.sign_in(f"guess{number}", "wrong word", expect=401)
        assert sign_in(browser).status_code == 429


class TestSignOut:
    def test_it_ends_the_session(self, browser: Browser) -> None:
        browser.sign_in("front")
        assert "工作人员登录" in browser.send("/account/sign-out")
        assert browser.client.get("/operator/").status_code == 302

    def test_an_address_alone_does_not_sign_out(self, browser: Browser) -> None:
        browser.sign_in("front")
        assert browser.client.get("/account/sign-out").status_code == 405
        browser.open("/operator/")

    def test_a_session_ends_after_twelve_hours(self, browser: Browser, house: House) -> None:
        browser.sign_in("front")
        house.clock.advance(hours=11, minutes=59)
        browser.open("/operator/")
        house.clock.advance(minutes=2)
        assert browser.client.get("/operator/").status_code == 302
