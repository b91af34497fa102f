"""What the database holds, as facts with names that stay when tables and columns do not.

One statement a subject, in plain SQL: where a table, a column or the way from one to another
changes, its statement here changes, and the facts it gives do not. A fact names what it is about
by what people call it, a booking's code or a room's, never by a row's number; identifiers of
payments, refunds and changes become the booking's code with a count.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import sqlalchemy as sa

Row = Mapping[str, Any]

BOOKINGS = """
SELECT b.code, b.id, b.state, b.channel, p.name AS partner, b.external_ref, b.test,
       e.code AS seller, r.code AS room, i.first_day AS check_in, i.last_day AS check_out,
       i.units AS rooms, i.adjoining, i.adults, i.children_ages, i.board, i.extra_beds,
       b.list_fen, b.total_fen, i.commission_bp, i.topup_fen, b.fee_fen, b.reason, b.for_family,
       b.language, b.source_province, b.placed_at, b.expires_at, b.release_at, b.extensions,
       b.confirmed_at, b.ended_at, b.checked_in_at, b.version
FROM booking b JOIN enterprise e ON e.id = b.enterprise_id
JOIN booking_item i ON i.booking_id = b.id JOIN room_type r ON r.id = i.room_type_id
LEFT JOIN partner p ON p.id = b.partner_id
ORDER BY b.code
"""
NIGHTS = """
SELECT b.code AS booking, n.day, n.rate_fen, n.list_fen, n.sold_fen, n.commission_fen, n.earned_at
FROM booking_part n JOIN booking b ON b.id = n.booking_id ORDER BY b.code, n.day
"""
CLAIMS = """
SELECT r.code AS room, c.kind, c.holder, c.first_day, c.last_day, c.units, c.reason, c.made_at,
       c.released_at
FROM stock_claim c JOIN stock_pool s ON s.id = c.pool_id JOIN room_type r ON r.id = s.room_type_id
ORDER BY r.code, c.first_day, c.last_day, c.made_at, c.holder, c.id
"""
STOCK = """
SELECT r.code AS room, d.day, d.capacity, d.taken, d.closed
FROM stock_day d JOIN stock_pool s ON s.id = d.pool_id JOIN room_type r ON r.id = s.room_type_id
ORDER BY r.code, d.day
"""
RATES = """
SELECT r.code AS room, n.day, n.list_fen, n.by_hand
FROM night_rate n JOIN room_type r ON r.id = n.room_type_id ORDER BY r.code, n.day
"""
PAYMENTS = """
SELECT b.code AS booking, p.id, CASE WHEN k.kind = 'change' THEN k.subject_id END AS change,
       CASE WHEN k.kind = 'change' THEN 'full' ELSE k.kind END AS stage, p.state, p.gateway,
       p.amount_fen, p.currency, p.created_at, p.opened_at, p.expires_at, p.closed_at, p.method,
       p.paid_at, p.paid_fen, p.paid_currency, p.fee_fen,
       CASE WHEN p.state = 'succeeded' AND NOT EXISTS
            (SELECT 1 FROM payment_use u WHERE u.payment_id = p.id) THEN 1 ELSE 0 END AS in_suspense
FROM payment p JOIN booking b ON b.id = p.booking_id JOIN payable k ON k.id = p.payable_id
ORDER BY b.code, p.created_at, p.key
"""
REFUNDS = """
SELECT b.code AS booking, r.id, r.payment_id AS payment, r.amount_fen, r.currency, r.state,
       r.reason, r.attempt, r.bank_ref, r.created_at, r.finished_at, r.next_try_at
FROM refund r JOIN booking b ON b.id = r.booking_id
ORDER BY b.code, r.created_at, r.amount_fen, r.id
"""
CHANGES = """
SELECT b.code AS booking, c.id, c.number, c.kind, c.state, c.cause, c.difference_fen, c.fee_fen,
       c.made_at, c.expires_at, c.release_at, c.applied_at
FROM booking_change c JOIN booking b ON b.id = c.booking_id ORDER BY b.code, c.number
"""
RETURNS = """
SELECT b.code AS booking, r.code AS room, t.check_in, t.check_out, w.units AS rooms, t.state,
       t.made_at, t.deadline, n.code AS taken_by
