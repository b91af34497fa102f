"""Applying for an entry of the directory, claiming one, and changing one's own.

The steps serve two audiences: applicants below ``/apply``, operators below their own console.
"""

from marketplace.web.applicant import check, claim, files, home, items, photos, steps
from marketplace.web.applicant.base import blueprint

__all__ = ["blueprint", "check", "claim", "files", "home", "items", "photos", "steps"]
