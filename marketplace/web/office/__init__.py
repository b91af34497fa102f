"""The directory office's console: who may sell, what was decided, what waits for a person."""

from marketplace.web.office import (
    accounts,
    cases,
    delisting,
    documents,
    enterprises,
    exports,
    imports,
    licences,
    rehousing,
    review,
    tasks,
)
from marketplace.web.office.base import blueprint
from marketplace.web.office.figures import dashboard
from marketplace.web.office.trail import trail_pages

__all__ = [
    "accounts",
    "blueprint",
    "cases",
    "dashboard",
    "delisting",
    "documents",
    "enterprises",
    "exports",
    "imports",
    "licences",
    "rehousing",
    "review",
    "tasks",
    "trail_pages",
]
