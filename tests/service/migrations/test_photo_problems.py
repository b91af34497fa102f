"""Words in which a photograph was refused before become the reason that they say."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from catalog.office.models import Photo
from catalog.states import PhotoProblem
from marketplace.kernel.blobs import FolderBlobs
from marketplace.kernel.db import Database
from marketplace.operations import schema
from marketplace.staff.roles import Role
from marketplace.staff.service import NewUser, add_user
from tests.factories import NOW, make_enterprise, make_listing
from tests.support.pictures import picture
from tests.support.uploading import made_photo

BEFORE = "0037_given_quotes"
TOLD = [
    ("照片太小，宽度至少要 640 像素", PhotoProblem.TOO_SMALL),
    ("照片太小，宽度至少要 %(least)s 像素", PhotoProblem.TOO_SMALL),
    ("会动的图片不能用，请选一张静止的照片", PhotoProblem.MOVING),
    ("什么地方也没有这样写过", PhotoProblem.SPOILT),
    ("", None),
]


@pytest.fixture
def photo_ids(database: Database, tmp_path: Path) -> list[int]:
    blobs = FolderBlobs(tmp_path / "blobs")
    with database.write() as session:
        who = NewUser(login="asker", password="river-birch-stone", role=Role.APPLICANT)
        add_user(session, who, now=NOW)
        listing_id = make_listing(session, enterprise_id=make_enterprise(session))
    return [
        made_photo(database, blobs, picture(640, 480), folder=tmp_path, listing_id=listing_id)
        for _ in TOLD
    ]


def test_words_become_reasons_and_back(database: Database, photo_ids: list[int]) -> None:
    command.downgrade(schema.config_for(database.url), BEFORE)
    with database.write() as session:
        for photo_id, (words, _) in zip(photo_ids, TOLD, strict=True):
            session.execute(
                sa.text("UPDATE photo SET problem = :words WHERE id = :id"),
                {"words": words, "id": photo_id},
            )
    schema.upgrade(database.url)
    with database.read() as session:
        found = [session.get_one(Photo, photo_id).problem for photo_id in photo_ids]
    assert found == [reason for _, reason in TOLD]
    command.downgrade(schema.config_for(database.url), BEFORE)
    with database.read() as session:
        kept = session.scalars(sa.text("SELECT problem FROM photo ORDER BY id")).all()
    assert kept == [TOLD[1][0], *(words for words, _ in TOLD[1:3]), kept[3], ""]
    assert "坏了" in kept[3]
