"""The whole directory as a file, and back: what is written here can be imported unchanged."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO

from flask import Response, send_file
from sqlalchemy.orm import Session

from catalog.bulk import export
from catalog.directory import register
from catalog.models import Enterprise
from catalog.queries import DirectoryFilters, directory_where
from catalog.states import EnterpriseStatus
from marketplace.staff.roles import Permission
from marketplace.web.auth import needs
from marketplace.web.context import services, today
from marketplace.web.forms import reader
from marketplace.web.forms.field_sizes import SIZES
from marketplace.web.office.base import blueprint
from marketplace.web.protection.access_notes import exports

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
IN_MEMORY = 1024 * 1024
"""Bytes of a workbook that are kept in memory; the rest is in a temporary file."""


@blueprint.get("/export/directory.<any(xlsx, csv, json):ending>")
@needs(Permission.IMPORT_DIRECTORY)
@exports
def export_directory(ending: str) -> Response:
    """Give the directory, filtered as the list of enterprises is, in bounded memory."""
    shown = {
        "q": reader.asked().text("q", SIZES.words),
        "kind": reader.asked().sent("kind"),
        "status": reader.asked().sent("status"),
    }
    name = f"directory-{today():%Y%m%d}.{ending}"
    if ending == "xlsx":
        return send_file(_workbook(shown), TYPES[ending], as_attachment=True, download_name=name)
    answer = Response(_text(shown, ending), content_type=TYPES[ending])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _where(session: Session, shown: dict[str, str]) -> list[export.Condition]:
    """Return what the filters ask for; with an unknown or no status everything that ever was."""
    ids = register.matching(session, words=shown["q"]) if shown["q"] else None
    filters = DirectoryFilters(ids=ids, samples=shown["kind"] == "sample", suspended=None)
    where = directory_where(filters)
    if shown["status"] in set(EnterpriseStatus):
        where.append(Enterprise.status == EnterpriseStatus(shown["status"]))
    return where


def _text(shown: dict[str, str], form: str) -> Iterator[bytes]:
    database = services().database

    def parts() -> Iterator[bytes]:
        with database.read() as session:
            found = export.rows(session, where=_where(session, shown))
            yield from export.TEXTS[form](found)

    return parts()


def _workbook(shown: dict[str, str]) -> IO[bytes]:
    file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed with the answer
    with services().database.read() as session:
        export.write_xlsx(export.rows(session, where=_where(session, shown)), file)
    file.seek(0)
    return file
