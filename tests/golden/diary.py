"""What was seen and told while the story went on, in order, under headings that stay the same."""

from __future__ import annotations

from dataclasses import dataclass, field

PARTNERS, TRAVELLERS, STAFF, DESK = "partners", "travellers", "staff", "desk"


@dataclass
class Diary:
    """Entries by the audience that saw them."""

    kept: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def note(self, audience: str, heading: str, lines: list[str]) -> None:
        """Keep what an audience saw; a heading that is there already gets a number."""
        entries = self.kept.setdefault(audience, {})
        count, unused = 1, heading
        while unused in entries:
            count += 1
            unused = f"{heading} #{count}"
        entries[unused] = lines
