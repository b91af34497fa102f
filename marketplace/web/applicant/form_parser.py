"""From the fields of a step to the facts of the document; what cannot be read stays as typed."""

from __future__ import annotations

from collections.abc import Mapping

from catalog.office.cases.case_facts import Facts
from catalog.office.entries import credit_code
from catalog.office.entries.entry_faults import MOST_SITES
from catalog.vocabulary import Cluster
from marketplace.kernel import phones
from marketplace.kernel.typed import Unit, clock, number, partial_date, whole
from marketplace.web.forms import fields

MOST_TYPED = 5000
"""Longer texts than any field takes are still shown again, with what is wrong."""
USUAL_ERROR_KM = 1.0
SITE_TEXTS = ("name", "address", "town_zh", "town_en", "way_zh", "slope", "station", "datum")
NEW_SITE: Facts = {
    "id": None, "name": "", "address": "", "town_zh": "", "town_en": "", "phone": "",
    "arrive_from": "", "way_zh": "", "slope": "", "station": "", "lat": None, "lon": None,
    "error_km": USUAL_ERROR_KM, "datum": "",
}  # fmt: skip
Form = Mapping[str, str]


def text(form: Form, name: str) -> str:
    """Return what was typed into a field, without control characters."""
    return fields.text(form.get(name), MOST_TYPED)


def business(form: Form) -> Facts:
    """Return who the business is."""
    return {
        "legal_name": text(form, "legal_name"),
        "credit_code": credit_code.normal(text(form, "credit_code")),
        "name_zh": text(form, "name_zh"),
        "name_en": text(form, "name_en"),
        "category": text(form, "category"),
    }


def contact(form: Form) -> dict[str, str]:
    """Return whom the office may ask."""
    phone = text(form, "contact_phone")
    return {"name": text(form, "contact_name"), "phone": phones.normal(phone) or phone}


def place(form: Form) -> Facts:
    """Return county, clusters and sites, with a site more or less where a button asks for it."""
    count = min(max(whole(form.get("sites")) or 0, 0), MOST_SITES + 1)
    sites = [_site(form, f"site_{number}_") for number in range(count)]
    do, _, which = form.get("do", "").partition(":")
    gone = whole(which)
    if do == "remove" and gone is not None and 0 <= gone < len(sites):
        del sites[gone]
    if do == "add":
        sites.append(dict(NEW_SITE))
    return {
        "clusters": [cluster.value for cluster in Cluster if form.get(f"cluster_{cluster.value}")],
        "adcode": text(form, "adcode"),
        "sites": sites,
    }


def _site(form: Form, at: str) -> Facts:
    error = measure(form.get(f"{at}error_km"), Unit.KILOMETRES)
    phone, time = text(form, f"{at}phone"), text(form, f"{at}arrive_from")
    return {
        "id": fields.key(form.get(f"{at}id")),
        **{name: text(form, f"{at}{name}") for name in SITE_TEXTS},
        "phone": phones.normal(phone) or phone,
        "arrive_from": clock(time) or time,
        "lat": measure(form.get(f"{at}lat"), Unit.DEGREES),
        "lon": measure(form.get(f"{at}lon"), Unit.DEGREES),
        "error_km": USUAL_ERROR_KM if error is None else error,
    }


def measure(typed: str | None, unit: Unit) -> float | str | None:
    """Return a number; nothing where nothing was typed, and what was typed where it is none."""
    kept = fields.text(typed, 30)
    found = number(kept, unit)
    return found if found is not None else kept or None


def day(form: Form, name: str) -> str:
    """Return a date, as short as its year, in the form in which it is kept; else as it is typed."""
    typed = text(form, name)
    return partial_date(typed) or typed


def licence(form: Form, kind: str, document_id: int | None) -> Facts:
    """Return one licence."""
    return {
        "kind": kind,
        "number": text(form, "number"),
        "issued_by": text(form, "issued_by"),
        "expires_on": "" if form.get("forever") else day(form, "expires_on"),
        "document_id": document_id,
    }


def source(form: Form, document_id: int | None, *, at: str = "") -> Facts:
    """Return where a fact comes from."""
    return {
        "source": text(form, f"{at}source"),
        "date": day(form, f"{at}date"),
        "document_id": document_id,
    }
