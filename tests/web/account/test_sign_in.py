"""Signing in and out, limits, and the way back to the page that asked for it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from flask import Flask
from limits import parse
from werkzeug.test import TestResponse

from marketplace.bootstrap import Services
from marketplace.staff.roles import Role
from marketplace.web.protection import attempts, limits
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


def browser_at(app: Flask, network: str) -> Browser:
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = network
    return Browser(client)


def fail(browser: Browser, login: str = "front", times: int = attempts.FREE) -> None:
    for _ in range(times):
        browser.sign_in(login, "wrong word", expect=401)


class TestLimits:
    def test_each_further_try_waits_longer_and_a_success_forgives(
        self, app: Flask, browser: Browser
    ) -> None:
        waits = []
        with time_machine.travel("2027-06-01T04:00:00Z", tick=False) as time:
            fail(browser)
            for _ in range(8):
                answer = sign_in(browser)
                assert answer.status_code == 429
                waits.append(int(answer.headers["Retry-After"]))
                assert sign_in(browser).status_code == 429, "who waits is not made to wait longer"
                time.shift(waits[-1] + 1)
                fail(browser, times=1)
            assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600]
            time.shift(3601)
            assert sign_in(browser).status_code == 303
            fail(browser_at(app, "127.0.0.1"), times=attempts.FREE - 1)

    def test_nobody_locks_a_colleague_out_from_elsewhere(self, app: Flask) -> None:
        for number in range(10):
            fail(browser_at(app, f"10.1.0.{number}"))
        assert sign_in(browser_at(app, "10.1.0.99")).status_code == 303

    def test_nor_from_the_office_they_share(self, app: Flask, browser: Browser) -> None:
        browser.sign_in("front")
        browser.send("/account/sign-out")
        stranger = Browser(app.test_client())
        fail(stranger)
        assert sign_in(stranger).status_code == 429
        assert sign_in(browser).status_code == 303

    def test_a_device_that_is_known_to_one_is_a_stranger_to_others(
        self, browser: Browser, app: Flask
    ) -> None:
        browser.sign_in("front")
        browser.send("/account/sign-out")
        fail(browser, "clerk")
        assert sign_in(browser, login="clerk").status_code == 429
        assert sign_in(Browser(app.test_client()), login="clerk").status_code == 429

    @pytest.mark.parametrize("forged", ["", "x", "W10.x", '["a",["b"]]', "a.b.c", "é"])
    def test_a_forged_device_is_a_stranger(self, app: Flask, browser: Browser, forged: str) -> None:
        browser.client.set_cookie(attempts.COOKIE, forged)
        fail(browser)
        assert sign_in(browser).status_code == 429

    def test_a_known_device_waits_too(self, browser: Browser) -> None:
        browser.sign_in("front")
        browser.send("/account/sign-out")
        fail(browser)
        assert sign_in(browser).status_code == 429

    @pytest.mark.parametrize(
        ("one", "other", "same"),
        [
            ("2001:db8:1:2::1", "2001:db8:1:2:aaaa::9", True),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
            ("::ffff:203.0.113.9", "203.0.113.9", True),
            ("203.0.113.9", "203.0.113.10", False),
        ],
    )
    def test_one_line_is_one_origin(self, app: Flask, one: str, other: str, same: bool) -> None:
        fail(browser_at(app, one))
        assert sign_in(browser_at(app, other)).status_code == (429 if same else 303)

    def test_the_login_is_one_however_it_is_written(self, browser: Browser) -> None:
        for login in ("front", "Front", " front", "FRONT ", "front"):
            browser.sign_in(login, "wrong word", expect=401)
        assert sign_in(browser).status_code == 429

    def test_a_network_that_tries_very_often_waits_whatever_it_tries(
        self, browser: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(attempts, "WIDE", parse("12 per 15 minutes"))
        for number in range(12):
            browser.sign_in(f"guess{number}", "wrong word", expect=401)
        assert sign_in(browser).status_code == 429

    def test_tries_that_arrive_together_are_not_looked_at_together(self, app: Flask) -> None:
        with app.test_request_context("/", environ_base={"REMOTE_ADDR": "10.9.0.1"}):
            tries = attempts.at_login("front")

        def one(_: int) -> bool:
            with app.app_context():
                try:
                    tries.spend()
                except limits.TooManyTries:
                    return False
                return True

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(one, range(60))) == attempts.FREE


class TestSignOut:
    def test_it_ends_the_session(self, browser: Browser) -> None:
        browser.sign_in("front")
        assert "工作人员登录" in browser.send("/account/sign-out")
        assert browser.client.get("/operator/").status_code == 302

    def test_an_address_alone_does_not_sign_out(self, browser: Browser) -> None:
        browser.sign_in("front")
        assert browser.client.get("/account/sign-out").status_code == 405
        browser.open("/operator/")
