"""What waits for a person: money that does not fit, refunds that could not run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import redirect, url_for
from werkzeug.wrappers import Response

from marketplace.booking.reads import booking_names
from marketplace.kernel.pagination import Page
from marketplace.staff.roles import Permission
from marketplace.staff_tasks import queries
from marketplace.staff_tasks.service import finish
from marketplace.web.auth import needs, staff
from marketplace.web.context import now, services
from marketplace.web.forms import reader
from marketplace.web.forms.links import link_to
from marketplace.web.office.base import blueprint
from marketplace.web.office.trail.detail_words import Told, told
from marketplace.web.office.trail.subjects import named, pairs_of
from marketplace.web.rendering import pages
from marketplace.web.staff_frame import framed, say, warn


@dataclass(frozen=True, slots=True)
class TasksHtml(pages.Page):
    """The open tasks, or those that are settled."""

    template: ClassVar[str] = "office/tasks.html"

    page: Page[queries.TaskRow]
    codes: Mapping[str, str]
    """Of the bookings that they are about, by id."""
    done: bool
    told: Callable[[queries.TaskRow], Sequence[Told]]
    page_url: Callable[[int], str]


@blueprint.get("/tasks")
@needs(Permission.DECIDE_ENTERPRISES)
def tasks() -> str:
    """List the open tasks, or those that are settled."""
    done = reader.asked().sent("state") == "done"
    with services().database.read() as session:
        page = queries.tasks(session, done=done, page=reader.asked().page())
        ids = {task.booking_id for task in page.items if task.booking_id is not None}
        codes = booking_names.bookings(session, ids)
        about = named(session, (pair for task in page.items for pair in pairs_of("", task.detail)))
    given = {"state": "done"} if done else {}
    return framed(
        TasksHtml(
            page=page,
            codes=codes,
            done=done,
            told=lambda task: told("", task.detail, about),
            page_url=lambda number: link_to("office.tasks", given, page=number),
        ),
        nav="tasks",
    )


@blueprint.post("/tasks/<int(max=999999999999999):task_id>/done")
@needs(Permission.DECIDE_ENTERPRISES)
def finish_task(task_id: int) -> Response:
    """Mark a task as settled; a second time changes nothing."""
    with services().database.write() as session:
        did = finish(session, task_id=task_id, actor=staff().actor, now=now())
    if did:
        say("这件事已办结")
    else:
        warn("这件事先前已经办结")
    return redirect(url_for("office.tasks"), 303)
