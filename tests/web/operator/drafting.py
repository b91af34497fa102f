"""Filling in a listing's draft as a browser without JavaScript does, up to its acceptance."""

from __future__ import annotations

import io
import re
from typing import Any

from catalog.office.cases import decisions
from catalog.office.models import ReviewCase
from catalog.search import refresh
from marketplace import tasks
from marketplace.bootstrap import Services
from marketplace.kernel.audit import Actor
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.staff.roles import Role
from marketplace.staff.service import NewUser, add_user
from tests.factories import NOW, TODAY
from tests.support.pictures import picture
from tests.support.staff import PASSWORD, Browser, House

DRAFT = re.compile(r"/operator/listings/drafts/([0-9]+)")
CLERK = Actor("staff", "99")
ROOM = {
    "count": "1", "rooms-0-name_zh": "朝南双床房", "rooms-0-max_adults": "2",
    "rooms-0-max_guests": "\uff13", "rooms-0-area_m2": "",
}  # fmt: skip
BASICS = {
    "name_zh": "白桦林长住", "summary_zh": "林边的院子，一共八间房。", "theme": "forest",
    "min_nights": "7", "max_nights": "90", "opens": "5月1日", "closes": "10-7", "pets": "small",
    "family_suited": "yes",
}  # fmt: skip
ACCESS = {
    "steps": "3", "lift": "no", "bed_height_cm": "48", "altitude_m": "740", "hospital_km": "12",
    "hospital_minutes": "20", "july_mean_c": "21.3", "july_years": "2015至2024",
}  # fmt: skip
WELLNESS = {
    "food": ["light", "halal"], "tcm": ["moxibustion"], "spring": "plain", "water_c": "41",
    "cautions_zh": "刚做过手术的人不要泡。\n皮肤有伤口的人不要泡。",
}  # fmt: skip


def case_of(services: Services, case_id: int) -> ReviewCase:
    with services.database.read() as session:
        return session.get_one(ReviewCase, case_id)


def version(browser: Browser) -> str:
    found = re.search(r'name="version" value="(\d+)"', browser.page)
    assert found
    return found[1]


def save(browser: Browser, case_id: int, section: str, *, expect: int = 303, **fields: Any) -> str:
    """Fill in a page of the form as a browser without JavaScript does."""
    url = f"/operator/listings/drafts/{case_id}/{section}"
    browser.open(url)
    return browser.send(url, expect=expect, version=version(browser), **fields)


def begin(browser: Browser, kind: str = "stay") -> int:
    page = browser.open("/operator/listings/new")
    site = re.search(r'<option value="(\d+)"', page)
    form_id = re.search(r'name="form_id" value="([^"]+)"', page)
    assert site
    assert form_id
    wish = {"kind": kind, "site_id": site[1], "form_id": form_id[1]}
    first = DRAFT.search(browser.send("/operator/listings/new", **wish))
    again = DRAFT.search(browser.send("/operator/listings/new", **wish))
    assert first
    assert again
    assert first[1] == again[1]
    return int(first[1])


def add_photo(browser: Browser, case_id: int, alt: str, *, expect: int = 303, **more: Any) -> str:
    """Add a photograph, and have the worker make it."""
    browser.open(f"/operator/listings/drafts/{case_id}/photos")
    page = browser.send(
        f"/operator/listings/drafts/{case_id}/photos/add",
        expect=expect,
        version=version(browser),
        alt_zh=alt,
        **{"photo": (io.BytesIO(picture(700, 500)), "IMG_1.jpg")} | more,
    )
    tasks.develop_photos(browser.client.application.extensions["services"])
    return page


def submit(browser: Browser, case_id: int, *, expect: int = 303) -> str:
    browser.open(f"/operator/listings/drafts/{case_id}")
    url = f"/operator/listings/drafts/{case_id}/submit"
    return browser.send(url, expect=expect, version=version(browser))


def accept(house: House, case_id: int) -> int:
    """Let the office accept a case, and do what is owed then."""
    with house.services.database.write() as session:
        clerk = add_user(
            session,
            NewUser(login=f"clerk{case_id}", password=PASSWORD, role=Role.OFFICE),
            now=NOW,
        ).id
        work = UnitOfWork(session, now=NOW, actor=CLERK)
        decisions.take_up(work, case_id=case_id, reviewer_id=clerk)
        case = decisions.accept(
            work,
            case_id=case_id,
            version=session.get_one(ReviewCase, case_id).version,
            overrides={},
            reviewer_id=clerk,
        )
        assert case.listing_id is not None
        listing_id = case.listing_id
    house.work()
    refresh.follow(house.services.index, house.services.database)
    return listing_id


def price(operator: Browser, room_id: int) -> None:
    """Put two rooms on sale through the calendar."""
    operator.open("/operator/calendar/edit")
    fields = {
        "room": room_id, "first": TODAY.isoformat(), "last": "2027-09-30",
        "weekdays": list("0123456"), "capacity": "2", "price": "180", "state": "",
    }  # fmt: skip
    page = operator.send("/operator/calendar/edit", expect=200, **fields)
    hidden = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page))
    operator.send("/operator/calendar/save", **{**fields, **hidden})
