"""What the directory owes: work of its own that the worker does, and news to other contexts.

Each class says what happened or what is to be done; who handles it is no matter of the directory's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from catalog.states import CaseStatus

# ------------------------------------------------------------------ work of its own


@dataclass(frozen=True, slots=True)
class StepImport:
    """The next piece of work on an import of the directory."""

    topic: ClassVar[str] = "import.step"
    run_id: int
    by: tuple[str, str]
    """Kind and id of whoever decided it, as the trail has them."""
    key: str
    """Of the run, its state and how far it is."""


@dataclass(frozen=True, slots=True)
class DevelopPhoto:
    """A photograph waits to be made into the sizes that pages show."""

    topic: ClassVar[str] = "photo.develop"
    photo_id: int

    @property
    def key(self) -> str:
        """Once a photograph."""
        return f"{self.topic}:{self.photo_id}"


@dataclass(frozen=True, slots=True)
class CheckDocument:
    """A file waits for the scanner to look at it."""

    topic: ClassVar[str] = "document.check"
    document_id: int

    @property
    def key(self) -> str:
        """Once a file."""
        return f"{self.topic}:{self.document_id}"


# ------------------------------------------------------------------ news to others


@dataclass(frozen=True, slots=True)
class ListingAccepted:
    """A listing was accepted: what it sells anew needs its calendars."""

    topic: ClassVar[str] = "listing.accepted"
    listing_id: int
    key: str
    """Of the case that was accepted."""

    @classmethod
    def by_case(cls, case_id: int, *, listing_id: int) -> ListingAccepted:
        """Return the news that accepting a case made or changed its listing."""
        return cls(listing_id, f"{cls.topic}:{case_id}")


@dataclass(frozen=True, slots=True)
class SuspensionBegan:
    """An enterprise was suspended: its guests need another place."""

    topic: ClassVar[str] = "rehousing.open"
    suspension_id: int

    @property
    def key(self) -> str:
        """Once a suspension."""
        return f"{self.topic}:{self.suspension_id}"


@dataclass(frozen=True, slots=True)
class SuspensionEnded:
    """A suspended enterprise sells again: guests who wait may stay."""

    topic: ClassVar[str] = "rehousing.close"
    suspension_id: int

    @property
    def key(self) -> str:
        """Once a suspension."""
        return f"{self.topic}:{self.suspension_id}"


@dataclass(frozen=True, slots=True)
class CaseDecided:
    """A case was returned, accepted or refused: its author is told."""

    topic: ClassVar[str] = "notify.case"
    case_id: int
    outcome: CaseStatus
    key: str
    """Of the case and its version."""

    @classmethod
    def at(cls, case_id: int, *, version: int, outcome: CaseStatus) -> CaseDecided:
        """Return the news of a decision; a case that comes again may be decided again."""
        return cls(case_id, outcome, f"{cls.topic}:{case_id}:{version}")


@dataclass(frozen=True, slots=True)
class LicenceEnding:
    """A licence comes to its end in so many days, or has ended: its enterprise is warned."""

    topic: ClassVar[str] = "notify.licence"
    licence_id: int
    days_before: int
    """0 when it has ended."""

    @property
    def key(self) -> str:
        """Once a licence and step."""
        return f"{self.topic}:{self.licence_id}:{self.days_before}"
