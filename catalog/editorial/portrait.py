"""The parts of a portrait."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A text in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is known, as a sentence that needs no other."""

    zh: str
    en: str
    source: Text
    as_of: str = ""
    """Date of the source, as precise as it is given: 2024-12-12, 2018-02, 2019; empty when none."""
    code: str = ""
    """The enterprise it is about: while that one is not listed, the fact is not told."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """What is told of one cluster or theme."""

    lede: Text
    """One or two sentences under the heading, and the page's description for search engines."""
    more: tuple[Text, ...] = ()
    """What a traveller should know before choosing."""
    facts: tuple[Fact, ...] = ()
    gaps: tuple[Text, ...] = ()
    """What nobody has found out yet."""
