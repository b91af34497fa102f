"""The blueprint on which the operator's views register themselves."""

from __future__ import annotations

from flask import Blueprint
from limits import parse

blueprint = Blueprint("operator", __name__, url_prefix="/operator")
LOOK_UPS = parse("120 per hour")
"""How often one account may look for a booking by code or phone."""
