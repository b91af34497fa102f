"""Loads the applicant's views, and puts the pages of a case below them."""

from __future__ import annotations

from marketplace.staff.roles import Permission
from marketplace.web.applicant import claim, home
from marketplace.web.applicant.base import blueprint
from marketplace.web.entry_case.routes import pages_for

VIEW_MODULES = (home, claim)

blueprint.register_blueprint(pages_for(Permission.APPLY))

__all__ = ["VIEW_MODULES", "blueprint"]
