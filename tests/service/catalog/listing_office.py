"""An operator and a reviewer who bring listings before the office and through it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from catalog.models import Site
from catalog.office.cases import case_lifecycle, decisions
from catalog.office.listings.own_listings import begin_change, begin_new
from catalog.office.models import Document, ReviewCase
from catalog.vocabulary import ListingKind
from marketplace.kernel.audit import Actor
from marketplace.kernel.blobs import FolderBlobs
from marketplace.kernel.db import Database
from marketplace.kernel.unit_of_work import UnitOfWork
from tests.factories import NOW
from tests.support.pictures import picture
from tests.support.uploading import made_photo

STAFF = Actor("staff", "1")
LATER = NOW + dt.timedelta(days=1)
ROOM = {"id": None, "name_zh": "双床房", "max_adults": 2, "max_guests": 3}
FACTS: dict[str, Any] = {
    "name_zh": "白桦林长住",
    "summary_zh": "林边的院子，一共八间房。",
    "theme": "forest",
    "min_nights": 7,
    "max_nights": 90,
    "steps": 2,
    "rooms": [ROOM, ROOM | {"name_zh": "家庭房", "max_guests": 4}],
}


@dataclasses.dataclass
class Office:
    """An operator and a reviewer at one enterprise."""

    database: Database
    blobs: FolderBlobs
    folder: Path
    author_id: int
    reviewer_id: int
    enterprise_id: int

    def begin(self, listing_id: int | None = None, kind: ListingKind = ListingKind.STAY) -> int:
        with self.database.write() as session:
            whose = {"author_id": self.author_id, "enterprise_id": self.enterprise_id, "now": NOW}
            if listing_id is not None:
                return begin_change(session, listing_id=listing_id, **whose).id
            site = session.scalars(
                sa.select(Site.id).where(Site.enterprise_id == self.enterprise_id)
            ).one()
            return begin_new(session, kind=kind, site_id=site, **whose).id

    def save(self, case_id: int, **facts: Any) -> None:
        with self.database.write() as session:
            case = session.get_one(ReviewCase, case_id)
            case_lifecycle.save(
                session, case_id=case_id, version=case.version, facts=facts, now=NOW
            )

    def submit(self, case_id: int) -> None:
        with self.database.write() as session:
            case = session.get_one(ReviewCase, case_id)
            work = UnitOfWork(session, now=NOW, actor=STAFF)
            case_lifecycle.submit(work, case_id=case_id, version=case.version)

    def accept(self, case_id: int, now: dt.datetime = NOW) -> int:
        with self.database.write() as session:
            decisions.take_up(
                UnitOfWork(session, now=now, actor=STAFF),
                case_id=case_id,
                reviewer_id=self.reviewer_id,
            )
            case = session.get_one(ReviewCase, case_id)
            decisions.accept(
                UnitOfWork(session, now=now, actor=STAFF),
                case_id=case_id,
                version=case.version,
                overrides={},
                reviewer_id=self.reviewer_id,
            )
            assert case.listing_id is not None
            return case.listing_id

    def accepted(self, listing_id: int | None = None, now: dt.datetime = NOW, **facts: Any) -> int:
        case_id = self.begin(listing_id)
        self.save(case_id, **facts)
        self.submit(case_id)
        return self.accept(case_id, now)

    def photo(self, alt_zh: str) -> dict[str, Any]:
        number = made_photo(
            self.database,
            self.blobs,
            picture(640, 480),
            folder=self.folder,
            alt_zh=alt_zh,
            owner_id=self.author_id,
            enterprise_id=self.enterprise_id,
        )
        return {"id": number, "alt_zh": alt_zh, "alt_en": ""}

    def document(self) -> int:
        with self.database.write() as session:
            row = Document(
                blob="0" * 64,
                name="report.pdf",
                media_type="application/pdf",
                size=9,
                owner_id=self.author_id,
                enterprise_id=self.enterprise_id,
                given_at=NOW,
            )
            session.add(row)
            session.flush()
            return row.id
