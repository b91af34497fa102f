"""The second step: enforced before the first page, once for each code, and the way back."""

from __future__ import annotations

import datetime as dt
import re

import pyotp
import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.bootstrap import Services
from marketplace.kernel.audit import SYSTEM, AuditEntry
from marketplace.kernel.clock import SetClock
from marketplace.staff import account_admin, second_factor
from marketplace.staff.models import User
from marketplace.staff.roles import Role
from marketplace.staff.second_factor import MOST_WRONG, WINDOW, code_now
from marketplace.web.protection import attempts
from tests.support.staff import PASSWORD, SECRET, Browser, House, make_staff

CODES = re.compile(r"<li>((?:[2-9A-Y]{4} ){4}[2-9A-Y]{4})</li>")
WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})


def half(app: Flask, login: str = "clerk") -> Browser:
    """Somebody who has given the password."""
    browser = Browser(app.test_client())
    browser.open("/account/sign-in")
    browser.send("/account/sign-in", login=login, password=PASSWORD)
    return browser


def user(services: Services, login: str) -> User:
    with services.database.read() as session:
        return session.scalars(sa.select(User).where(User.login == login)).one()


def typed_secret(page: str) -> str:
    found = re.search(r'<strong lang="en">([A-Z2-7 ]+)</strong>', page)
    assert found is not None
    return found[1].replace(" ", "")


@pytest.fixture
def clerk(services: Services) -> None:
    make_staff(services, "clerk", Role.OFFICE, None)


@pytest.fixture
def newcomer(services: Services) -> None:
    """Somebody of the office who has set up nothing yet."""
    make_staff(services, "clerk", Role.OFFICE, None)
    with services.database.write() as session:
        session.execute(sa.update(User).values(totp_secret=None))


@pytest.mark.usefixtures("clerk")
class TestCode:
    def test_is_asked_for_and_leads_where_one_wanted(self, app: Flask) -> None:
        browser = Browser(app.test_client())
        browser.open("/office/trail", expect=302)
        browser.open("/account/sign-in?next=/office/trail")
        page = browser.send(
            "/account/sign-in", login="clerk", password=PASSWORD, next="/office/trail"
        )
        assert "写手机上的验证码" in page
        assert browser.client.get("/office/").status_code == 302
        done = browser.send("/account/code", code=browser.code("clerk"), next="/office/trail")
        assert "每一个决定都在这里" in done

    @pytest.mark.parametrize("drift", [-30, 0, 30])
    def test_of_a_clock_that_is_a_little_off(self, app: Flask, clock: SetClock, drift: int) -> None:
        code = pyotp.TOTP(SECRET).at(int(clock.now().timestamp()) + drift)
        assert "企业名录" in half(app).send("/account/code", code=code)

    @pytest.mark.parametrize("drift", [-90, -60, 60, 90])
    def test_of_a_clock_that_is_far_off_is_wrong(
        self, app: Flask, clock: SetClock, drift: int
    ) -> None:
        code = pyotp.TOTP(SECRET).at(int(clock.now().timestamp()) + drift)
        assert "验证码不对" in half(app).send("/account/code", code=code, expect=401)

    def test_is_taken_once(self, app: Flask, clock: SetClock) -> None:
        code = code_now(SECRET, clock.now())
        half(app).send("/account/code", code=code)
        assert "已经用过" in half(app).send("/account/code", code=code, expect=401)
        earlier = pyotp.TOTP(SECRET).at(int(clock.now().timestamp()) - 30)
        half(app).send("/account/code", code=earlier, expect=401)
        clock.advance(seconds=30)
        half(app).send("/account/code", code=code, expect=401)
        half(app).send("/account/code", code=code_now(SECRET, clock.now()))

    def test_may_be_typed_in_full_width_and_groups(self, app: Flask, clock: SetClock) -> None:
        code = code_now(SECRET, clock.now())
        typed = f" {code[:3]} {code[3:]}".translate(WIDE)
        assert "企业名录" in half(app).send("/account/code", code=typed)

    @pytest.mark.parametrize("code", ["", "0", "x" * 500, "123456", "１２３", "\u0661" * 6])  # noqa: RUF001
    def test_anything_else_is_refused_in_words(self, app: Flask, code: str) -> None:
        browser = half(app)
        assert "验证码不对" in browser.send("/account/code", code=code, expect=401)
        assert browser.client.get("/office/").status_code == 302

    def test_tries_are_limited(self, app: Flask, clock: SetClock) -> None:
        browser = half(app)
        for _ in range(attempts.FREE):
            browser.send("/account/code", code="000000", expect=401)
        browser.send("/account/code", code=code_now(SECRET, clock.now()), expect=429)

    def test_is_to_be_found_within_ten_minutes(self, app: Flask, clock: SetClock) -> None:
        browser = half(app)
        clock.advance(minutes=10)
        answer = browser.client.post(
            "/account/code",
            data={"csrf_token": browser.token, "code": code_now(SECRET, clock.now())},
        )
        assert answer.status_code == 302
        assert browser.client.get("/office/").status_code == 302

    def test_the_password_alone_replaces_no_telephone(self, app: Flask) -> None:
        browser = half(app)
        assert browser.client.get("/account/set-up").location == "/account/code"
        answer = browser.client.post(
            "/account/second-factor", data={"csrf_token": browser.token, "password": PASSWORD}
        )
        assert answer.location.startswith("/account/code")


