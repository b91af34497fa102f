"""What entries of the trail are about, by name and with the page that shows it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

import catalog.directory.names as directory
from catalog.directory.names import Name
from marketplace.booking.reads import booking_names as booked
from marketplace.kernel.audit_queries import TrailEntry
from marketplace.kernel.ids import group_code
from marketplace.partners.account import names as partners
from marketplace.staff.queries import logins
from marketplace.staff_tasks import queries as staff_tasks
from marketplace.web.forms import fields
from marketplace.web.i18n import translate
from marketplace.web.office.trail.page_names import page_name
from marketplace.web.rendering import labels

Pair = tuple[str, str]
"""The kind of a thing and its id as the trail writes it."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What something is called, and the address of its page; empty where there is none."""

    words: str
    url: str = ""


NOTHING = Subject("")
Subjects = Mapping[Pair, Subject]
MENTIONED = {
    "assigned_before": "staff_user",
    "assigned": "staff_user",
    "booking": "booking",
    "case": "case",
    "enterprise": "enterprise",
    "refund": "refund",
    "rehousing": "rehousing",
}
"""Members of details that are the id of something, and of what kind it is."""
REHOUSED_FROM = ("booking.rehoused", "left")
"""``left`` is the enterprise that a guest leaves; elsewhere it is a count."""


def mentioned(action: str, member: str) -> str:
    """Return the kind of thing whose id a member of a detail is; empty where it is none."""
    return "enterprise" if (action, member) == REHOUSED_FROM else MENTIONED.get(member, "")


def pairs_of(action: str, detail: Mapping[str, Any]) -> Iterator[Pair]:
    """Yield the things that a detail mentions."""
    for member, value in detail.items():
        if kind := mentioned(action, member):
            yield kind, str(value)


def subjects_of(session: Session, entries: Iterable[TrailEntry]) -> dict[Pair, Subject]:
    """Name what entries are about and what they mention."""
    return named(session, (pair for entry in entries for pair in _pairs(entry)))


def _pairs(entry: TrailEntry) -> Iterator[Pair]:
    yield entry.subject_kind, entry.subject_id
    yield from pairs_of(entry.action, entry.detail)


def named(session: Session, pairs: Iterable[Pair]) -> dict[Pair, Subject]:
    """Name things: one query for each kind of them."""
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for kind, name in pairs:
        wanted[kind].add(name)
    return {
        (kind, name): subject
        for kind, ids in wanted.items()
        if kind in KINDS
        for name, subject in KINDS[kind](session, ids).items()
    }


def _keyed(
    read: Callable[[Session, Collection[int]], Mapping[int, Any]],
    tell: Callable[[int, Any], Subject],
) -> Callable[[Session, Collection[str]], dict[str, Subject]]:
    """Return a reader of things with a number; what is none was never one of them."""

    def found(session: Session, ids: Collection[str]) -> dict[str, Subject]:
        numbers = {number for one in ids if (number := fields.key(one)) is not None}
        return {str(key): tell(key, value) for key, value in read(session, numbers).items()}

    return found


def _entry(_key: int, name: Name) -> Subject:
    url = url_for("office.enterprise", code=name.code)
    return Subject(labels.pick(name.zh, name.en), url)


def _case(key: int, name: Name) -> Subject:
    words = labels.pick(name.zh, name.en) or translate("（还没有名称）")
    return Subject(words, url_for("office.case", case_id=key))


def _accounts(session: Session, ids: Collection[int]) -> dict[int, str]:
    return logins(session, user_ids=ids)


def _bookings(session: Session, ids: Collection[str]) -> dict[str, Subject]:
    found = booked.bookings(session, ids)
    return {key: Subject(group_code(code)) for key, code in found.items()}


def _refunds(session: Session, ids: Collection[str]) -> dict[str, Subject]:
    found = booked.refunds(session, ids)
    return {key: Subject(group_code(code)) for key, code in found.items()}


def _pages(_session: Session, ids: Collection[str]) -> dict[str, Subject]:
    return {one: Subject(page_name(one)) for one in ids}


KINDS: dict[str, Callable[[Session, Collection[str]], dict[str, Subject]]] = {
    "booking": _bookings,
    "case": _keyed(directory.cases, _case),
    "document": _keyed(
        directory.documents,
        lambda key, name: Subject(name, url_for("office.document", document_id=key)),
    ),
    "enterprise": _keyed(directory.enterprises, _entry),
    "import": _keyed(
        directory.imports,
        lambda key, name: Subject(name, url_for("office.import_run", run_id=key)),
    ),
    "listing": _keyed(directory.listings, _entry),
    "page": _pages,
    "partner": _keyed(partners, lambda _key, name: Subject(name)),
    "refund": _refunds,
    "rehousing": _keyed(
        booked.rehousings,
        lambda key, code: Subject(group_code(code), url_for("office.rehouse", rehousing_id=key)),
    ),
    "room_type": _keyed(booked.rooms, _entry),
    "staff_task": _keyed(
        staff_tasks.kinds,
        lambda _key, kind: Subject(labels.task_label(kind), url_for("office.tasks")),
    ),
    "staff_user": _keyed(
        _accounts, lambda key, login: Subject(login, url_for("office.account", user_id=key))
    ),
    "stock_pool": _keyed(booked.pools, _entry),
}
"""How things of each kind are named. Keys and attempts to sign in have no name."""
