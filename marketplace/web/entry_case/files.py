"""The files that were uploaded, to whom they belong; another's looks like one that is not there."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response, make_response

from catalog.office.evidence.documents import PDF, content_of, own_document
from marketplace.web.auth import staff
from marketplace.web.context import services
from marketplace.web.entry_case.base import page

LOCKED_IN = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""A file is what a stranger may have made: it runs nothing, sends nothing, and is no page."""


@page("/documents/<int(max=999999999999999):document_id>", methods=["GET"])
def document(document_id: int) -> Response:
    """Send a file; pictures are shown, a PDF is saved, because viewers refuse the sandbox."""
    account = staff().account
    with services().database.read() as session:
        found = own_document(
            session, document_id, owner_id=account.id, enterprise_id=account.enterprise_id
        )
    answer = make_response(content_of(found, services().blobs))
    answer.headers["Content-Type"] = found.media_type
    answer.headers["Content-Security-Policy"] = LOCKED_IN
    shown = "attachment" if found.media_type == PDF else "inline"
    answer.headers["Content-Disposition"] = f"{shown}; filename*=UTF-8''{quote(found.name)}"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer
