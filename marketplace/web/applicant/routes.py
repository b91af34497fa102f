"""Loads every module of the steps, so that all their routes stand on the blueprint."""

from __future__ import annotations

from marketplace.web.applicant import claim, home
from marketplace.web.entry_case import check, document_steps, files, photos, steps
from marketplace.web.entry_case.base import SHARED, blueprint

VIEW_MODULES = (home, claim, steps, document_steps, photos, check, files)

__all__ = ["SHARED", "VIEW_MODULES", "blueprint"]
