"""What the steps of a case show, each beside the frame that all of them have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from catalog.office.cases.case_facts import Facts
from catalog.office.photos.photo_intake import Standing
from marketplace.web.rendering import pages


@dataclass(frozen=True, slots=True)
class BusinessHtml(pages.Page):
    """Who the business is."""

    template: ClassVar[str] = "entry_case/business.html"

    facts: Facts
    contact: Mapping[str, str]
    categories: Sequence[tuple[str, str]]
    contact_needed: bool


@dataclass(frozen=True, slots=True)
class PlaceHtml(pages.Page):
    """Where it is."""

    template: ClassVar[str] = "entry_case/place.html"

    facts: Facts
    clusters: Sequence[tuple[str, str]]
    counties: Sequence[tuple[str, str]]
    slopes: Sequence[tuple[str, str]]
    datums: Sequence[tuple[str, str]]
    stations: Sequence[tuple[str, str]]
    most: int
    """Sites that one entry may have."""


@dataclass(frozen=True, slots=True)
class PhotosHtml(pages.Page):
    """Its photographs."""

    template: ClassVar[str] = "entry_case/photos.html"

    photos: Sequence[Facts]
    made: Mapping[int, Standing]
    typed: Mapping[str, str]
    """What was written of a photograph that was not taken."""
    full: bool


@dataclass(frozen=True, slots=True)
class LicencesHtml(pages.Page):
    """Its licences: those that are needed, and what else may be given."""

    template: ClassVar[str] = "entry_case/licences.html"

    given: Mapping[str, Facts]
    needed: Sequence[tuple[str, str]]
    others: Sequence[tuple[str, str]]
    said: Mapping[str, str]
    """What is wrong with them."""
    names: Mapping[int, str]
    next_view: str
    has_category: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FileHtml(pages.Page):
    """A form that may carry one file."""

    facts: Facts
    names: Mapping[int, str]
    """Of documents, by id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceHtml(FileHtml):
    """One licence with its scan."""

    template: ClassVar[str] = "entry_case/licence.html"

    kind: str
    title: str
    forever: bool
    removable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutHtml(FileHtml):
    """The description, and where it comes from."""

    template: ClassVar[str] = "entry_case/about.html"

    report: Facts
    """The test report of the water."""
    grades: Mapping[str, Facts]
    schemes: Sequence[tuple[str, str]]
    said: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeHtml(FileHtml):
    """One grade with its evidence."""

    template: ClassVar[str] = "entry_case/grade.html"

    title: str
    scheme: str
    removable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WaterHtml(FileHtml):
    """The test report of the water."""

    template: ClassVar[str] = "entry_case/water.html"

    removable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofHtml(FileHtml):
    """What shows that a claim comes from the owner."""

    template: ClassVar[str] = "entry_case/proof.html"
