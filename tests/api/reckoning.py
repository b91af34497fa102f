"""A partner's own reckoning of a price, by what docs/partners.md says and ARI tells alone."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

WHOLE_BP = 10_000


def half_up(fen: int, basis_points: int) -> int:
    """Return a share in basis points, rounded half up to a whole fen."""
    return (fen * basis_points * 2 + WHOLE_BP) // (WHOLE_BP * 2)


def reckon(room: dict[str, Any], asked: dict[str, Any], *, booked_on: dt.date) -> int:
    """Return the total of the stay ``asked`` for in fen; ``room`` is a room type of ARI."""
    rooms, arrive = asked["rooms"], dt.date.fromisoformat(asked["arrive"])
    days = [arrive + dt.timedelta(offset) for offset in range(asked["nights"])]
    rates = {dt.date.fromisoformat(night["date"]): night["list_fen"] for night in room["nights"]}
    people = _people(room["occupancy"], asked)
    listed = {day: rates[day] * rooms + people for day in days}
    total = _agreed(room, rooms, people, listed)
    off_bp = _promoted(room["promotions"], booked_on, arrive, len(days))
    return half_up(total, WHOLE_BP - off_bp) + len(days) * _undiscounted(room, asked)


def _agreed(room: dict[str, Any], rooms: int, people: int, listed: dict[dt.date, int]) -> int:
    reached = [each for each in room["discounts"] if each["min_nights"] <= len(listed)]
    off = max(reached, key=lambda each: each["min_nights"])["off_bp"] if reached else 0
    kept = WHOLE_BP - off
    by_month: dict[str, list[dt.date]] = defaultdict(list)
    for day in listed:
        by_month[f"{day:%Y-%m}"].append(day)
    rest, fixed = sum(listed.values()), 0
    for term in room["months"]:
        inside = by_month.get(term["month"], [])
        if not inside or len(listed) < term["min_nights"]:
            continue
        before = sum(listed[day] for day in inside)
        priced = sum(_of_month(term, day) * rooms + people for day in inside)
        if priced * WHOLE_BP < before * kept:
            rest, fixed = rest - before, fixed + priced
    return half_up(rest, kept) + fixed


def _of_month(term: dict[str, Any], day: dt.date) -> int:
    following = (day.replace(day=28) + dt.timedelta(4)).replace(day=1)
    nights = (following - day.replace(day=1)).days
    return term["month_fen"] // nights + (1 if day.day <= term["month_fen"] % nights else 0)


def _people(occupancy: dict[str, Any], asked: dict[str, Any]) -> int:
    """Return what the people change in one night of all rooms."""
    rooms, adults, ages = asked["rooms"], asked["adults"], asked["children_ages"]
    places = occupancy["included"] * rooms

    def of_child(age: int) -> int:
        fitting = [band["night_fen"] for band in occupancy["children"] if age <= band["to_age"]]
        return fitting[0] if fitting else occupancy["extra_adult_fen"]

    dearest = sorted((of_child(age) for age in ages), reverse=True)
    alone = max(0, min(rooms, 2 * rooms - adults - len(ages)))
    return (
        max(0, adults - places) * occupancy["extra_adult_fen"]
        + sum(dearest[max(0, places - adults) :])
        - alone * occupancy["single_off_fen"]
    )


def _promoted(
    promotions: list[dict[str, Any]], booked_on: dt.date, arrive: dt.date, nights: int
) -> int:
    """Return the basis points of the best promotion whose conditions are met."""

    def within(day: dt.date, first: str | None, last: str | None) -> bool:
        return (first or "") <= day.isoformat() <= (last or "9999")

    lead = (arrive - booked_on).days
    met = [
        each["off_bp"]
        for each in promotions
        if nights >= each["min_nights"]
        and lead >= each["min_lead_days"]
        and (each["max_lead_days"] is None or lead <= each["max_lead_days"])
        and within(booked_on, each["booked_first"], each["booked_last"])
        and within(arrive, each["arrive_first"], each["arrive_last"])
    ]
    return max(met, default=0)


def _undiscounted(room: dict[str, Any], asked: dict[str, Any]) -> int:
    """Return what beds and meals cost a night."""
    beds = asked.get("extra_beds", 0)
    cost = beds * room["extra_bed"]["night_fen"] if beds else 0
    for term in room["boards"]:
        if term["board"] == asked.get("board"):
            cost += asked["adults"] * term["adult_fen"]
            cost += len(asked["children_ages"]) * term["child_fen"]
    return int(cost)
