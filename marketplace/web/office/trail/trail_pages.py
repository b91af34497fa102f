"""The audit trail: filtered, paged, and as a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import orjson
from flask import Response
from sqlalchemy.orm import Session

from marketplace.kernel.audit_queries import (
    TrailEntry,
    TrailFilters,
    account_ids,
    kinds,
    trail_page,
    trail_rows,
)
from marketplace.kernel.clock import SHANGHAI
from marketplace.kernel.pagination import Page
from marketplace.staff.queries import logins
from marketplace.staff.roles import Permission
from marketplace.web.auth import needs
from marketplace.web.context import services, today
from marketplace.web.forms import csv_file, reader
from marketplace.web.forms.field_sizes import SIZES
from marketplace.web.forms.links import link_to
from marketplace.web.i18n import translate
from marketplace.web.office.base import blueprint
from marketplace.web.office.trail.detail_words import Told, subject, told
from marketplace.web.office.trail.subjects import Pair, Subject, subjects_of
from marketplace.web.protection.access_notes import exports
from marketplace.web.rendering import labels, pages
from marketplace.web.staff_frame import framed

HEADS = (
    *(
        "编号",
        "时间",
        "谁",
        "做了什么（原文）",
        "对象（原文）",
        "对象编号",
        "细节（原文）",
        "已封存",
    ),
    *("做了什么", "对象", "细节"),
)
NAMED_AT_ONCE = 5_000
"""Entries of a file that are named by one round of queries."""


def _filters() -> tuple[TrailFilters, dict[str, str]]:
    """Return the filters asked for, and how they are written in an address."""
    first = reader.asked().day("first")
    last = reader.asked().day("last")
    filters = TrailFilters(
        subject_kind=reader.asked().text("subject"),
        subject_id=reader.asked().text("id", SIZES.identifier),
        action=reader.asked().text("action"),
        first_day=first,
        last_day=last,
    )
    shown = {
        "subject": filters.subject_kind,
        "id": filters.subject_id,
        "action": filters.action,
        "first": first.isoformat() if first else "",
        "last": last.isoformat() if last else "",
    }
    return filters, {name: value for name, value in shown.items() if value}


@dataclass(frozen=True, slots=True)
class TrailHtml(pages.Page):
    """The trail, the newest first."""

    template: ClassVar[str] = "office/trail.html"

    page: Page[TrailEntry]
    shown: Mapping[str, str]
    """The filters, as addresses write them."""
    logins: Mapping[int, str]
    subjects: Sequence[tuple[str, str]]
    actions: Sequence[tuple[str, str]]
    about: Callable[[TrailEntry], Subject]
    told: Callable[[TrailEntry], Sequence[Told]]
    raw: Callable[[TrailEntry], str]
    page_url: Callable[[int], str]
    export_url: str


@blueprint.get("/trail")
@needs(Permission.SEE_AUDIT)
def trail() -> str:
    """Show the trail, the newest first."""
    filters, shown = _filters()
    with services().database.read() as session:
        subjects, actions = kinds(session)
        number = reader.asked().page()
        page = trail_page(session, filters=filters, page=number)
        names = logins(session, user_ids=account_ids(page.items))
        about = subjects_of(session, page.items)
    return framed(
        TrailHtml(
            page=page,
            shown=shown,
            logins=names,
            subjects=[(kind, labels.subject_label(kind)) for kind in subjects],
            actions=[(action, labels.action_label(action)) for action in actions],
            about=lambda entry: subject(entry.subject_kind, entry.subject_id, about),
            told=lambda entry: told(entry.action, entry.detail, about),
            raw=_raw,
            page_url=lambda number: link_to("office.trail", shown, page=number),
            export_url=link_to("office.export_trail", shown),
        ),
        nav="trail",
    )


def _raw(entry: TrailEntry) -> str:
    """Return the facts of a decision as they are kept."""
    return orjson.dumps(entry.detail, option=orjson.OPT_SORT_KEYS).decode()


@blueprint.get("/trail.csv")
@needs(Permission.SEE_AUDIT)
@exports
def export_trail() -> Response:
    """Give the filtered trail as a file."""
    filters, _ = _filters()
    with services().database.read() as session:
        entries = list(trail_rows(session, filters=filters))
        names = logins(session, user_ids=account_ids(entries))
        about = _in_parts(session, entries)
    heads = [translate(head) for head in HEADS]
    lines = (_line(entry, names, about) for entry in entries)
    return csv_file.answer(f"trail-{today():%Y%m%d}", heads, lines)


def _in_parts(session: Session, entries: list[TrailEntry]) -> dict[Pair, Subject]:
    """Name what many entries are about, so many at a time that a database takes their ids."""
    parts = (entries[at : at + NAMED_AT_ONCE] for at in range(0, len(entries), NAMED_AT_ONCE))
    return {pair: named for part in parts for pair, named in subjects_of(session, part).items()}


def _line(
    entry: TrailEntry, names: dict[int, str], about: dict[Pair, Subject]
) -> tuple[object, ...]:
    named = subject(entry.subject_kind, entry.subject_id, about).words
    facts = told(entry.action, entry.detail, about)
    return (
        entry.id,
        entry.at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
        labels.actor_label(entry.actor, names),
        entry.action,
        entry.subject_kind,
        entry.subject_id,
        _raw(entry),
        translate("是") if entry.sealed else translate("还没有"),
        labels.action_label(entry.action),
        f"{labels.subject_label(entry.subject_kind)} {named}",
        translate("；").join(str(fact) for fact in facts),
    )
