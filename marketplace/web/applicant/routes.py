"""Loads every module of the steps, so that all their routes stand on the blueprint."""

from __future__ import annotations

from marketplace.web.applicant import check, claim, document_steps, files, home, photos, steps
from marketplace.web.applicant.base import SHARED, blueprint

VIEW_MODULES = (home, claim, steps, document_steps, photos, check, files)

__all__ = ["SHARED", "VIEW_MODULES", "blueprint"]
