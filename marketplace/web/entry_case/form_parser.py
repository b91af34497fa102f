"""From the fields of a step to the facts of the document; what cannot be read stays as typed."""

from __future__ import annotations

from catalog.office.cases.case_facts import Facts
from catalog.office.entries import credit_code
from catalog.office.entries.entry_faults import MOST_SITES
from catalog.vocabulary import Cluster
from marketplace.kernel import phones
from marketplace.kernel.typed import Unit, clock, number, partial_date, whole
from marketplace.web.forms.field_sizes import SIZES
from marketplace.web.forms.reader import FormReader

MOST_TYPED = 5000
"""Longer texts than any field takes are still shown again, with what is wrong."""
USUAL_ERROR_KM = 1.0
SITE_TEXTS = ("name", "address", "town_zh", "town_en", "way_zh", "slope", "station", "datum")
NEW_SITE: Facts = {
    "id": None, "name": "", "address": "", "town_zh": "", "town_en": "", "phone": "",
    "arrive_from": "", "way_zh": "", "slope": "", "station": "", "lat": None, "lon": None,
    "error_km": USUAL_ERROR_KM, "datum": "",
}  # fmt: skip


def text(form: FormReader, name: str) -> str:
    """Return what was typed into a field, without control characters."""
    return form.text(name, MOST_TYPED)


def business(form: FormReader) -> Facts:
    """Return who the business is."""
    return {
        "legal_name": text(form, "legal_name"),
        "credit_code": credit_code.normal(text(form, "credit_code")),
        "name_zh": text(form, "name_zh"),
        "name_en": text(form, "name_en"),
        "category": text(form, "category"),
    }


def contact(form: FormReader) -> dict[str, str]:
    """Return whom the office may ask."""
    phone = text(form, "contact_phone")
    return {"name": text(form, "contact_name"), "phone": phones.normal(phone) or phone}


def place(form: FormReader) -> Facts:
    """Return county, clusters and sites, with a site more or less where a button asks for it."""
    count = min(max(form.whole("sites") or 0, 0), MOST_SITES + 1)
    sites = [_site(form.part(f"site_{number}_")) for number in range(count)]
    do, _, which = form.sent("do").partition(":")
    gone = whole(which)
    if do == "remove" and gone is not None and 0 <= gone < len(sites):
        del sites[gone]
    if do == "add":
        sites.append(dict(NEW_SITE))
    return {
        "clusters": [cluster.value for cluster in Cluster if form.ticked(f"cluster_{cluster}")],
        "adcode": text(form, "adcode"),
        "sites": sites,
    }


def _site(form: FormReader) -> Facts:
    error = measure(form, "error_km", Unit.KILOMETRES)
    phone, time = text(form, "phone"), text(form, "arrive_from")
    return {
        "id": form.key("id"),
        **{name: text(form, name) for name in SITE_TEXTS},
        "phone": phones.normal(phone) or phone,
        "arrive_from": clock(time) or time,
        "lat": measure(form, "lat", Unit.DEGREES),
        "lon": measure(form, "lon", Unit.DEGREES),
        "error_km": USUAL_ERROR_KM if error is None else error,
    }


def measure(form: FormReader, name: str, unit: Unit) -> float | str | None:
    """Return a number; nothing where nothing was typed, and what was typed where it is none."""
    kept = form.text(name, SIZES.measure)
    found = number(kept, unit)
    return found if found is not None else kept or None


def day(form: FormReader, name: str) -> str:
    """Return a date, as short as its year, in the form in which it is kept; else as it is typed."""
    typed = text(form, name)
    return partial_date(typed) or typed


def licence(form: FormReader, kind: str, document_id: int | None) -> Facts:
    """Return one licence."""
    return {
        "kind": kind,
        "number": text(form, "number"),
        "issued_by": text(form, "issued_by"),
        "expires_on": "" if form.ticked("forever") else day(form, "expires_on"),
        "document_id": document_id,
    }


def source(form: FormReader, document_id: int | None, *, at: str = "") -> Facts:
    """Return where a fact comes from."""
    return {
        "source": text(form, f"{at}source"),
        "date": day(form, f"{at}date"),
        "document_id": document_id,
    }