def guess(app: Flask, times: int, *, first: int = 1, expect: int = 401) -> None:
    """Write wrong codes with the right password, five from each line as each line may."""
    for number in range(first, first + times, attempts.FREE):
        browser = Browser(app.test_client())
        browser.client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        browser.open("/account/sign-in")
        browser.send("/account/sign-in", login="clerk", password=PASSWORD)
        for _ in range(min(attempts.FREE, first + times - number)):
            browser.send("/account/code", code="000000", expect=expect)


def stops(services: Services) -> int:
    with services.database.read() as session:
        noted = session.scalars(sa.select(AuditEntry.action)).all()
    return noted.count("account.second_step_stopped")


@pytest.mark.usefixtures("clerk")
class TestGuessing:
    def test_from_everywhere_together_stops_the_second_step_for_an_hour(
        self, app: Flask, services: Services, clock: SetClock
    ) -> None:
        begun = clock.now()
        guess(app, MOST_WRONG - 1)
        clock.advance(minutes=40)
        browser = half(app)
        assert stops(services) == 0
        guess(app, 1, first=101)
        assert stops(services) == 1
        page = browser.send("/account/code", code=code_now(SECRET, clock.now()), expect=429)
        assert "请过 20 分钟再试" in page
        assert browser.client.get("/office/").status_code == 302
        clock.set(begun + WINDOW - dt.timedelta(seconds=1))
        half(app).send("/account/code", code=code_now(SECRET, clock.now()), expect=429)
        clock.set(begun + WINDOW)
        assert "企业名录" in half(app).send("/account/code", code=code_now(SECRET, clock.now()))
        assert stops(services) == 1

    def test_a_recovery_code_waits_as_well(self, app: Flask, clock: SetClock) -> None:
        owner = half(app)
        owner.send("/account/code", code=code_now(SECRET, clock.now()))
        owner.open("/account/")
        spare = CODES.findall(owner.send("/account/recovery-codes", expect=200, password=PASSWORD))
        guess(app, MOST_WRONG)
        browser = half(app)
        browser.send("/account/code", code=spare[0], expect=429)
        clock.advance(hours=1)
        assert "企业名录" in half(app).send("/account/code", code=spare[0])

    def test_what_was_wrong_long_ago_counts_no_more(
        self, app: Flask, services: Services, clock: SetClock
    ) -> None:
        guess(app, MOST_WRONG - 1)
        clock.advance(hours=1)
        guess(app, MOST_WRONG - 1, first=101)
        assert "企业名录" in half(app).send("/account/code", code=code_now(SECRET, clock.now()))
        assert stops(services) == 0

    def test_a_right_code_in_between_helps_nobody_who_guesses(
        self, app: Flask, clock: SetClock
    ) -> None:
        guess(app, MOST_WRONG - 5)
        half(app).send("/account/code", code=code_now(SECRET, clock.now()))
        guess(app, 5, first=101)
        clock.advance(seconds=30)
        half(app).send("/account/code", code=code_now(SECRET, clock.now()), expect=429)

    def test_without_the_password_nobody_stops_it(self, app: Flask, clock: SetClock) -> None:
        for number in range(MOST_WRONG + 1):
            stranger = Browser(app.test_client())
            stranger.client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
            stranger.open("/account/sign-in")
            stranger.send("/account/sign-in", login="clerk", password="wrong", expect=401)
            stranger.client.post(
                "/account/code", data={"csrf_token": stranger.token, "code": "000000"}
            )
        assert "企业名录" in half(app).send("/account/code", code=code_now(SECRET, clock.now()))

    def test_the_reset_of_the_second_step_ends_it(
        self, app: Flask, services: Services, clock: SetClock
    ) -> None:
        guess(app, MOST_WRONG)
        make_staff(services, "colleague", Role.OFFICE, None)
        colleague = Browser(app.test_client())
        colleague.sign_in("colleague")
        clerk = user(services, "clerk")
        assert "两步登录停到" in colleague.open(f"/office/accounts/{clerk.id}")
        with services.database.write() as session:
            account_admin.reset_second_factor(
                session, user_id=clerk.id, actor=SYSTEM, now=clock.now()
            )
        assert "两步登录停到" not in colleague.open(f"/office/accounts/{clerk.id}")
        browser = half(app)
        secret = typed_secret(browser.page)
        browser.send("/account/set-up", expect=200, code=code_now(secret, clock.now()))
        clock.advance(seconds=30)
        assert "企业名录" in half(app).send("/account/code", code=code_now(secret, clock.now()))

    def test_the_twin_that_counts_each_line_alone_is_caught(
        self, app: Flask, clock: SetClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(second_factor, "_count_wrong", lambda *_: None)
        guess(app, MOST_WRONG)
        assert "企业名录" in half(app).send("/account/code", code=code_now(SECRET, clock.now()))


@pytest.mark.usefixtures("newcomer")
class TestSettingUp:
    def test_comes_before_the_first_page(
        self, app: Flask, services: Services, clock: SetClock
    ) -> None:
        browser = half(app)
        assert "设置两步登录" in browser.page
        assert browser.client.get("/office/").location.startswith("/account/set-up")
        assert browser.client.get("/account/").location.startswith("/account/set-up")
        secret = typed_secret(browser.page)
        assert f"secret={secret}" in browser.page
        assert 'src="data:image/svg+xml' in browser.page
        assert secret == typed_secret(browser.open("/account/set-up")), "looking makes no other"
        browser.send("/account/set-up", code="000000", expect=422)
        page = browser.send("/account/set-up", expect=200, code=code_now(secret, clock.now()))
        assert len(CODES.findall(page)) == 10
        browser.open("/office/")
        assert user(services, "clerk").totp_secret == secret
        with services.database.read() as session:
            raw = session.execute(sa.text("SELECT totp_secret FROM staff_user")).scalar_one()
        assert secret not in raw

    def test_whoever_knows_the_password_too_does_not_know_the_secret(
        self, app: Flask, services: Services, clock: SetClock
    ) -> None:
        stranger = half(app)
        seen = typed_secret(stranger.page)
        owner = half(app)
        secret = typed_secret(owner.page)
        assert secret != seen
        assert stranger.client.get("/account/set-up").location.startswith("/account/sign-in")
        owner.send("/account/set-up", expect=422, code=code_now(seen, clock.now()))
        owner.send("/account/set-up", expect=200, code=code_now(secret, clock.now()))
        assert user(services, "clerk").totp_secret == secret

    def test_the_code_that_set_it_up_signs_nobody_in(self, app: Flask, clock: SetClock) -> None:
        browser = half(app)
        code = code_now(typed_secret(browser.page), clock.now())
        browser.send("/account/set-up", expect=200, code=code)
        half(app).send("/account/code", code=code, expect=401)

    def test_recovery_codes_open_once_each(self, app: Flask, clock: SetClock) -> None:
        browser = half(app)
        code = code_now(typed_secret(browser.page), clock.now())
        codes = CODES.findall(browser.send("/account/set-up", expect=200, code=code))
        lost = half(app)
        page = lost.send("/account/code", code=codes[0].lower().replace(" ", "-"))
        assert "还剩 9 个" in page
        half(app).send("/account/code", code=codes[0], expect=401)
        half(app).send("/account/code", code=codes[1].translate(WIDE))

    def test_new_recovery_codes_replace_the_old(self, app: Flask, clock: SetClock) -> None:
        browser = half(app)
        code = code_now(typed_secret(browser.page), clock.now())
        old = CODES.findall(browser.send("/account/set-up", expect=200, code=code))
        browser.open("/account/")
        assert "现在的密码不对" in browser.send(
            "/account/recovery-codes", expect=422, password="not this one"
        )
        new = CODES.findall(browser.send("/account/recovery-codes", expect=200, password=PASSWORD))
        assert len(new) == 10
        half(app).send("/account/code", code=old[0], expect=401)
        half(app).send("/account/code", code=new[0])


class TestAnotherTelephone:
    def test_the_old_one_works_until_the_new_one_is_proved(
        self, app: Flask, office: Browser, services: Services, clock: SetClock
    ) -> None:
        elsewhere = Browser(app.test_client())
        elsewhere.sign_in("clerk")
        office.open("/account/")
        page = office.send("/account/second-factor", password=PASSWORD)
        assert user(services, "clerk").totp_secret == SECRET
        secret = typed_secret(page)
        office.send("/account/set-up", expect=200, code=code_now(secret, clock.now()))
        assert user(services, "clerk").totp_secret == secret
        office.open("/office/")
        assert elsewhere.client.get("/office/").status_code == 302, "other sessions end"

    def test_is_set_up_where_the_password_was_given_and_soon(
        self, app: Flask, office: Browser, services: Services, clock: SetClock
    ) -> None:
        elsewhere = Browser(app.test_client())
        elsewhere.sign_in("clerk")
        office.open("/account/")
        secret = typed_secret(office.send("/account/second-factor", password=PASSWORD))
        code = {"code": code_now(secret, clock.now())}
        assert secret not in elsewhere.open("/account/set-up", expect=302)
        elsewhere.open("/account/")
        elsewhere.send("/account/set-up", expect=302, **code)
        clock.advance(minutes=10)
        office.send("/account/set-up", expect=302, code=code_now(secret, clock.now()))
        assert "再写一次密码" in office.open("/account/")
        assert user(services, "clerk").totp_secret == SECRET

    def test_the_office_cannot_do_without(self, office: Browser, services: Services) -> None:
        office.open("/account/")
        assert "关闭两步登录" not in office.page
        office.send("/account/second-factor/off", expect=422, password=PASSWORD)
        assert user(services, "clerk").totp_secret == SECRET

    def test_an_operator_may_have_one_and_give_it_up(
        self, app: Flask, operator: Browser, clock: SetClock, house: House
    ) -> None:
        operator.open("/account/")
        page = operator.send("/account/second-factor", password=PASSWORD)
        secret = typed_secret(page)
        operator.send("/account/set-up", expect=200, code=code_now(secret, clock.now()))
        clock.advance(seconds=30)
        again = half(app, "front")
        again.send("/account/code", code=code_now(secret, clock.now()))
        again.open("/account/")
        assert "关闭了" in again.send("/account/second-factor/off", password=PASSWORD)
        assert "今晚空房" in half(app, "front").page
