"""The blueprint on which the traveller views register themselves."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("traveller", __name__)
