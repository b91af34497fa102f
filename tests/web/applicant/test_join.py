"""Making an account on the public page, and what can be claimed."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from catalog.models import Enterprise
from marketplace.bootstrap import Services
from marketplace.staff.models import User
from tests.support.entering import Applicant
from tests.support.staff import PASSWORD, Browser


@pytest.fixture
def stranger(browser: Browser, ground: Services) -> Applicant:
    """Somebody at the public page."""
    return Applicant(browser, ground)


def accounts(services: Services) -> int:
    with services.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(User)) or 0


def form(browser: Browser, **fields: str) -> dict[str, str]:
    browser.open("/join")
    return {
        "csrf_token": browser.token,
        "login": "jinshunji",
        "new_password": PASSWORD,
        "contact_name": "金顺姬",
        "contact_phone": "13943300001",
        "consent": "1",
        **fields,
    }


class TestJoin:
    def test_it_says_who_sees_what_and_leads_to_an_empty_application(
        self, stranger: Applicant
    ) -> None:
        page = stranger.browser.open("/join")
        assert "只有您和名录办看得到" in page
        assert "要准备什么" in page
        assert "草稿" in stranger.join()
        assert "我的申请" in stranger.browser.open("/join", follow=True)

    def test_two_short_steps_of_which_the_first_keeps_nothing(
        self, stranger: Applicant, services: Services
    ) -> None:
        browser = stranger.browser
        first = {"contact_name": "金顺姬", "contact_phone": "139 4330 0001", "consent": "1"}
        page = browser.open("/join?claim=JL001")
        assert 'name="login"' not in page
        page = browser.send("/join", expect=422, claim="JL001", contact_name="", contact_phone="1")
        for said in ("请填写联系人", "手机号码是11位数字", "同意后打勾"):
            assert said in page
        assert "账号名要" not in page
        page = browser.send("/join", expect=200, claim="JL001", **first)
        assert 'name="contact_phone" value="139 4330 0001"' in page
        assert 'name="claim" value="JL001"' in page
        page = browser.send("/join", expect=422, claim="JL001", login="", new_password="", **first)
        assert "账号名要" in page
        assert 'name="contact_name" value="金顺姬"' in page
        assert accounts(services) == 0
        browser.send("/join", claim="", login="jinshunji", new_password=PASSWORD, **first)
        assert accounts(services) == 1

    def test_everything_wrong_is_said_at_once_and_kept(self, stranger: Applicant) -> None:
        fields = form(stranger.browser, login="王", new_password="short", contact_phone="1")
        answer = stranger.browser.client.post("/join", data=fields)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422
        for said in (
            "账号名要 4 到 40 个字符",
            "密码要有 10 到 128 个字符",
            "手机号码是11位数字，这里少了",
        ):
            assert said in page
        assert 'value="金顺姬"' in page
        assert "short" not in page
        fields = form(stranger.browser, consent="")
        assert stranger.browser.client.post("/join", data=fields).status_code == 422
        both = form(stranger.browser, consent="", contact_phone="1")
        page = stranger.browser.client.post("/join", data=both).get_data(as_text=True)
        assert "手机号码是11位数字，这里少了" in page
        assert "请先看上面的说明，同意后打勾" in page
        assert accounts(stranger.services) == 0

    def test_pressed_twice_it_makes_one_account(self, stranger: Applicant, app: Flask) -> None:
        fields = form(stranger.browser)
        second = app.test_client()
        second.set_cookie("session", stranger.browser.client.get_cookie("session").value)  # type: ignore[union-attr]
        assert stranger.browser.client.post("/join", data=fields).status_code == 303
        assert second.post("/join", data=fields).status_code == 303
        assert accounts(stranger.services) == 1

    def test_a_name_that_is_taken_opens_nothing(self, stranger: Applicant, app: Flask) -> None:
        stranger.join()
        other = Browser(app.test_client())
        fields = form(other, new_password="maple-otter-lamp")
        answer = other.client.post("/join", data=fields)
        assert answer.status_code == 422
        assert "已经有人用了" in answer.get_data(as_text=True)
        assert other.client.get("/apply/").status_code == 302

    def test_tries_are_counted(self, stranger: Applicant) -> None:
        fields = form(stranger.browser, consent="")
        for _ in range(10):
            assert stranger.browser.client.post("/join", data=fields).status_code == 422
        assert stranger.browser.client.post("/join", data=fields).status_code == 429


class TestClaim:
    def test_what_is_not_to_be_had_is_neither_found_nor_claimed(self, stranger: Applicant) -> None:
        stranger.join()
        assert "白桦林康养村" in stranger.browser.open("/apply/claim?q=白桦林")
        free = {"planned": False, "is_sample": False, "claimed": False, "status": "listed"}
        for name, value in (
            ("planned", True),
            ("is_sample", True),
            ("claimed", True),
            ("status", "suspended"),
        ):
            with stranger.services.database.write() as session:
                session.execute(sa.update(Enterprise).values({**free, name: value}))
            assert "没有找到可以认领的企业" in stranger.browser.open("/apply/claim?q=白桦林")
            assert "现在不能认领" in stranger.browser.send("/apply/claim/JL001")

    def test_one_at_a_time_and_one_for_each_entry(self, stranger: Applicant, app: Flask) -> None:
        stranger.join()
        stranger.claim("JL001")
        stranger.claim("JL001")
        assert "一个账号只对应一家企业" in stranger.browser.send("/apply/new")
        other = Applicant(Browser(app.test_client()), stranger.services)
        other.join("piaoyuji")
        other.business()
        assert "一个账号只对应一家企业" in other.browser.send("/apply/claim/JL001")
        third = Applicant(Browser(app.test_client()), stranger.services)
        third.join("cuimeilan")
        # A draft keeps nobody away; what is before the office does (TestClaims).
        assert "已经有一份没办完的申请" not in third.browser.send("/apply/claim/JL001")
        third.browser.open("/apply/claim")
        third.browser.send("/apply/claim/JL999", expect=404)
