"""Prices edited in the console: the rules by section, an example stay, the difference, versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from flask import redirect, url_for
from werkzeug.wrappers import Response

from marketplace.booking.contract.cancellation_rules import PRESETS
from marketplace.inventory.queries import OwnRoom, own_rooms
from marketplace.kernel.errors import DomainError, Invalid
from marketplace.operations import tariffs
from marketplace.operations.prices import PriceFileRefused
from marketplace.operations.tariffs import Draft, Example, Open, TariffChanged, Version
from marketplace.pricing.files import writing
from marketplace.pricing.files.checking import Fault
from marketplace.pricing.files.columns import Kind
from marketplace.pricing.nights.restrictions import DayRule
from marketplace.pricing.nights.terms import Board
from marketplace.staff.queries import colleagues
from marketplace.staff.roles import Permission
from marketplace.web.auth import needs, own_enterprise, staff
from marketplace.web.context import services, today
from marketplace.web.errors import fields_of, words_of
from marketplace.web.forms import reader, tariff_form
from marketplace.web.forms.tariff_form import Row
from marketplace.web.i18n import translate
from marketplace.web.operator import tariff_words as words
from marketplace.web.operator.base import blueprint
from marketplace.web.rendering import labels, pages, price_lines
from marketplace.web.rendering.price_lines import SumLine
from marketplace.web.staff_frame import errors_of, framed, say

PATH = "/prices/<int(max=2147483647):room_type_id>"
TOO_MANY = "条数太多，这里放不下了。请把价格做成文件交给名录办导入。"


TariffSection: TypeAlias = tuple[
    str, str, str, bool, Sequence[tuple[int, Row]], Sequence[tuple[str, str]]
]
"""Kind, name, hint, whether it may have several rows, its rows by number, its columns in words."""


@dataclass(frozen=True, slots=True)
class ExampleShown:
    """What an example stay costs under one set of terms, or why it cannot be had."""

    title: str
    lines: Sequence[SumLine]
    total_fen: int | None
    refused: Sequence[str]


@dataclass(frozen=True, slots=True)
class PricesHtml(pages.Page):
    """The room types that have prices."""

    template: ClassVar[str] = "operator/prices.html"

    rooms: Sequence[OwnRoom]


@dataclass(frozen=True, slots=True)
class TariffHtml(pages.Page):
    """The tariff of a room type, to be edited."""

    template: ClassVar[str] = "operator/tariff.html"

    opened: Open
    loaded: int
    """The number of the version that fills the form; 0 for the one that counts."""
    room_name: str
    sections: Sequence[TariffSection]
    boards: Sequence[tuple[str, str]]
    policies: Sequence[tuple[str, str]]
    typed: Mapping[str, str]
    """The example stay."""
    example: Sequence[ExampleShown]
    versions: Sequence[tuple[tariffs.Version, str]]
    too_many: bool
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TariffCheckHtml(pages.Page):
    """What saving a tariff would change."""

    template: ClassVar[str] = "operator/tariff_check.html"

    opened: Open
    room_name: str
    draft: Draft
    new: Sequence[str]
    changed: Sequence[tuple[str, str]]
    gone: Sequence[str]
    freed: int
    restricted: Sequence[str]
    kept: Mapping[str, str]
    typed: Mapping[str, str]
    example: Sequence[ExampleShown]
    errors: Mapping[str, str]


@blueprint.get("/prices")
@needs(Permission.CHANGE_OWN_STOCK)
def prices() -> str:
    """List the room types whose tariff can be edited."""
    with services().database.read() as session:
        rooms = own_rooms(session, enterprise_id=own_enterprise())
    return framed(PricesHtml(rooms=rooms), nav="prices")


@blueprint.get(PATH)
@needs(Permission.CHANGE_OWN_STOCK)
def tariff(room_type_id: int) -> str:
    """Show the rules of a room type to be edited, or those of an earlier version."""
    wanted = reader.asked().key("version")
    opened = _opened(room_type_id)
    if wanted is None:
        return _form(opened, tariffs.rows_of(opened.state))
    with services().database.read() as session:
        version, rows = tariffs.rows_of_version(session, opened, tariff_id=wanted)
    return _form(opened, rows, loaded=version.number)


def _opened(room_type_id: int) -> Open:
    with services().database.read() as session:
        return tariffs.open_tariff(
            session, room_type_id=room_type_id, enterprise_id=own_enterprise(), today=today()
        )


@blueprint.post(PATH)
@needs(Permission.CHANGE_OWN_STOCK)
def edit_tariff(room_type_id: int) -> str | tuple[str, int]:
    """Add or take out a row, reckon the example, or show the difference; saves nothing."""
    opened, do = _opened(room_type_id), reader.posted().sent("do")
    rows = tariff_form.rows(reader.posted())
    if len(rows) > tariff_form.MOST_ROWS:
        return _too_many(opened, rows)
    if do == "check":
        return _checked(opened, rows)
    if do != "try":
        return _form(opened, tariff_form.changed(rows, do))
    try:
        draft = _put(opened, rows, apply=False)
    except PriceFileRefused as error:
        return _form(opened, rows, errors=_row_errors(rows, error)), error.http_status
    except TariffChanged as error:
        return _changed_meanwhile(opened, rows, error)
    return _form(opened, rows, draft=draft)


@blueprint.get(f"{PATH}/save")
@needs(Permission.CHANGE_OWN_STOCK)
def save_tariff_again(room_type_id: int) -> Response:
    """Go back to the tariff: nothing is saved by opening an address."""
    return redirect(url_for("operator.tariff", room_type_id=room_type_id))


@blueprint.post(f"{PATH}/save")
@needs(Permission.CHANGE_OWN_STOCK)
def save_tariff(room_type_id: int) -> str | Response | tuple[str, int]:
    """Save what the difference showed as a new version; a second time finds it saved."""
    opened, rows = _opened(room_type_id), tariff_form.rows(reader.posted())
    if len(rows) > tariff_form.MOST_ROWS:
        return _too_many(opened, rows)
    try:
        _put(opened, rows, apply=True)
    except PriceFileRefused as error:
        return _form(opened, rows, errors=_row_errors(rows, error)), error.http_status
    except TariffChanged as error:
        return _changed_meanwhile(opened, rows, error)
    say("价目存好了，新的报价马上按它算。已经订好的和报过价的不变")
    return redirect(url_for("operator.tariff", room_type_id=room_type_id), 303)


def _too_many(opened: Open, rows: list[Row]) -> tuple[str, int]:
    return _form(opened, rows, errors={"": translate(TOO_MANY)}), 422


def _put(opened: Open, rows: list[Row], *, apply: bool, fingerprint: str | None = None) -> Draft:
    shown = reader.posted().sent("fingerprint") if fingerprint is None else fingerprint
    return tariffs.put(
        services().database,
        tariffs.TariffEdit(
            room_type_id=opened.room.place.room_type_id,
            enterprise_id=own_enterprise(),
            rows=rows,
            fingerprint=shown,
        ),
        apply=apply,
        actor=staff().actor,
        clock=services().clock,
    )


def _checked(opened: Open, rows: list[Row]) -> str | tuple[str, int]:
    try:
        draft = _put(opened, rows, apply=False)
    except PriceFileRefused as error:
        return _form(opened, rows, errors=_row_errors(rows, error)), error.http_status
    except TariffChanged as error:
        return _changed_meanwhile(opened, rows, error)
    return _difference(draft, rows, {})


def _changed_meanwhile(opened: Open, rows: list[Row], error: TariffChanged) -> tuple[str, int]:
    """Show what was typed against the version that counts by now."""
    try:
        draft = _put(opened, rows, apply=False, fingerprint=opened.fingerprint)
    except (PriceFileRefused, TariffChanged):
        page = _form(opened, rows, errors={"": words_of(error)})
    else:
        page = _difference(draft, rows, {"": words_of(error)})
    return page, error.http_status


def _row_errors(rows: list[Row], error: PriceFileRefused) -> dict[str, str]:
    """Return the faults by the first field of the row that each is about."""
    found: dict[str, str] = {}
    for fault in error.faults:
        place = min(fault.row, len(rows)) or 1
        row = rows[place - 1] if rows else {"rule": Kind.SEASON.value}
        first = tariff_form.columns_of(Kind(row["rule"]))[0]
        name = f"{row['rule']}-{place}-{first}"
        said = translate("第 %(row)s 条：%(fault)s", row=place, fault=_fault(fault))
        found[name] = f"{found[name]} {said}" if name in found else said
    return found


def _fault(fault: Fault) -> str:
    params = dict(fault.params)
    if isinstance(inner := params.get("fault"), str):
        return translate(inner)  # the room type is the one on the page
    if isinstance(name := params.get("column"), str):
        params["column"] = words.column(name)
    if isinstance(rule := params.get("rule"), str):
        params["rule"] = words.section(Kind(rule))[0]
    return translate(fault.message, **params)


def _form(
    opened: Open,
    rows: list[Row],
    *,
    draft: Draft | None = None,
    loaded: int = 0,
    errors: dict[str, str] | None = None,
) -> str:
    typed = tariff_form.example_typed(reader.posted(), today=today())
    example, faults = _example(opened, draft, typed)
    rows = tariff_form.with_single(rows)
    numbered = list(enumerate(rows, start=1))
    return framed(
        TariffHtml(
            opened=opened,
            loaded=loaded,
            room_name=_room_name(opened),
            sections=[
                (
                    kind.value,
                    *words.section(kind),
                    tariff_form.is_list(kind),
                    [(place, row) for place, row in numbered if row["rule"] == kind],
                    [(name, words.column(name)) for name in tariff_form.columns_of(kind)],
                )
                for kind in tariff_form.KINDS
            ],
            boards=[("", ""), *((board.value, labels.board_label(board)) for board in Board)],
            policies=[("", ""), *((name, words.policy(name)) for name in PRESETS)],
            typed=typed,
            example=example,
            versions=_versions(opened),
            too_many=len(rows) >= tariff_form.MOST_ROWS,
            errors={**(errors or {}), **faults},
        ),
        nav="prices",
    )


def _difference(draft: Draft, rows: list[Row], errors: dict[str, str]) -> str:
    typed = tariff_form.example_typed(reader.posted(), today=today())
    example, _ = _example(draft.opened, draft, typed)
    found = draft.difference
    asked = {day: rule for day, rule in draft.rules.items() if rule != DayRule()}
    return framed(
        TariffCheckHtml(
            opened=draft.opened,
            room_name=_room_name(draft.opened),
            draft=draft,
            new=list(map(words.said, found.new)),
            changed=[(words.said(old), words.said(new)) for old, new in found.changed],
            gone=list(map(words.said, found.gone)),
            freed=len(draft.rules) - len(asked),
            restricted=list(map(words.said, writing.rows_of_rules(asked))),
            kept={
                f"{row['rule']}-{place}-{name}": text
                for place, row in enumerate(rows, start=1)
                for name, text in row.items()
                if name != "rule"
            },
            typed={f"ex_{name}": text for name, text in typed.items()},
            example=example,
            errors=errors,
        ),
        nav="prices",
    )


def _example(
    opened: Open, draft: Draft | None, typed: dict[str, str]
) -> tuple[list[ExampleShown], dict[str, str]]:
    """Return the example by what counts now and by the draft, or what is wrong with it."""
    try:
        ask = tariff_form.example(typed, today=today())
    except Invalid as error:
        return [], errors_of(error)
    state = opened.state
    with services().database.read() as session:
        shown = [
            _shown(
                translate("现在的价目"),
                tariffs.example(session, opened, terms=state.terms, rules=state.rules, ask=ask),
            )
        ]
        if draft is not None:
            rules = {**state.rules, **draft.wanted.rules}
            made = tariffs.example(session, opened, terms=draft.terms, rules=rules, ask=ask)
            shown.append(_shown(translate("改了以后"), made))
    return shown, {}


def _shown(title: str, example: Example) -> ExampleShown:
    lines = price_lines.quote_lines(example.quote) if example.quote is not None else []
    refused = example.refused
    return ExampleShown(
        title=title,
        lines=lines,
        total_fen=example.quote.total_fen if example.quote is not None else None,
        refused=_refusals(refused) if refused is not None else [],
    )


def _refusals(refused: DomainError) -> list[str]:
    return list(fields_of(refused).values()) or [words_of(refused)]


def _versions(opened: Open) -> list[tuple[Version, str]]:
    """Return the versions, the newest first, with who made each."""
    with services().database.read() as session:
        names = colleagues(session, enterprise_id=own_enterprise())
    return [
        (version, labels.host_actor_label(version.actor, names) if version.actor else "")
        for version in reversed(opened.versions)
    ]


def _room_name(opened: Open) -> str:
    with services().database.read() as session:
        rooms = own_rooms(session, enterprise_id=own_enterprise())
    mine = opened.room.place.room_type_id
    return next(labels.room_name(room) for room in rooms if room.room_type_id == mine)
