"""The lives of an enterprise, of a listing and of a case before the office. Pure."""

from __future__ import annotations

import enum

from marketplace.kernel.errors import DomainError


class EnterpriseStatus(enum.StrEnum):
    """Where an enterprise stands with the directory office."""

    LISTED = "listed"
    SUSPENDED = "suspended"
    DELISTED = "delisted"


class CaseStatus(enum.StrEnum):
    """Where something stands that an applicant or operator asks of the office."""

    DRAFT = "draft"
    APPLIED = "applied"
    UNDER_REVIEW = "under_review"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ListingStatus(enum.StrEnum):
    """Where a listing stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    PUBLISHED = "published"
    PAUSED = "paused"
    ARCHIVED = "archived"


class PhotoState(enum.StrEnum):
    """How far a photograph is."""

    WAITING = "waiting"
    READY = "ready"
    FAILED = "failed"


class PhotoProblem(enum.StrEnum):
    """Why a photograph could not be made."""

    NO_PICTURE = "no_picture"
    SPOILT = "spoilt"
    MOVING = "moving"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_SMALL = "too_small"
    TOO_LONG = "too_long"
    HARMFUL = "harmful"
    LOST = "lost"


class FileState(enum.StrEnum):
    """Whether a file was found harmless; until then nobody is given it."""

    WAITING = "waiting"
    CLEAN = "clean"
    HARMFUL = "harmful"


ENTERPRISE_MOVES = {
    EnterpriseStatus.LISTED: {EnterpriseStatus.SUSPENDED},
    EnterpriseStatus.SUSPENDED: {EnterpriseStatus.LISTED, EnterpriseStatus.DELISTED},
    EnterpriseStatus.DELISTED: set(),
}

CASE_MOVES = {
    CaseStatus.DRAFT: {CaseStatus.APPLIED, CaseStatus.WITHDRAWN},
    CaseStatus.APPLIED: {CaseStatus.UNDER_REVIEW, CaseStatus.WITHDRAWN},
    CaseStatus.UNDER_REVIEW: {
        CaseStatus.ACCEPTED,
        CaseStatus.RETURNED,
        CaseStatus.REFUSED,
        CaseStatus.APPLIED,
    },
    CaseStatus.RETURNED: {CaseStatus.APPLIED, CaseStatus.WITHDRAWN},
    CaseStatus.ACCEPTED: set(),
    CaseStatus.REFUSED: set(),
    CaseStatus.WITHDRAWN: set(),
}
"""A reviewer takes a case up, and may lay it back for a colleague."""

CASE_OPEN = frozenset(status for status, moves in CASE_MOVES.items() if moves)
CASE_EDITABLE = frozenset({CaseStatus.DRAFT, CaseStatus.RETURNED})
"""While the author may change what it says."""

LISTING_MOVES = {
    ListingStatus.DRAFT: {ListingStatus.SUBMITTED, ListingStatus.ARCHIVED},
    ListingStatus.SUBMITTED: {ListingStatus.PUBLISHED, ListingStatus.DRAFT},
    ListingStatus.PUBLISHED: {ListingStatus.PAUSED, ListingStatus.ARCHIVED},
    ListingStatus.PAUSED: {ListingStatus.PUBLISHED, ListingStatus.ARCHIVED},
    ListingStatus.ARCHIVED: set(),
}


class WrongEnterpriseState(DomainError):
    """The enterprise is not in a state that allows this."""

    code = "wrong_state"
    http_status = 409
    message = "这家企业现在的状态不能这样办理，请刷新页面看最新情况"


class WrongListingState(DomainError):
    """The listing is not in a state that allows this."""

    code = "wrong_state"
    http_status = 409
    message = "这个产品现在的状态不能这样办理，请刷新页面看最新情况"


class WrongCaseState(DomainError):
    """The case is not in a state that allows this."""

    code = "wrong_state"
    http_status = 409
    message = "这份申请现在的状态不能这样办理，请刷新页面看最新情况"


def check_case(now: CaseStatus, then: CaseStatus) -> None:
    """Raise ``WrongCaseState`` unless a case may go from ``now`` to ``then``."""
    if then not in CASE_MOVES[now]:
        raise WrongCaseState(extra={"state": now.value})


def check_enterprise(now: EnterpriseStatus, then: EnterpriseStatus) -> None:
    """Raise ``WrongEnterpriseState`` unless an enterprise may go from ``now`` to ``then``."""
    if then not in ENTERPRISE_MOVES[now]:
        raise WrongEnterpriseState(extra={"state": now.value})


def check_listing(now: ListingStatus, then: ListingStatus) -> None:
    """Raise ``WrongListingState`` unless a listing may go from ``now`` to ``then``."""
    if then not in LISTING_MOVES[now]:
        raise WrongListingState(extra={"state": now.value})
