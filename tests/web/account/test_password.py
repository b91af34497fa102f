"""Changing the password."""

from __future__ import annotations

from flask import Flask

from tests.support.staff import PASSWORD, Browser

NEW = "amber-larch-snow"


def change(browser: Browser, *, expect: int = 303, **fields: str) -> str:
    browser.open("/account/password")
    form = {"old_password": PASSWORD, "new_password": NEW, "again": NEW, **fields}
    return browser.send("/account/password", expect=expect, **form)


class TestPassword:
    def test_other_sessions_end_and_this_one_goes_on(self, operator: Browser, app: Flask) -> None:
        elsewhere = Browser(app.test_client())
        elsewhere.sign_in("front")
        assert "密码改好了" in change(operator)
        operator.open("/operator/")
        assert elsewhere.client.get("/operator/").status_code == 302
        Browser(app.test_client()).sign_in("front", expect=401)
        Browser(app.test_client()).sign_in("front", NEW)

    def test_a_wrong_old_password_changes_nothing(self, operator: Browser, app: Flask) -> None:
        page = change(operator, expect=422, old_password="not this one")
        assert "现在的密码不对" in page
        assert NEW not in page
        Browser(app.test_client()).sign_in("front")

    def test_the_new_one_is_written_twice_alike(self, operator: Browser) -> None:
        assert "两次写的新密码不一样" in change(operator, expect=422, again="amber-larch-rain")

    def test_a_weak_one_is_refused(self, operator: Browser) -> None:
        page = change(operator, expect=422, new_password="short", again="short")
        assert "10 到 128 个字符" in page

    def test_it_needs_a_sign_in(self, browser: Browser) -> None:
        assert browser.client.get("/account/password").status_code == 302
