"""Rooms taken out of sale with a reason: repairs, own use; and giving them back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import redirect, url_for
from werkzeug.wrappers import Response

from marketplace.inventory import calendar
from marketplace.inventory.queries import (
    Block,
    OwnRoom,
    live_blocks,
    own_rooms,
    pools_of,
    was_own_block,
)
from marketplace.inventory.service import SoldOut
from marketplace.kernel import wishes
from marketplace.kernel.errors import Invalid, NotFound
from marketplace.kernel.ids import LONGEST_KEY
from marketplace.kernel.wishes import Answer, Wish
from marketplace.staff.roles import Permission
from marketplace.web.auth import needs, own_enterprise, staff
from marketplace.web.context import now, services, today, unit_of_work
from marketplace.web.forms import reader
from marketplace.web.forms.room_block import FIELDS, WantedBlock, parse, typed
from marketplace.web.i18n import translate
from marketplace.web.operator.base import blueprint
from marketplace.web.rendering import pages
from marketplace.web.staff_frame import errors_of, framed, say, warn

NOT_FREE = "这些日期里有的晚上空房不够，没有锁房。请看房态后改日期或间数"


@dataclass(frozen=True, slots=True)
class BlocksHtml(pages.Page):
    """The blocks that are not over, and the form for another."""

    template: ClassVar[str] = "operator/blocks.html"

    rooms: Sequence[OwnRoom]
    by_pool: Mapping[int, OwnRoom]
    blocks: Sequence[Block]
    values: Mapping[str, str]
    errors: Mapping[str, str]
    form_id: str


@blueprint.get("/blocks")
@needs(Permission.CHANGE_OWN_STOCK)
def blocks() -> str:
    """List the blocks that are not over, with the form for a new one."""
    values = dict.fromkeys(FIELDS, "") | {"room": reader.asked().line("room"), "units": "1"}
    return _page(values, {})


def _page(values: dict[str, str], errors: dict[str, str]) -> str:
    mine = own_enterprise()
    with services().database.read() as session:
        rooms = own_rooms(session, enterprise_id=mine)
        found = live_blocks(session, enterprise_id=mine, today=today())
    return framed(
        BlocksHtml(
            rooms=rooms,
            by_pool={room.pool_id: room for room in rooms},
            blocks=found,
            values=values,
            errors=errors,
            form_id=services().ids.new_id(),
        ),
        nav="blocks",
    )


@blueprint.post("/blocks")
@needs(Permission.CHANGE_OWN_STOCK)
def block() -> Response | tuple[str, int]:
    """Block rooms; the same form sent twice blocks once."""
    form = reader.posted()
    values = typed(form)
    try:
        wanted = parse(form, today=today())
        _block_once(wanted)
    except Invalid as error:
        return _page(values, errors_of(error)), error.http_status
    except SoldOut as error:
        return _page(values, {"first": translate(NOT_FREE)}), error.http_status
    say(
        "锁好了：%(first)s 到 %(last)s（含最后一晚），这些房间不再出售",
        first=values["first"],
        last=values["last"],
    )
    return redirect(url_for("operator.blocks"), 303)


def _block_once(wanted: WantedBlock) -> None:
    mine = own_enterprise()
    key = f"block:{reader.posted().form_id()}:{wanted}"[:LONGEST_KEY]
    wish = Wish(f"operator:{mine}", key, print_="")
    with services().database.write() as session:
        pool_id = pools_of(session, enterprise_id=mine).get(wanted.room_type_id)
        if pool_id is None:
            raise NotFound
        if wishes.begin(session, wish, now=now()):
            return
        block_id = calendar.block(
            unit_of_work(session, staff().actor),
            pool_id=pool_id,
            stay=wanted.stay,
            units=wanted.units,
            reason=wanted.reason,
        )
        wishes.keep(session, wish, Answer(201, block_id.encode()))


@blueprint.post("/blocks/<block_id>/release")
@needs(Permission.CHANGE_OWN_STOCK)
def unblock(block_id: str) -> Response:
    """Give blocked rooms back for sale; a second time says that it was done before."""
    mine = own_enterprise()
    try:
        with services().database.write() as session:
            calendar.unblock(
                session, block_id=block_id, enterprise_id=mine, actor=staff().actor, now=now()
            )
    except NotFound:
        with services().database.read() as session:
            if not was_own_block(session, enterprise_id=mine, block_id=block_id):
                raise
        warn("这个锁房已经解开过了")
    else:
        say("解开了，房间重新出售")
    return redirect(url_for("operator.blocks"), 303)
