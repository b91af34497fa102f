"""Addresses of pages with the arguments that a question, a filter or a form puts behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from flask import url_for

LinkValue: TypeAlias = str | int | Sequence[str] | None
"""What an address can carry under one name; ``None`` leaves the name out."""
LinkArgs: TypeAlias = dict[str, LinkValue]
"""Arguments of an address by name: what a form keeps in hidden fields, too."""


def link_to(
    endpoint: str, args: Mapping[str, LinkValue], *, anchor: str | None = None, **more: LinkValue
) -> str:
    """Return the address of a page with ``args`` behind it; ``more`` stand before them."""
    values: dict[str, Any] = {**more, **args}  # for Flask, its own options are such values too
    return url_for(endpoint, _anchor=anchor, **values)


def filled(args: Mapping[str, LinkValue]) -> LinkArgs:
    """Return ``args`` without those that say nothing."""
    return {name: value for name, value in args.items() if value not in (None, "", [])}
