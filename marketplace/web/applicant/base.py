"""The blueprint on which the applicant's views register themselves."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("applicant", __name__, url_prefix="/apply")
