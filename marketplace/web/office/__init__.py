"""The directory office's console: who may sell, what was decided, what waits for a person."""

from marketplace.web.office import (
    accounts,
    cases,
    dashboard,
    delisting,
    documents,
    enterprises,
    exports,
    imports,
    licences,
    rehousing,
    reviewing,
    tasks,
    trail,
)
from marketplace.web.office.base import blueprint

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
    "reviewing",
    "tasks",
    "trail",
]
