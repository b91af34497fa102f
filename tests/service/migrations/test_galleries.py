"""Photographs from before show the place as a whole, and are cut through their middle."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command

from catalog.office.models import Photo
from catalog.vocabulary import Focus, PhotoSubject
from marketplace.kernel.blobs import FolderBlobs
from marketplace.kernel.db import Database
from marketplace.operations import schema
from marketplace.staff.roles import Role
from marketplace.staff.service import NewUser, add_user
from tests.factories import NOW, make_enterprise, make_listing, make_room
from tests.support.pictures import picture
from tests.support.uploading import made_photo


def test_photographs_go_back_and_forth(database: Database, tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path / "blobs")
    with database.write() as session:
        add_user(
            session,
            NewUser(login="asker", password="river-birch-stone", role=Role.APPLICANT),
            now=NOW,
        )
        listing_id = make_listing(session, enterprise_id=make_enterprise(session))
        room = make_room(session, listing_id=listing_id)
    made = [
        made_photo(
            database, blobs, picture(640, 480), folder=tmp_path, listing_id=listing_id, **shows
        )
        for shows in (
            {"room_type_id": room.room_type_id},
            {"subject": PhotoSubject.BATH, "focus": Focus.TOP_LEFT},
        )
    ]
    command.downgrade(schema.config_for(database.url), "0020_keys")
    schema.upgrade(database.url)
    with database.read() as session:
        photos = session.scalars(sa.select(Photo).order_by(Photo.id)).all()
    assert [photo.id for photo in photos] == made
    for photo in photos:
        assert photo.listing_id == listing_id
        assert (photo.room_type_id, photo.subject, photo.focus) == (
            None,
            PhotoSubject.HOUSE,
            Focus.CENTRE,
        )
