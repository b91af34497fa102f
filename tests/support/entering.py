"""An applicant in front of the browser, who fills in every step rightly, and the office."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from PIL import Image
from stdnum.cn.uscc import calc_check_digit
from werkzeug.test import encode_multipart

from catalog.geography.reference_models import Division
from catalog.models import Enterprise, Site, Station
from catalog.office.cases import decisions
from catalog.office.cases.case_facts import Facts
from catalog.office.entries.entry_opening import open_application
from catalog.office.models import ReviewCase
from catalog.states import CaseStatus
from catalog.vocabulary import Category, Cluster, Datum, Slope
from marketplace import tasks
from marketplace.bootstrap import Services
from marketplace.kernel.audit import Actor
from marketplace.kernel.db import Database
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.staff.access_grants import accept_case
from marketplace.staff.models import User
from tests.factories import NOW, make_enterprise
from tests.support.staff import PASSWORD, Browser

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
CONTACT = {"contact_name": "金顺姬", "contact_phone": "13943300001"}


def credit_code(number: int = 1) -> str:
    """Return a credit code whose check character fits."""
    body = f"91222426MA{number:07d}"
    return body + calc_check_digit(body)


WHOLE: Facts = {
    "legal_name": "安图县林间木屋有限公司",
    "credit_code": credit_code(),
    "name_zh": "林间木屋",
    "name_en": "",
    "category": "winery",
    "clusters": ["changbai"],
    "adcode": "222426",
    "county": "安图县",
    "prefecture": "延边朝鲜族自治州",
    "sites": [
        {
            "id": None,
            "name": "院子",
            "address": "白桦路 8 号",
            "town_zh": "",
            "town_en": "",
            "slope": "north",
            "station": "",
            "lat": 42.41,
            "lon": 128.1,
            "error_km": 1.0,
            "datum": "gcj02",
        },
    ],
    "licences": [
        {"kind": kind, "number": "1", "issued_by": "局", "expires_on": "", "document_id": None}
        for kind in ("business", "food")
    ],
    "grades": [{"scheme": "a_level", "value": "4A", "as_of": "2026"}],
    "sources": {
        "note_zh": {"source": "测量", "date": "", "document_id": None},
        "grade:a_level": {"source": "公告", "date": "2026", "document_id": None},
    },
    "note_zh": "木屋",
    "note_en": "",
    "photos": [],
}
"""A document that lacks nothing but photographs and files."""


def picture() -> bytes:
    """Return a small photograph as a JPEG file."""
    file = io.BytesIO()
    Image.new("RGB", (640, 480), (90, 120, 80)).save(file, "JPEG")
    return file.getvalue()


def make_ground(database: Database) -> None:
    """Make the counties and stations of two slopes, and an entry from public sources, JL001."""
    with database.write() as session:
        session.add_all(
            Division(code=code, name=name, level=level, parent_code=above)
            for code, name, level, above in (
                ("222400", "延边朝鲜族自治州", "prefecture", "220000"),
                ("222426", "安图县", "county", "222400"),
                ("220600", "白山市", "prefecture", "220000"),
                ("220621", "抚松县", "county", "220600"),
            )
        )
        session.add_all(
            Station(
                code=code,
                name_zh=name,
                name_en=english,
                town_zh=town,
                town_en=town_en,
                slope=slope,
                cluster=Cluster.CHANGBAI,
                adcode=adcode,
                lat=lat,
                lon=lon,
                datum=Datum.UNKNOWN,
                coord_error_km=1.0,
            )
            for code, name, english, town, town_en, slope, adcode, lat, lon in (
                (
                    "JL123",
                    "长白山站",
                    "Changbaishan",
                    "二道白河",
                    "Erdaobaihe",
                    Slope.NORTH,
                    "222426",
                    42.4605,
                    128.1219,
                ),
                (
                    "JL124",
                    "长白山西站",
                    "Changbaishan West",
                    "松江河",
                    "Songjianghe",
                    Slope.WEST,
                    "220621",
                    42.1859,
                    127.4789,
                ),
            )
        )
        entry_id = make_enterprise(
            session,
            code="JL001",
            name_zh="白桦林康养村",
            name_en="Birch Grove",
            category=Category.FOREST_CABIN,
            is_sample=False,
            adcode="222426",
            note_zh="林间的小村",
            source="延边州政府网 2025-06-01",
            source_date="2025-06-01",
        )
        session.execute(
            sa.update(Site)
            .where(Site.enterprise_id == entry_id)
            .values(coord_basis="GeoNames settlement centroid of 二道白河")
        )


@dataclass
class Applicant:
    """Somebody who fills in an application."""

    browser: Browser
    services: Services
    base: str = "/apply"
    case_id: int = 0
    version: int = field(default=0, repr=False)

    def join(self, login: str = "jinshunji", *, claim: str = "", **fields: str) -> str:
        """Make an account by the public page."""
        self.browser.open(f"/join?claim={claim}" if claim else "/join")
        page = self.browser.send(
            "/join",
            login=login,
            new_password=PASSWORD,
            consent="1",
            claim=claim,
            **{**CONTACT, **fields},
        )
        if found := re.search(r'href="/apply/(\d+)/"', page):
            self.case_id = int(found[1])
        return page

    def claim(self, code: str) -> str:
        """Begin to claim an entry, from the page that finds it."""
        self.browser.open(f"/apply/claim?q={code}")
        page = self.browser.send(f"/apply/claim/{code}")
        if found := re.search(r'action="/apply/(\d+)/proof"', page):
            self.case_id = int(found[1])
        return page

    def url(self, step: str) -> str:
        """The address of a step."""
        return f"{self.base}/{self.case_id}/{step}"

    def send(self, step: str, *, expect: int = 303, **fields: Any) -> str:
        """Open a step and send its form."""
        self.browser.open(self.url(step))
        return self.again(step, expect=expect, **fields)

    def again(self, step: str, *, expect: int = 303, **fields: Any) -> str:
        """Send the form of the page that is open."""
        found = re.search(r'name="version" value="(\d+)"', self.browser.page)
        assert found is not None, self.browser.page[:2000]
        given = {"version": found[1], **fields}
        return self.browser.send(self.url(step), expect=expect, **given)

    def heavy(self, step: str, *, expect: int, **fields: Any) -> str:
        """Send a form with a large file; the client would write it to a file of its own."""
        self.browser.open(self.url(step))
        version = re.search(r'name="version" value="(\d+)"', self.browser.page)
        assert version is not None
        given = {"csrf_token": self.browser.token, "version": version[1], **fields}
        boundary, body = encode_multipart(given)
        answer = self.browser.client.post(
            self.url(step),
            input_stream=io.BytesIO(body),
            content_length=len(body),
            content_type=f"multipart/form-data; boundary={boundary}",
        )
        assert answer.status_code == expect, answer.status_code
        return answer.get_data(as_text=True)

    def business(self, *, expect: int = 303, **fields: str) -> str:
        """Fill in who the business is."""
        return self.send(
            "business",
            expect=expect,
            **{
                "legal_name": "安图县林间木屋有限公司",
                "credit_code": credit_code(),
                "name_zh": "林间木屋",
                "name_en": "Cabins in the Grove",
                "category": "winery",
                **CONTACT,
                **fields,
            },
        )

    def place(self, *, expect: int = 303, **fields: str) -> str:
        """Fill in one site on the North Slope."""
        return self.send(
            "place",
            expect=expect,
            **{
                "adcode": "222426",
                "cluster_changbai": "1",
                "sites": "1",
                "site_0_name": "木屋院子",
                "site_0_address": "二道白河镇白桦路 8 号",
                "site_0_town_zh": "二道白河镇",
                "site_0_slope": "north",
                "site_0_station": "JL123",
                **fields,
            },
        )

    def licence(self, kind: str, *, expect: int = 303, **fields: Any) -> str:
        """Fill in one licence."""
        return self.send(
            f"licences/{kind}",
            expect=expect,
            **{
                "number": f"{kind}-2026-001",
                "issued_by": "安图县市场监督管理局",
                "expires_on": "2029-05-31",
                "file": (io.BytesIO(PDF), f"{kind}.pdf"),
                **fields,
            },
        )

    def about(self, *, expect: int = 303, **fields: Any) -> str:
        """Fill in the description."""
        return self.send(
            "about",
            expect=expect,
            **{"note_zh": "十二间木屋，门前是白桦林", "note_source": "本企业测量", **fields},
        )

    def photo(self, *, expect: int = 303, **fields: Any) -> str:
        """Add a photograph, and have the worker make it."""
        given = {"photo": (io.BytesIO(picture()), "IMG_1.jpg"), "alt_zh": "木屋门前的白桦林"}
        page = self.send("photos", expect=expect, **given | fields)
        tasks.develop_photos(self.services)
        return page

    def fill(self, **business: str) -> None:
        """Fill in everything that an application must have."""
        self.business(**business)
        self.place()
        self.licence("business")
        self.licence("food")
        self.about()
        self.photo()

    def submit(self, *, expect: int = 303) -> str:
        """Submit what there is, whether or not the page of answers offers to."""
        self.browser.open(self.url("check"))
        version = str(self.case().version)
        return self.browser.send(self.url("check"), expect=expect, version=version)

    def case(self) -> ReviewCase:
        """The case as it is kept."""
        with self.services.database.read() as session:
            return session.get_one(ReviewCase, self.case_id)


@dataclass
class Office:
    """The office's reviewer, without a browser."""

    services: Services
    reviewer_id: int = 0

    @property
    def actor(self) -> Actor:
        """How the trail names the reviewer."""
        return Actor("staff", str(self.reviewer_id))

    def take_up(self, case_id: int) -> int:
        """Begin to review a case; returns its version."""
        with self.services.database.write() as session:
            return decisions.take_up(
                UnitOfWork(session, now=NOW, actor=self.actor),
                case_id=case_id,
                reviewer_id=self.reviewer_id,
            ).version

    def accept(self, case_id: int) -> Enterprise:
        """Grant a case; returns the enterprise that it is about."""
        version = self.take_up(case_id)
        with self.services.database.write() as session:
            case = accept_case(
                UnitOfWork(session, now=NOW, actor=self.actor),
                case_id=case_id,
                version=version,
                overrides={},
                remark="",
                reviewer_id=self.reviewer_id,
            )
            return session.get_one(Enterprise, case.enterprise_id)

    def user(self, login: str) -> User:
        """An account."""
        with self.services.database.read() as session:
            return session.scalars(sa.select(User).where(User.login == login)).one()

    def admit(self, author_id: int) -> Enterprise:
        """Grant an application that says what ``WHOLE`` says; returns the enterprise."""
        with self.services.database.write() as session:
            case = open_application(session, author_id=author_id, now=NOW)
            case.document = WHOLE
            case.status = CaseStatus.APPLIED
            case_id = case.id
        return self.accept(case_id)
