"""The blueprint on which the pages of the own account register themselves."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("account", __name__, url_prefix="/account")
LONGEST_LOGIN, LONGEST_PASSWORD, LONGEST_CODE = 80, 200, 80
