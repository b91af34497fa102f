"""The unified social credit code (GB 32100) and the licences that a category asks for."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.geography.rules import slope_fault
from catalog.office.entries import credit_code, entry_faults
from catalog.office.entries.credit_code import ALPHABET, WRONG_CHARACTER, WRONG_CHECK, WRONG_LENGTH
from catalog.office.evidence.documents import clean_name, media_type_of
from catalog.office.licences.required_licences import licences_of
from catalog.vocabulary import Category, LicenceKind, Slope

WEIGHTS = [pow(3, place, 31) for place in range(17)]
"""The standard's own rule: place i weighs 3 to the power of i, modulo 31."""
bodies = st.builds(
    "".join,
    st.tuples(
        st.text(ALPHABET, min_size=2, max_size=2),
        st.text("0123456789", min_size=6, max_size=6),
        st.text(ALPHABET, min_size=9, max_size=9),
    ),
)


def check_of(body: str) -> str:
    total = sum(ALPHABET.index(char) * weight for char, weight in zip(body, WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


@given(bodies)
def test_exactly_one_check_character_fits(body: str) -> None:
    fits = [char for char in ALPHABET if credit_code.fault(body + char) is None]
    assert fits == [check_of(body)]


@given(bodies, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_place_never_passes(body: str, place: int, char: str) -> None:
    code = body + check_of(body)
    changed = code[:place] + char + code[place + 1 :]
    if changed != code:
        assert credit_code.fault(changed) in (WRONG_CHECK, WRONG_CHARACTER)


@given(bodies)
def test_two_neighbours_swapped_never_pass(body: str) -> None:
    code = body + check_of(body)
    swapped = code[:9] + code[10] + code[9] + code[11:]
    if swapped != code:
        assert credit_code.fault(swapped) is not None


@given(st.text(max_size=30))
def test_anything_typed_is_answered(typed: str) -> None:
    code = credit_code.normal(typed)
    assert credit_code.normal(code) == code
    if len(code) not in (0, 18):
        assert credit_code.fault(code) == WRONG_LENGTH


@pytest.mark.parametrize("code", ["91110000600037341I", "9111000O600037341L"])
def test_what_cannot_occur_is_told_apart(code: str) -> None:
    assert credit_code.fault(code) == WRONG_CHARACTER


def test_known_codes_pass_and_a_villages_collective_too() -> None:
    typed = " \uff19\uff11\uff11\uff11 0000-600037341l "
    assert credit_code.fault(credit_code.normal(typed)) is None
    body = "N2222426MF1234567"
    assert credit_code.fault(body + check_of(body)) is None


def test_a_business_licence_is_always_asked_for() -> None:
    assert licences_of(None) == [LicenceKind.BUSINESS]
    for category in Category:
        assert licences_of(category)[0] is LicenceKind.BUSINESS
    stay = {LicenceKind.LODGING, LicenceKind.HYGIENE, LicenceKind.FIRE}
    assert stay < set(licences_of(Category.FOREST_CABIN))
    assert LicenceKind.WATER in licences_of(Category.HOT_SPRING_RESORT)
    assert LicenceKind.CLINIC in licences_of(Category.TCM_WELLNESS)


@pytest.mark.parametrize("place", [*Slope, None])
@pytest.mark.parametrize("station", [Slope.NORTH, Slope.WEST, None])
def test_a_station_of_another_slope_is_never_right(
    place: Slope | None, station: Slope | None
) -> None:
    said = slope_fault(place, station)
    assert (said is None) == (place is None or station is None or place is station)
    assert said is None or ("二道白河" in said and "松江河" in said)


@pytest.mark.parametrize(
    ("date", "wrong"),
    [("2026", False), ("2026-05", False), ("2026-05-01", False), ("2026-13", True),
     ("2026-02-30", True), ("26-05-01", True), ("2027-06-02", True), ("1900", True), ("", False)],
)  # fmt: skip
def test_a_sources_date_may_be_as_short_as_its_year(date: str, wrong: bool) -> None:
    faults = entry_faults.Faults()
    entry_faults.source_date(faults, "date", date, dt.date(2027, 6, 1))
    assert bool(faults.wrong) == wrong


@pytest.mark.parametrize(
    ("content", "found"),
    [(b"%PDF-1.4\n", "application/pdf"), (b"\xff\xd8\xff\xe0", "image/jpeg"),
     (b"\x89PNG\r\n\x1a\n", "image/png"), (b"RIFF\0\n\0\0WEBPVP8 ", "image/webp"),
     (b"RIFF\0\0\0\0WAVE", None), (b"<html>%PDF-1.4", None), (b"PK\x03\x04", None)],
)  # fmt: skip
def test_a_file_is_what_its_first_bytes_say(content: bytes, found: str | None) -> None:
    assert media_type_of(content) == found


@given(st.text(max_size=300))
def test_a_files_name_is_cleaned(name: str) -> None:
    kept = clean_name(name)
    assert 0 < len(kept) <= 120
    assert not set(kept) & set('/\\<>:"|?*\n\r\0')
