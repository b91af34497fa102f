"""Pages are typed objects: what a template is given is named, and checked before it is rendered."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar

from flask import render_template


@dataclass(frozen=True, slots=True)
class Page:
    """What one template shows; a subclass names the template, and its fields the variables."""

    template: ClassVar[str]


def html(page: Page, **frame: object) -> str:
    """Return a page as HTML; ``frame`` is what stands around the pages of one audience."""
    shown = {field.name: getattr(page, field.name) for field in fields(page)}
    return render_template(page.template, **frame, **shown)
