"""Roles and what each may do. Pure."""

from __future__ import annotations

import enum


class Role(enum.StrEnum):
    """What a member of staff is."""

    APPLICANT = "applicant"
    OPERATOR = "operator"
    OFFICE = "office"


class Permission(enum.StrEnum):
    """What a page or action asks for."""

    SEE_OWN_BOOKINGS = "see_own_bookings"
    CHANGE_OWN_STOCK = "change_own_stock"
    CHECK_IN = "check_in"
    SETTLE_OWN_STAYS = "settle_own_stays"
    """End a stay of one's own house early, or as a no-show: money goes back or is kept."""
    APPLY = "apply"
    EDIT_OWN_ENTRY = "edit_own_entry"
    EDIT_OWN_LISTINGS = "edit_own_listings"
    DECIDE_ENTERPRISES = "decide_enterprises"
    REVIEW_CASES = "review_cases"
    IMPORT_DIRECTORY = "import_directory"
    REHOUSE_GUESTS = "rehouse_guests"
    SEE_STATISTICS = "see_statistics"
    SEE_AUDIT = "see_audit"
    MANAGE_ACCOUNTS = "manage_accounts"
    ACT_AT_DESK = "act_at_desk"
    """Give commands about bookings and money, in one's own name."""


GRANTS: dict[Role, frozenset[Permission]] = {
    Role.APPLICANT: frozenset({Permission.APPLY}),
    Role.OPERATOR: frozenset(
        {
            Permission.SEE_OWN_BOOKINGS,
            Permission.CHANGE_OWN_STOCK,
            Permission.CHECK_IN,
            Permission.SETTLE_OWN_STAYS,
            Permission.EDIT_OWN_ENTRY,
            Permission.EDIT_OWN_LISTINGS,
        }
    ),
    Role.OFFICE: frozenset(
        {
            Permission.DECIDE_ENTERPRISES,
            Permission.REVIEW_CASES,
            Permission.IMPORT_DIRECTORY,
            Permission.REHOUSE_GUESTS,
            Permission.SEE_STATISTICS,
            Permission.SEE_AUDIT,
            Permission.MANAGE_ACCOUNTS,
            Permission.ACT_AT_DESK,
        }
    ),
}


def may(role: Role, permission: Permission) -> bool:
    """Tell whether ``role`` carries ``permission``."""
    return permission in GRANTS[role]


MOVES_MONEY = frozenset({Permission.REHOUSE_GUESTS, Permission.ACT_AT_DESK})
"""Permissions by which money goes back or is kept; a new one that does belongs here."""

ONLY_WITH_SECOND_FACTOR = frozenset({Permission.SETTLE_OWN_STAYS})
"""Permissions that move money of one house: who signs in without a second factor opens every other
page, and sets one up before the first of these."""


def needs_second_factor(role: Role) -> bool:
    """Tell whether ``role`` opens no page without a second factor: the office, and who pays out."""
    return role is Role.OFFICE or bool(GRANTS[role] & MOVES_MONEY)
