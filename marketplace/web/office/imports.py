"""Imports of directory files: giving one, its preview, doing it, and taking it back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from catalog.bulk import import_runs, queries
from catalog.bulk.directory_rows import COLUMNS, OPTIONAL
from catalog.bulk.queries import LineView, Run
from catalog.bulk.reasons import MOST_BYTES, FileRefused, unpack
from catalog.bulk.states import KEPT, ImportUnderWay, RunState, Verdict, WrongRunState
from catalog.bulk.tables import source
from catalog.bulk.tables.encodings import CHOICES, differing
from marketplace.kernel.pagination import Page
from marketplace.staff.queries import logins
from marketplace.staff.roles import Permission
from marketplace.web.auth import needs, staff
from marketplace.web.context import now, services, today
from marketplace.web.errors import words_of
from marketplace.web.forms import csv_file, fields, reader
from marketplace.web.i18n import translate
from marketplace.web.office.base import blueprint
from marketplace.web.office.import_words import (
    ENCODINGS,
    SHOWN,
    STATES,
    fact_label,
    fact_value,
    state_tone,
)
from marketplace.web.protection.access_notes import exports
from marketplace.web.protection.security import takes_file
from marketplace.web.rendering import pages
from marketplace.web.staff_frame import framed, say, warn

RUN = "<int(max=999999999999999):run_id>"
HEADS = ("行号", "编号", "没有采用的原因")
DONE = {
    "apply": "开始执行。这一页会自己刷新，也可以离开",
    "undo": "开始撤销。这一页会自己刷新，也可以离开",
    "drop": "已放弃，名录没有变动",
}


@dataclass(frozen=True, slots=True)
class ImportsHtml(pages.Page):
    """The files that were given, and the form for another."""

    template: ClassVar[str] = "office/imports.html"

    page: Page[Run]
    logins: Mapping[int, str]
    errors: Mapping[str, str]
    states: Mapping[RunState, str]
    tone: Callable[[RunState], str]
    columns: Sequence[str]
    optional: Sequence[str]
    most_lines: int
    page_url: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class ImportHtml(pages.Page):
    """One file: what it would change, or changed."""

    template: ClassVar[str] = "office/import.html"

    run: Run
    show: str
    page: Page[queries.LineView]
    busy: bool
    logins: Mapping[int, str]
    tabs: Sequence[tuple[str, str, int]]
    """Name, label, and how many lines there are."""
    state: str
    tone: str
    encoding: str
    problem: str
    readings: Sequence[tuple[str, str]]
    reason: Callable[[queries.LineView], str]
    facts: Callable[[queries.LineView], Sequence[tuple[str, str, str]]]
    page_url: Callable[[int], str]


@blueprint.get("/imports")
@needs(Permission.IMPORT_DIRECTORY)
def imports() -> str:
    """List the imports and offer a form for a new one, and the exports."""
    return _imports({})


def _imports(errors: dict[str, str]) -> str:
    with services().database.read() as session:
        page = queries.runs(session, page=reader.asked().page())
        names = logins(session, user_ids={run.given_by for run in page.items if run.given_by})
    return framed(
        ImportsHtml(
            page=page,
            logins=names,
            errors=errors,
            states=STATES,
            tone=state_tone,
            columns=COLUMNS,
            optional=OPTIONAL,
            most_lines=source.MOST_LINES,
            page_url=lambda number: url_for("office.imports", page=number),
        ),
        nav="imports",
    )


@blueprint.post("/imports")
@takes_file
@needs(Permission.IMPORT_DIRECTORY)
def give_import() -> Answer | tuple[str, int]:
    """Take a file, look it over, and have the worker read it."""
    file = request.files.get("file")
    data = file.stream.read(MOST_BYTES + 1) if file is not None else b""
    name = fields.text(file.filename if file is not None else "", import_runs.LONGEST_NAME)
    if not name:
        return _imports({"file": translate("请选一个文件")}), 422
    try:
        encoding = source.check(data)
    except FileRefused as error:
        return _imports({"file": words_of(error)}), error.http_status
    blob = services().blobs.put(data)
    with services().database.write() as session:
        run = import_runs.give(
            session,
            name=name,
            blob=blob,
            encoding=encoding,
            given_by=staff().account.id,
            now=now(),
        )
    return _to_run(run.id)


def _to_run(run_id: int) -> Answer:
    return redirect(url_for("office.import_run", run_id=run_id), 303)


@blueprint.get(f"/imports/{RUN}")
@needs(Permission.IMPORT_DIRECTORY)
def import_run(run_id: int) -> str:
    """Show how far an import is, or what it would do, line by line."""
    with services().database.read() as session:
        run = queries.run(session, run_id)
        show = _shown(run)
        number = reader.asked().page()
        page = queries.lines(session, run_id=run_id, show=show, page=number)
        other = queries.changing(session)
        names = logins(session, user_ids={run.given_by} if run.given_by else set())
    return framed(
        ImportHtml(
            run=run,
            show=show,
            page=page,
            busy=other is not None and other != run_id,
            logins=names,
            tabs=_tabs(run),
            state=translate(STATES[run.state]),
            tone=state_tone(run.state),
            encoding=translate(ENCODINGS.get(run.encoding, run.encoding)),
            problem=_words(run.problem),
            readings=_readings(run),
            reason=lambda line: _words(line.reason),
            facts=_facts,
            page_url=lambda number: url_for(
                "office.import_run", run_id=run_id, show=show, page=number
            ),
        ),
        nav="imports",
    )


def _readings(run: Run) -> list[tuple[str, str]]:
    """Return lines of a file as each of its two possible readings has them."""
    if run.state is not RunState.ASKING:
        return []
    return differing(services().blobs.get(run.blob))


@blueprint.post(f"/imports/{RUN}/read-as")
@needs(Permission.IMPORT_DIRECTORY)
def read_import_as(run_id: int) -> Answer:
    """Read a file that may be read in two ways as somebody has said; a second time is told."""
    encoding = CHOICES.get(reader.posted().sent("encoding"))
    if encoding is None:
        warn("请选一种读法")
        return _to_run(run_id)
    try:
        with services().database.write() as session:
            import_runs.tell_encoding(session, run_id=run_id, encoding=encoding, now=now())
    except WrongRunState as error:
        warn(error.message)
    return _to_run(run_id)


def _shown(run: Run) -> str:
    """Return which lines to show: those asked for, or else the first kind that there is."""
    asked = reader.asked().sent("show")
    if asked in SHOWN:
        return asked
    order = (KEPT, Verdict.CHANGED.value, Verdict.NEW.value, Verdict.REFUSED.value)
    return next((one for one in order if run.counts.get(one)), Verdict.UNCHANGED.value)


def _tabs(run: Run) -> list[tuple[str, str, int]]:
    """Return what lines can be shown: name, label and how many there are."""
    return [
        (name, translate(word), run.counts.get(name, 0))
        for name, word in SHOWN.items()
        if name != KEPT or run.state in (RunState.UNDOING, RunState.UNDONE)
    ]


def _words(packed: str) -> str:
    message, params = unpack(packed)
    return translate(message, **params) if message else ""


def _facts(line: LineView) -> list[tuple[str, str, str]]:
    """Return what a line sets: label, old and new value."""
    return [
        (fact_label(name), fact_value(name, before), fact_value(name, after))
        for name, before, after in line.facts
    ]


@blueprint.post(f"/imports/{RUN}/<any(apply, undo, drop):choice>")
@needs(Permission.IMPORT_DIRECTORY)
def decide_import(run_id: int, choice: str) -> Answer:
    """Do an import, take it back, or give it up; a second time changes nothing."""
    actor, at = staff().actor, now()
    try:
        with services().database.write() as session:
            if choice == "apply":
                import_runs.begin_apply(session, run_id=run_id, actor=actor, now=at)
            elif choice == "undo":
                import_runs.begin_undo(session, run_id=run_id, actor=actor, now=at)
            else:
                import_runs.drop(session, run_id=run_id)
    except (WrongRunState, ImportUnderWay) as error:
        warn(error.message)
    else:
        say(DONE[choice])
    return _to_run(run_id)


@blueprint.get(f"/imports/{RUN}/refused.csv")
@needs(Permission.IMPORT_DIRECTORY)
@exports
def refused_lines(run_id: int) -> Response:
    """Give the refused lines with their reasons as a file."""
    with services().database.read() as session:
        queries.run(session, run_id)
        rows: list[tuple[Any, ...]] = [
            (line, code, _words(packed))
            for line, code, packed in queries.refused(session, run_id=run_id)
        ]
    heads = [translate(head) for head in HEADS]
    return csv_file.answer(f"refused-{run_id}-{today():%Y%m%d}", heads, rows)
