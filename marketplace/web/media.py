"""Photographs: for everybody once a visible listing shows them, before that for its people."""

from __future__ import annotations

from flask import Blueprint, abort, request
from flask_login import current_user
from werkzeug.wrappers import Response

from catalog.office.photos.photo_files import StoredPhoto, photo_file
from marketplace.kernel.errors import NotFound
from marketplace.staff.roles import Role
from marketplace.web.auth import staff
from marketplace.web.context import services

blueprint = Blueprint("media", __name__, url_prefix="/media")
PUBLIC = "public, max-age=31536000, immutable"
"""An address never changes what it shows: another photograph has another number."""
OWN = "private, no-cache"


@blueprint.get("/photos/<int(max=2147483647):photo_id>/<int(max=9999):size>.<kind>")
def photo(photo_id: int, size: int, kind: str) -> Response:
    """Send one size of a photograph; 404 where it is not the asker's to see."""
    with services().database.read() as session:
        found = photo_file(session, photo_id, width=size, kind=kind)
    if found is None or not (found.shown or _may_see(found)):
        abort(404)
    answer = Response(content_type=f"image/{kind}")
    answer.headers["Cache-Control"] = PUBLIC if found.shown else OWN
    answer.set_etag(found.blob)
    if found.blob not in request.if_none_match:
        try:
            answer.set_data(services().blobs.get(found.blob))
        except NotFound:
            abort(404)
    return answer.make_conditional(request)


def _may_see(found: StoredPhoto) -> bool:
    """Whether the asker is staff that gave the photograph, of its enterprise, or of the office."""
    if not current_user.is_authenticated:
        return False
    account = staff().account
    own = found.enterprise_id is not None and found.enterprise_id == account.enterprise_id
    return own or found.owner_id == account.id or account.role is Role.OFFICE
