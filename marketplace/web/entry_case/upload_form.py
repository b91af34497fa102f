"""A form that may carry one file: what it holds is saved whole, or shown again with its faults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import request

from catalog.office.cases.case_facts import Facts
from catalog.office.entries.entry_faults import Step
from catalog.office.evidence import documents
from marketplace.kernel.errors import DomainError, Invalid, NotFound
from marketplace.web.context import services
from marketplace.web.entry_case.base import Answer, Opened, keep, opened, save, step_page, to
from marketplace.web.entry_case.step_html import FileHtml
from marketplace.web.forms import reader
from marketplace.web.forms.reader import FormReader
from marketplace.web.protection import uploads

NOT_YET_KEPT = 0
"""Stands for the number of a file while the rest of its form is looked at."""
AGAIN = "这次没有保存文件。别的内容改好以后，请再选一次这个文件"


@dataclass(frozen=True, slots=True)
class Item:
    """What a form is about and what becomes of it."""

    page: Callable[[Facts, Mapping[int, str]], FileHtml]
    """What is shown of the facts, with the names of the documents that they hold."""
    step: Step
    facts: Facts
    """As they stand in the document; ``document_id`` is the file's."""
    read: Callable[[FormReader, int | None], Facts]
    """The facts as they were typed, with the file that came along or was there before."""
    faults: Callable[[Facts], dict[str, str]]
    """What keeps them from being saved, as message ids by field."""
    change: Callable[[Facts | None], Facts]
    """What is set in the document; ``None`` takes the thing out."""
    after: str
    """The view that follows."""


def run(held: Opened, item: Item) -> Answer:
    """Show the form; a POST saves it or takes the thing out, and leads on."""
    facts, error = item.facts, None
    if request.method == "POST":
        gone = reader.posted().sent("do") == "remove"
        if not gone:
            facts = item.read(reader.posted(), item.facts.get("document_id"))
        try:
            uploads.refuse_overtaken(held.case)
            if gone:
                keep(held.case.id, item.change(None))
            else:
                _save(held, item, facts)
            return to(item.after, case_id=held.case.id)
        except NotFound:
            raise
        except DomainError as found:
            error, held = found, opened(held.case.id)
    return step_page(item.page(facts, names(facts)), held, item.step, error)


def _save(held: Opened, item: Item, facts: Facts) -> None:
    """Save the facts together with the file that came along; refused, neither is kept."""
    file = request.files.get("file")
    if file is None or not file.filename:
        if faults := item.faults(facts):
            raise Invalid(faults)
        keep(held.case.id, item.change(facts))
        return
    content, said = uploads.content_of(file), {"file": AGAIN}
    try:
        documents.look_over(content)
    except Invalid as error:
        said = error.fields
    faults = item.faults(item.read(reader.posted(), NOT_YET_KEPT))
    if faults or said["file"] != AGAIN:
        raise Invalid(faults | said)
    with uploads.kept(content) as (session, blob):
        document = uploads.add_given_document(session, blob, content, file.filename)
        save(session, held.case.id, item.change(item.read(reader.posted(), document.id)))


def names(*rows: Facts) -> dict[int, str]:
    """Return the names of the files that the rows hold, by their ids."""
    ids = {row["document_id"] for row in rows if row.get("document_id") is not None}
    with services().database.read() as session:
        return documents.names_of(session, ids)
