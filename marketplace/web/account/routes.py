"""Every page of the own account, registered on one blueprint."""

from marketplace.web.account import factor, kept_forms, own, views
from marketplace.web.account.base import blueprint

__all__ = ["blueprint", "factor", "kept_forms", "own", "views"]