FROM return_right t JOIN return_room w ON w.right_id = t.id
JOIN booking b ON b.id = t.booking_id JOIN room_type r ON r.id = w.room_type_id
LEFT JOIN booking n ON n.id = t.taken_by ORDER BY b.code
"""
REHOUSINGS = """
SELECT b.code AS booking, h.state, h.check_in, h.opened_at, h.offered_at, h.deadline,
       h.declined_at, h.ended_at
FROM rehousing h JOIN booking b ON b.id = h.booking_id ORDER BY b.code, h.opened_at
"""
OFFERS = """
SELECT b.code AS booking, r.code AS room, w.total_fen
FROM rehousing_offer o JOIN offered_room w ON w.offer_id = o.id
JOIN rehousing h ON h.id = o.rehousing_id
JOIN booking b ON b.id = h.booking_id JOIN room_type r ON r.id = w.room_type_id
ORDER BY b.code, h.opened_at, r.code
"""
JOURNALS = """
SELECT j.id, j.key, b.code AS booking, j.occurred_at, j.memo
FROM journal j LEFT JOIN booking b ON b.id = j.booking_id ORDER BY j.id
"""
ENTRIES = """
SELECT e.journal_id AS journal, a.code AS account, a.owner, a.currency, e.amount_fen
FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id
ORDER BY e.journal_id, a.code, a.owner, a.currency
"""
OWNERS = """
SELECT CAST(id AS VARCHAR(40)) AS id, 'enterprise' AS kind, code AS name FROM enterprise
UNION ALL SELECT CAST(id AS VARCHAR(40)), 'partner', name FROM partner
"""
QUOTES = """
SELECT holder, ask, made_at, expires_at FROM given_quote ORDER BY id
"""
ROOM_CODES = "SELECT id, code FROM room_type"
TASKS = """
SELECT t.key, t.kind, b.code AS booking, t.opened_at, t.done_at
FROM staff_task t LEFT JOIN booking b ON b.id = t.booking_id ORDER BY t.opened_at, t.key
"""
NOTICES = """
SELECT b.code AS booking, m.audience, m.what, m.sent_at
FROM message m JOIN booking b ON b.id = m.booking_id ORDER BY b.code, m.sent_at, m.audience, m.what
"""
CONSENTS = """
SELECT b.code AS booking, c.purpose, c.recipient, c.version, c.given_at
FROM consent c JOIN booking b ON b.id = c.booking_id ORDER BY b.code, c.given_at, c.recipient
"""

TRUTHS = frozenset({"test", "adjoining", "for_family", "in_suspense", "closed", "by_hand"})
"""Facts that are yes or no; one of the databases keeps them as numbers."""
PARTNER_ACCOUNTS = frozenset({"partner_receivable", "partner_commission"})
MARKS = {"payment": "p", "refund": "r", "change": "c"}


def facts(connection: sa.Connection) -> dict[str, list[str]]:
    """Return every subject with its facts, one a line, in an order that is of the facts alone."""
    book = _Book(connection)
    return {name: list(tell(book)) for name, tell in SUBJECTS.items()}


def names(connection: sa.Connection) -> dict[str, str]:
    """Return what bookings, changes, payments and refunds are called, by their identifiers."""
    return _Book(connection).names


class _Book:
    """Reads rows, and gives names to what rows know by identifiers."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.names: dict[str, str] = {}
        for row in self.read(BOOKINGS):
            self.names[row["id"]] = row["code"]
        for kind, statement in (("change", CHANGES), ("payment", PAYMENTS), ("refund", REFUNDS)):
            self._count(kind, statement)
        self.owners = {(row["kind"], row["id"]): row["name"] for row in self.read(OWNERS)}

    def _count(self, kind: str, statement: str) -> None:
        counted: Counter[str] = Counter()
        for row in self.read(statement):
            counted[row["booking"]] += 1
            self.names[row["id"]] = f"{row['booking']}/{MARKS[kind]}{counted[row['booking']]}"

    def read(self, statement: str) -> list[Row]:
        return [dict(row) for row in self.connection.execute(sa.text(statement)).mappings()]

    def named(self, text: str) -> str:
        """Return a text with a name for every identifier in it."""
        return ":".join(self.names.get(part, part) for part in text.split(":"))

    def owner(self, account: str, owner: str) -> str:
        kind = "partner" if account in PARTNER_ACCOUNTS else "enterprise"
        return self.owners.get((kind, owner), owner)


Tell: TypeAlias = Callable[[_Book], Iterator[str]]


