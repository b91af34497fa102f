"""The commands about accounts, as somebody at a terminal sees them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from marketplace.bootstrap import Services
from marketplace.kernel.audit import AuditEntry
from tests.support.staff import CODE_PAGE, PASSWORD, Browser

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    """Run a command of the group."""

    def invoke(*words: str) -> Result:
        with app.app_context():
            return app.test_cli_runner().invoke(args=["accounts", *words])

    return invoke


def last(services: Services) -> tuple[str, str]:
    with services.database.read() as session:
        entry = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert entry is not None
        return entry.action, entry.actor_kind


def test_disabled_and_enabled_again(
    run: Run, operator: Browser, office: Browser, services: Services, app: Flask
) -> None:
    assert run("disable", "front", "--as", "clerk").output == "front: disabled\n"
    assert last(services) == ("account.disabled", "desk")
    assert operator.client.get("/operator/").status_code == 302
    Browser(app.test_client()).sign_in("front", expect=401)
    assert run("disable", "front").output == "front: was disabled before\n"
    assert "front  disabled, password alone" in run("list").output
    assert run("enable", "front").output == "front: enabled\n"
    Browser(app.test_client()).sign_in("front")
    assert "clerk（用命令）" in office.open("/office/trail?action=account.disabled")


def test_a_new_password_is_for_one_sign_in(
    run: Run, operator: Browser, app: Flask, services: Services
) -> None:
    made = run("reset-password", "front").output.partition("password: ")[2].strip()
    assert operator.client.get("/operator/").status_code == 302
    browser = Browser(app.test_client())
    page = browser.sign_in("front", made)
    assert "这个密码是别人为您设的" in page
    assert browser.client.get("/operator/").location.startswith("/account/password")
    assert browser.client.get("/account/").location.startswith("/account/password")
    new = "amber-larch-snow"
    assert "今晚空房" in browser.send(
        "/account/password", old_password=made, new_password=new, again=new
    )
    Browser(app.test_client()).sign_in("front", made, expect=401)


def test_a_lost_telephone(run: Run, office: Browser, app: Flask) -> None:
    assert run("reset-second-step", "clerk").exit_code == 0
    assert office.client.get("/office/").status_code == 302
    browser = Browser(app.test_client())
    browser.open("/account/sign-in")
    page = browser.send("/account/sign-in", login="clerk", password=PASSWORD)
    assert CODE_PAGE not in page
    assert "设置两步登录" in page


def test_signed_out_everywhere(run: Run, operator: Browser) -> None:
    assert run("end-sessions", "front").output == "front: 1 sessions ended\n"
    assert operator.client.get("/operator/").status_code == 302
    assert run("end-sessions", "front").output == "front: 0 sessions ended\n"


@pytest.mark.parametrize(
    "words", [("disable", "nobody"), ("enable", ""), ("disable", "clerk", "--as", "clerk")]
)
def test_what_cannot_be_done_is_said_in_a_line(
    run: Run, office: Browser, words: tuple[str, ...]
) -> None:
    refused = run(*words)
    assert refused.exit_code == 1
    assert refused.output.startswith("Error: ")
    office.open("/office/")
