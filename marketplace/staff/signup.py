"""Making one's own account to apply for an entry of the directory, or to claim one."""

from __future__ import annotations

import datetime as dt
import re

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from catalog.office.entries.entry_opening import open_application
from marketplace.kernel import phones
from marketplace.kernel.errors import Invalid
from marketplace.kernel.messages import Message
from marketplace.kernel.phones import PhoneFault
from marketplace.kernel.text import UNKEEPABLE, one_line, unkeepable
from marketplace.staff import passwords
from marketplace.staff.models import User
from marketplace.staff.roles import Role
from marketplace.staff.service import NewUser, add_user

SHORTEST_LOGIN, LONGEST_LOGIN = 4, 40
LOGIN = re.compile(rf"[a-z][a-z0-9._-]{{{SHORTEST_LOGIN - 1},{LONGEST_LOGIN - 1}}}")
LOGIN_RULE = Message(
    "账号名要 %(least)s 到 %(most)s 个字符，用英文字母开头，只用字母、数字、点、横线和下划线",
    least=SHORTEST_LOGIN,
    most=LONGEST_LOGIN,
)
LOGIN_TAKEN = "这个账号名已经有人用了，请换一个"
LONGEST_NAME = 40


def join(
    session: Session,
    *,
    login: str,
    password: str,
    contact_name: str,
    contact_phone: str,
    now: dt.datetime,
) -> User:
    """Make an applicant's account with an empty application that knows whom the office may ask.

    Raises:
        Invalid: with every field that cannot be used.
    """
    login = login.strip().lower()
    if faults := faults_of(login, password, contact_name, contact_phone):
        raise Invalid(faults)
    about = (contact_name, contact_phone)
    user = _added(session, login=login, password=password, about=about, now=now)
    contact = {"name": one_line(contact_name), "phone": phones.normal(contact_phone) or ""}
    open_application(session, author_id=user.id, contact=contact, now=now)
    return user


def faults_of(login: str, password: str, contact_name: str, contact_phone: str) -> dict[str, str]:
    """Return what is wrong with the answers by field, apart from a name that is taken."""
    login = login.strip().lower()
    faults: dict[str, str] = {}
    if not LOGIN.fullmatch(login):
        faults["login"] = LOGIN_RULE
    try:
        passwords.check(password, about=[login, contact_name, contact_phone])
    except Invalid as error:
        faults |= error.fields
    if not 0 < len(one_line(contact_name)) <= LONGEST_NAME:
        faults["contact_name"] = Message("请填写联系人，最多 %(most)s 个字", most=LONGEST_NAME)
    elif unkeepable(contact_name):
        faults["contact_name"] = UNKEEPABLE
    try:
        phones.read(contact_phone)
    except PhoneFault as fault:
        faults["contact_phone"] = fault.message
    return faults


def _added(
    session: Session,
    *,
    login: str,
    password: str,
    about: tuple[str, ...],
    now: dt.datetime,
) -> User:
    try:
        with session.begin_nested():
            return add_user(
                session,
                NewUser(login=login, password=password, role=Role.APPLICANT, about=about),
                now=now,
            )
    except IntegrityError as error:
        raise Invalid({"login": LOGIN_TAKEN}) from error
    except Invalid as error:
        raise Invalid(
            {"login": LOGIN_TAKEN} if "login" in error.fields else error.fields
        ) from error
