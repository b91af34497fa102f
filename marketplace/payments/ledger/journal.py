"""The journal of the ledger: entries that sum to zero, written once, never changed.

Balances are always derived. A mistake is put right by another journal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.kernel.db import insert_new, lock_word
from marketplace.kernel.money import CNY
from marketplace.payments.ledger.chart_of_accounts import AccountCode, Leg, Posting, normal_side
from marketplace.payments.models import Journal, LedgerAccount, LedgerEntry

_JOURNAL = Journal.metadata.tables[Journal.__tablename__]
_ENTRY = LedgerEntry.metadata.tables[LedgerEntry.__tablename__]
_ACCOUNT = LedgerAccount.metadata.tables[LedgerAccount.__tablename__]

Name: TypeAlias = tuple[AccountCode, str, str]
"""An account's code, its owner and its currency."""


@dataclass(frozen=True, slots=True)
class Books:
    """Accounts that exist, and what stands on one of them."""

    balance_fen: int
    accounts: Mapping[Name, int]
    """Their ids."""


NO_BOOKS = Books(0, MappingProxyType({}))


def post(
    session: Session,
    *,
    key: str,
    booking_id: str | None,
    at: dt.datetime,
    memo: str,
    entries: Sequence[Leg],
    currency: str = CNY,
) -> bool:
    """Write one journal; ``False`` when ``key`` was posted before.

    Raises ``ValueError`` unless the legs sum to zero and move something.
    """
    return bool(post_all(session, [Posting(key, booking_id, at, memo, entries, currency)]))


def post_all(
    session: Session, postings: Iterable[Posting], *, books: Books = NO_BOOKS
) -> frozenset[str]:
    """Write journals in a fixed number of statements; returns the keys not posted before.

    ``books`` that were read in this transaction save looking for their accounts.

    Raises ``ValueError`` when two of them bear the same key.
    """
    # In the order of their keys, so that two transactions that post the same ones never deadlock.
    ordered = sorted(postings, key=lambda posting: posting.key)
    if not ordered:
        return frozenset()
    if len({posting.key for posting in ordered}) != len(ordered):
        raise ValueError("two postings bear the same key")
    session.flush()
    names = {(leg.code, leg.owner, posting.currency) for posting in ordered for leg in posting.legs}
    known = books.accounts
    accounts = known if names <= known.keys() else _accounts(session, names)
    statement = insert_new(_JOURNAL, session.get_bind().dialect.name).values(
        [
            {
                "key": posting.key,
                "booking_id": posting.booking_id,
                "payable_id": posting.payable_id,
                "occurred_at": posting.at,
                "memo": posting.memo,
            }
            for posting in ordered
        ]
    )
    answer = session.execute(statement.returning(_JOURNAL.c.key, _JOURNAL.c.id))
    written = {row.key: row.id for row in answer}
    rows = [
        {"journal_id": written[posting.key], "account_id": account_id, "amount_fen": fen}
        for posting in ordered
        if posting.key in written
        for account_id, fen in _merged(posting, accounts)
    ]
    if rows:
        session.execute(sa.insert(_ENTRY).values(rows))
    return frozenset(written)


def _merged(posting: Posting, accounts: Mapping[Name, int]) -> list[tuple[int, int]]:
    """Return one sum for each account that a posting really moves."""
    sums: dict[int, int] = {}
    for leg in posting.legs:
        account_id = accounts[leg.code, leg.owner, posting.currency]
        sums[account_id] = sums.get(account_id, 0) + leg.fen
    return [(account_id, fen) for account_id, fen in sums.items() if fen]


def _accounts(session: Session, names: set[Name]) -> dict[Name, int]:
    """Return the ids of accounts, making those that do not exist yet."""
    found = _find_accounts(session, names)
    missing = names - found.keys()
    if not missing:
        return found
    # One maker at a time: two that insert several accounts in different orders would deadlock.
    lock_word(session, "ledger_account")
    session.execute(
        insert_new(_ACCOUNT, session.get_bind().dialect.name).values(
            [
                {
                    "code": code,
                    "owner": owner,
                    "currency": currency,
                    "normal_side": normal_side(code),
                }
                for code, owner, currency in sorted(missing)
            ]
        )
    )
    return _find_accounts(session, names)


def _find_accounts(session: Session, names: set[Name]) -> dict[Name, int]:
    return {
        (code, owner, currency): account_id
        for code, owner, currency, account_id in session.execute(_looked_for(names))
        if (code, owner, currency) in names
    }


def _looked_for(names: Collection[Name], *more: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """Return the statement that finds accounts; it may find others too."""
    return sa.select(
        LedgerAccount.code, LedgerAccount.owner, LedgerAccount.currency, LedgerAccount.id, *more
    ).where(
        LedgerAccount.code.in_({code for code, _, _ in names}),
        LedgerAccount.owner.in_({owner for _, owner, _ in names}),
        LedgerAccount.currency.in_({currency for _, _, currency in names}),
    )


def books(session: Session, names: Collection[Name], *, of: Name) -> Books:
    """Return which of these accounts exist, with the balance in fen of one of them: one query."""
    stands = (
        sa.select(sa.func.coalesce(sa.func.sum(LedgerEntry.amount_fen), 0))
        .where(LedgerEntry.account_id == LedgerAccount.id)
        .scalar_subquery()
    )
    # Of the others it would add up the entries of everybody.
    own = sa.case((LedgerAccount.code == of[0], stands))
    accounts, fen = {}, 0
    for code, owner, currency, account_id, balance_fen in session.execute(
        _looked_for(names, own.label("balance_fen"))
    ):
        accounts[code, owner, currency] = account_id
        if (code, owner, currency) == of:
            fen = int(balance_fen)
    return Books(fen, accounts)


def balance(
    session: Session,
    code: AccountCode,
    owner: str | None = None,
    booking_id: str | None = None,
    *,
    currency: str = CNY,
) -> int:
    """Return the balance of an account in fen: debit positive, credit negative.

    Over all owners and bookings unless one is named.
    """
    query = balance_query(code, owner, currency=currency)
    if booking_id is not None:
        query = query.join(Journal, Journal.id == LedgerEntry.journal_id).where(
            Journal.booking_id == booking_id
        )
    return int(session.execute(query).scalar_one())


def balance_query(
    code: AccountCode, owner: str | sa.ColumnElement[str] | None, *, currency: str = CNY
) -> sa.Select[int]:
    """Return the statement of a balance in fen, over all owners unless one is named."""
    query = (
        sa.select(sa.func.coalesce(sa.func.sum(LedgerEntry.amount_fen), 0))
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .where(LedgerAccount.code == code, LedgerAccount.currency == currency)
    )
    return query if owner is None else query.where(LedgerAccount.owner == owner)
