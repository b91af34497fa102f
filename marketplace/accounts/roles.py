"""Roles and what each may do. Pure."""

from __future__ import annotations

import enum


class Role(enum.StrEnum):
    """What a member of staff is."""

    OPERATOR = "operator"
    OFFICE = "office"


class Permission(enum.StrEnum):
    """What a page or action asks for."""

    SEE_OWN_BOOKINGS = "see_own_bookings"
    CHANGE_OWN_STOCK = "change_own_stock"
    CHECK_IN = "check_in"
    DECIDE_ENTERPRISES = "decide_enterprises"
    SEE_AUDIT = "see_audit"


GRANTS: dict[Role, frozenset[Permission]] = {
    Role.OPERATOR: frozenset(
        {Permission.SEE_OWN_BOOKINGS, Permission.CHANGE_OWN_STOCK, Permission.CHECK_IN}
    ),
    Role.OFFICE: frozenset({Permission.DECIDE_ENTERPRISES, Permission.SEE_AUDIT}),
}


def may(role: Role, permission: Permission) -> bool:
    """Tell whether ``role`` carries ``permission``."""
    return permission in GRANTS[role]
