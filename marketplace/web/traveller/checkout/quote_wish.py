"""What a visitor asks to be priced, as its form says it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from catalog.views import ListingPage
from marketplace.kernel.errors import Invalid
from marketplace.kernel.stay import Stay
from marketplace.offers.quoting.stay_answer import room_of
from marketplace.offers.quoting.stay_offers import CHILD_WHEN_UNSAID, make_stay
from marketplace.pricing.nights.selection import Party, StaySelection
from marketplace.web.forms.stay_form import Choice, StayForm


@dataclass(frozen=True, slots=True)
class Wish:
    """What a visitor asks to be priced: the form of a listing and what was chosen besides."""

    listing_id: int
    room_type_id: int | None
    form: StayForm
    choice: Choice = field(default_factory=Choice)

    @property
    def party(self) -> Party:
        """Who stays; while an age is not known a child counts as one of ten."""
        unsaid = (CHILD_WHEN_UNSAID,) * self.form.child_count
        return Party(
            self.form.adult_count, unsaid if self.choice.ages is None else self.choice.ages
        )

    def selection(self, page: ListingPage, *, today: dt.date) -> StaySelection:
        """Return what is chosen of the listing ``page``.

        Raises:
            NotFound: no room of this listing is named. Invalid: what is wrong in the form.
        """
        return StaySelection(
            room_type_id=room_of(page, self.room_type_id).id,
            stay=stay_wished(self.form, today=today),
            rooms=self.form.room_count,
            party=self.party,
            board=self.choice.board,
            extra_beds=self.choice.extra_beds,
            adjoining=self.choice.adjoining,
        )


def stay_wished(form: StayForm, *, today: dt.date) -> Stay:
    """Return the stay of a form; raises ``Invalid`` with all that is missing or wrong in it."""
    faults = dict(form.errors)
    if form.arrival is None:
        faults.setdefault("arrive", "请选哪天到")
    if form.length is None:
        faults.setdefault("nights", "请选住几晚")
    if faults or form.arrival is None or form.length is None:
        raise Invalid(faults)
    return make_stay(form.arrival, form.length, today=today)
