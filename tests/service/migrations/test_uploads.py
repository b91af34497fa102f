"""What was uploaded before stays as it was shown: files are clean, photographs are made."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command

from catalog.office.models import Document, Photo
from catalog.states import FileState, PhotoState
from marketplace.kernel.blobs import FolderBlobs
from marketplace.kernel.db import Database
from marketplace.operations import schema
from marketplace.staff.roles import Role
from marketplace.staff.service import NewUser, add_user
from tests.factories import NOW
from tests.support.pictures import picture
from tests.support.uploading import give_document, give_photo, made_photo


def test_files_and_photographs_go_back_and_forth(database: Database, tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path / "blobs")
    with database.write() as session:
        add_user(
            session,
            NewUser(login="asker", password="river-birch-stone", role=Role.APPLICANT),
            now=NOW,
        )
    document_id = give_document(database, blobs, b"%PDF-1.7", waits=True)
    made = made_photo(database, blobs, picture(640, 480), folder=tmp_path)
    unmade = give_photo(database, blobs, picture(640, 480))
    command.downgrade(schema.config_for(database.url), "0014_stay_prices")
    schema.upgrade(database.url)
    with database.read() as session:
        assert session.get_one(Document, document_id).state is FileState.CLEAN
        photo = session.get_one(Photo, made)
        assert (photo.state, photo.tries, photo.size) == (PhotoState.READY, 0, 0)
        assert list(session.scalars(sa.select(Photo.id))) == [made]
    assert unmade != made
