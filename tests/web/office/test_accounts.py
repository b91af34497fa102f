"""The office looks after accounts: each act asked first, noted, and never one's own."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask

from catalog.models import Enterprise
from marketplace.bootstrap import Services
from marketplace.staff.models import User
from marketplace.staff.roles import Role
from tests.support.staff import Browser, House, make_staff


def account(services: Services, login: str) -> User:
    with services.database.read() as session:
        return session.scalars(sa.select(User).where(User.login == login)).one()


def address(services: Services, login: str, act: str = "") -> str:
    return f"/office/accounts/{account(services, login).id}" + (f"/{act}" if act else "")


def password_of(page: str) -> str:
    found = re.search(r"[a-z2-9]{4}(?:-[a-z2-9]{4}){3}", page)
    assert found is not None
    return found[0]


def test_found_by_login_or_by_house(office: Browser, operator: Browser) -> None:
    assert "front" in office.open("/office/accounts?q=fro")
    assert "front" in office.open("/office/accounts?q=示例")
    assert "没有符合条件的账号" in office.open("/office/accounts?q=%25")
    assert office.open("/office/accounts?page=99&q=\\")


def test_disabled_after_a_question_and_enabled_again(
    office: Browser, operator: Browser, services: Services, app: Flask
) -> None:
    url = address(services, "front", "disable")
    assert "马上退出所有地方" in office.open(url)
    assert account(services, "front").disabled_at is None
    assert "已停用" in office.send(url)
    assert operator.client.get("/operator/").status_code == 302
    Browser(app.test_client()).sign_in("front", expect=401)
    office.send(url)
    assert "能登录" in office.send(address(services, "front", "enable"))
    Browser(app.test_client()).sign_in("front")
    assert "共 1 条" in office.open("/office/trail?action=account.disabled")


def test_a_new_password_is_shown_once_and_changed_first(
    office: Browser, operator: Browser, services: Services, app: Flask
) -> None:
    url = address(services, "front", "password")
    office.open(url)
    made = password_of(office.send(url, expect=200))
    assert operator.client.get("/operator/").status_code == 302
    assert made not in office.open(address(services, "front"))
    assert "这个密码是别人为您设的" in Browser(app.test_client()).sign_in("front", made)


def test_sessions_are_listed_and_ended(
    office: Browser, operator: Browser, services: Services
) -> None:
    assert "最近使用" in office.open(address(services, "front"))
    url = address(services, "front", "sessions")
    office.open(url)
    assert "没有在任何地方登录" in office.send(url)
    assert operator.client.get("/operator/").status_code == 302


@pytest.mark.parametrize("act", ["disable", "password", "second_step"])
def test_nobody_does_it_to_themselves(office: Browser, services: Services, act: str) -> None:
    office.open("/office/accounts")
    assert "请同事来办" in office.send(address(services, "clerk", act))
    office.open("/office/")


@pytest.mark.parametrize("act", ["password", "second_step"])
def test_a_colleagues_way_in_is_not_to_be_had_by_one_person(
    office: Browser, services: Services, act: str
) -> None:
    make_staff(services, "colleague", Role.OFFICE, None)
    before = account(services, "colleague")
    office.open("/office/accounts")
    assert "用命令重设" in office.send(address(services, "colleague", act))
    after = account(services, "colleague")
    assert (after.password_hash, after.totp_secret) == (before.password_hash, before.totp_secret)


def test_somebody_of_a_house_gets_an_account(
    office: Browser, house: House, services: Services, app: Flask
) -> None:
    with services.database.read() as session:
        code = session.get_one(Enterprise, house.room.enterprise_id).code
    office.open("/office/accounts/new")
    office.send("/office/accounts/new", expect=422, login="newdesk", enterprise="XX99")
    page = office.send("/office/accounts/new", expect=200, login="newdesk", enterprise=code)
    assert "这个密码是别人为您设的" in Browser(app.test_client()).sign_in(
        "newdesk", password_of(page)
    )
    again = office.send("/office/accounts/new", expect=422, login="newdesk", enterprise=code)
    assert "已经有人用了" in again
    assert account(services, "newdesk").role is Role.OPERATOR


def test_an_account_that_is_not_there(office: Browser) -> None:
    for url in ("/office/accounts/999999", "/office/accounts/999999/disable"):
        office.open(url, expect=404)
