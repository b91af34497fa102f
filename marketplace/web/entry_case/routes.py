"""Makes a blueprint of the pages of a case for whoever may open them."""

from __future__ import annotations

from flask import Blueprint

from marketplace.staff.roles import Permission
from marketplace.web.auth import needs
from marketplace.web.entry_case import check, document_steps, files, overview, photos, steps
from marketplace.web.entry_case.base import VIEWS

VIEW_MODULES = (overview, steps, document_steps, photos, check, files)
"""Imported so that every page stands in ``VIEWS``."""


def pages_for(permission: Permission) -> Blueprint:
    """Return all pages of a case for staff with ``permission``, to be put below their own pages.

    They lead to each other by relative names, so that each audience stays below its own address.
    """
    made = Blueprint("case", __name__)
    for page in VIEWS:
        shown = needs(permission)(page.view)
        made.add_url_rule(
            page.path, page.view.__name__, view_func=shown, methods=list(page.methods)
        )
    return made
