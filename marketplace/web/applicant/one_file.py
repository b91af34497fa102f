"""A form that may carry one file: what it holds is saved whole, or shown again with its faults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import request

from catalog.office import documents
from catalog.office.entry_faults import Step
from catalog.office.handling import Facts
from marketplace.kernel.errors import DomainError, Invalid, NotFound
from marketplace.web.applicant.base import Answer, Opened, keep, opened, step_page, to
from marketplace.web.applicant.typed import Form
from marketplace.web.auth import staff
from marketplace.web.context import now, services
from marketplace.web.forms import reading


@dataclass(frozen=True, slots=True)
class Item:
    """What a form is about and what becomes of it."""

    template: str
    step: Step
    facts: Facts
    """As they stand in the document; ``document_id`` is the file's."""
    read: Callable[[Form, int | None], Facts]
    """The facts as they were typed, with the file that came along or was there before."""
    faults: Callable[[Facts], dict[str, str]]
    """What keeps them from being saved, as message ids by field."""
    change: Callable[[Facts | None], Facts]
    """What is set in the document; ``None`` takes the thing out."""
    after: str
    """The view that follows."""
    more: dict[str, Any] = field(default_factory=dict)
    """What else the template shows."""


def run(held: Opened, item: Item) -> Answer:
    """Show the form; a POST saves it or takes the thing out, and leads on."""
    facts, error = item.facts, None
    if request.method == "POST":
        gone = request.form.get("do") == "remove"
        try:
            if not gone:
                said, document_id = _file(item.facts.get("document_id"))
                facts = item.read(request.form, document_id)
                _refuse(item.faults(facts) | said)
            keep(held.case.id, item.change(None if gone else facts))
            return to(item.after, case_id=held.case.id)
        except NotFound:
            raise
        except DomainError as found:
            error, held = found, opened(held.case.id)
    return step_page(
        item.template, held, item.step, error, facts=facts, names=names(facts), **item.more
    )


def _refuse(faults: dict[str, str]) -> None:
    if faults:
        raise Invalid(faults)


def _file(before: int | None) -> tuple[dict[str, str], int | None]:
    """Return what is wrong with the file that came along, and the file that counts.

    A file that can be used is kept at once, so that it need not be sent again with a form that has
    to be corrected.

    Raises:
        NotFound: the form names a file that is somebody else's.
    """
    account, file = staff().account, request.files.get("file")
    if file is not None and file.filename:
        try:
            return {}, _kept(file.filename, file.stream.read(documents.MOST_BYTES + 1))
        except Invalid as error:
            return error.fields, before
    given = reading.key(request.form.get("document_id"))
    if given is not None and given != before:
        with services().database.read() as session:
            documents.own_document(
                session, given, owner_id=account.id, enterprise_id=account.enterprise_id
            )
    return {}, given


def _kept(name: str, content: bytes) -> int:
    with services().database.write() as session:
        row = documents.add_document(
            session,
            blobs=services().blobs,
            name=name,
            content=content,
            owner_id=staff().account.id,
            enterprise_id=staff().account.enterprise_id,
            now=now(),
        )
        return row.id


def names(*rows: Facts) -> dict[int, str]:
    """Return the names of the files that the rows hold, by their ids."""
    ids = {row["document_id"] for row in rows if row.get("document_id") is not None}
    with services().database.read() as session:
        return documents.names_of(session, ids)