def _plain(statement: str) -> Tell:
    def tell(book: _Book) -> Iterator[str]:
        for row in book.read(statement):
            yield " ".join(
                f"{name}={_said(name, value, book)}"
                for name, value in row.items()
                if value is not None and name != "id"
            )

    return tell


def _runs(statement: str) -> Tell:
    """Tell what is kept for each day in runs of days on which all is the same."""

    def tell(book: _Book) -> Iterator[str]:
        last: tuple[str, dt.date, dt.date, str] | None = None
        for row in book.read(statement):
            day = _day(row["day"])
            facts = " ".join(
                f"{name}={_said(name, value, book)}"
                for name, value in row.items()
                if name not in ("room", "day")
            )
            room, first = row["room"], day
            if last is not None:
                if (room, facts) == (last[0], last[3]) and day == last[2] + dt.timedelta(days=1):
                    first = last[1]
                else:
                    yield _run(*last)
            last = (room, first, day, facts)
        if last is not None:
            yield _run(*last)

    return tell


def _run(room: str, first: dt.date, last: dt.date, facts: str) -> str:
    return f"room={room} {first}…{last} {facts}"


def _rates(book: _Book) -> Iterator[str]:
    """Tell list prices by room and month: those of weekends come and go too often for runs."""
    months: dict[tuple[str, str], list[str]] = {}
    for row in book.read(RATES):
        day = _day(row["day"])
        price = f"{row['list_fen']}{'' if row['by_hand'] else ' by season'}"
        months.setdefault((row["room"], f"{day:%Y-%m}"), []).append(f"{day:%d}: {price}")
    for (room, month), days in months.items():
        told: list[str] = []
        for each in days:
            # Only the first day of those that follow each other with one price is told.
            if not told or told[-1].partition(": ")[2] != each.partition(": ")[2]:
                told.append(each)
        yield f"room={room} {month} {', '.join(told)}; {len(days)} days"


def _quotes(book: _Book) -> Iterator[str]:
    """Tell prices that were given, with the rooms that each is of."""
    codes = {row["id"]: row["code"] for row in book.read(ROOM_CODES)}
    for row in book.read(QUOTES):
        rooms = ",".join(codes[asked["room_type_id"]] for asked in json.loads(row["ask"]))
        told = {"holder": row["holder"], "room": rooms}
        told |= {name: row[name] for name in ("made_at", "expires_at")}
        yield " ".join(f"{name}={_said(name, value, book)}" for name, value in told.items())


def _journals(book: _Book) -> Iterator[str]:
    legs: dict[int, list[str]] = {}
    for row in book.read(ENTRIES):
        owner = book.owner(row["account"], row["owner"])
        legs.setdefault(row["journal"], []).append(
            f"{row['account']}({owner}) {row['amount_fen']:+d} {row['currency']}"
        )
    for row in book.read(JOURNALS):
        head = f"{_instant(row['occurred_at'])} {book.named(row['key'])} booking={row['booking']}"
        yield f"{head} “{row['memo']}”: {', '.join(sorted(legs.get(row['id'], [])))}"


SUBJECTS: Mapping[str, Tell] = {
    "bookings": _plain(BOOKINGS),
    "nights": _plain(NIGHTS),
    "claims": _plain(CLAIMS),
    "stock days": _runs(STOCK),
    "night rates": _rates,
    "payments": _plain(PAYMENTS),
    "refunds": _plain(REFUNDS),
    "changes": _plain(CHANGES),
    "return rights": _plain(RETURNS),
    "rehousings": _plain(REHOUSINGS),
    "rehousing offers": _plain(OFFERS),
    "journals": _journals,
    "quotes": _quotes,
    "staff tasks": _plain(TASKS),
    "notices": _plain(NOTICES),
    "consents": _plain(CONSENTS),
}


def _said(name: str, value: Any, book: _Book) -> str:
    """Write a value alike for both databases."""
    if name in TRUTHS:
        return "yes" if value else "no"
    if name == "children_ages":
        return json.dumps(json.loads(value) if isinstance(value, str) else value)
    if name == "holder" or name in MARKS or name == "key":
        return book.named(str(value))
    if name.endswith("_at") or name == "deadline":
        return _instant(value)
    return f"“{value}”" if isinstance(value, str) and " " in value else str(value)


def _instant(value: Any) -> str:
    moment = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    moment = moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
    return moment.isoformat(timespec="seconds").removesuffix("+00:00")


def _day(value: Any) -> dt.date:
    return dt.date.fromisoformat(value) if isinstance(value, str) else value
