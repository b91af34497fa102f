"""Money: a whole number of fen (1 yuan = 100 fen) and its currency; no float touches it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BASIS_POINTS = 10_000
FEN_A_YUAN = 100
CNY = "CNY"


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in fen and an ISO 4217 currency code."""

    amount: int
    currency: str = CNY

    def __post_init__(self) -> None:
        """Refuse anything but a whole number of fen."""
        if type(self.amount) is not int:
            raise TypeError("money is a whole number of fen")

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")

    def __add__(self, other: Money) -> Money:
        """Add an amount of the same currency."""
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        """Subtract an amount of the same currency."""
        self._same(other)
        return Money(self.amount - other.amount, self.currency)


def yuan(fen: int) -> str:
    """Return fen in yuan for people: 1,280, or 1,280.50 where there are fen; -80 below nothing."""
    return _yuan(fen, grouped=True, exact=False)


def exact_yuan(fen: int) -> str:
    """Return fen in yuan with two decimals whatever they are: 1,280.00."""
    return _yuan(fen, grouped=True, exact=True)


def plain_yuan(fen: int, *, exact: bool = False) -> str:
    """Return fen in yuan for files and programs: 1280, or 1280.50; ``exact`` is 1280.00."""
    return _yuan(fen, grouped=False, exact=exact)


def money(fen: int, *, exact: bool = False) -> str:
    """Return fen as a sum of money: ¥4,200, ¥4,200.50, -¥80; ``exact`` is ¥4,200.00."""
    sign = "-" if fen < 0 else ""
    return f"{sign}¥{_yuan(abs(fen), grouped=True, exact=exact)}"


def percentage(basis_points: int) -> str:
    """Return basis points in per cent, without the sign: 8, 12.5, 0.25."""
    whole, rest = divmod(basis_points, BASIS_POINTS // 100)
    return f"{whole}.{rest:02}".rstrip("0") if rest else str(whole)


def _yuan(fen: int, *, grouped: bool, exact: bool) -> str:
    whole, rest = divmod(abs(fen), FEN_A_YUAN)
    text = f"{whole:,}" if grouped else str(whole)
    sign = "-" if fen < 0 else ""
    return f"{sign}{text}.{rest:02}" if rest or exact else f"{sign}{text}"


def share_of(amount: int, basis_points: int) -> int:
    """Return ``basis_points``/10,000 of ``amount`` fen, rounded half up to a whole fen.

    ``amount`` must not be negative: half-up is only fair and unambiguous for what is owed.
    """
    if amount < 0:
        raise ValueError("shares are taken of amounts that are not negative")
    return (amount * basis_points * 2 + BASIS_POINTS) // (BASIS_POINTS * 2)


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """Split ``amount`` fen over ``weights`` by the largest remainder; the parts sum to ``amount``.

    No part is larger than its weight while ``amount`` is at most the sum of the weights, which is
    what makes repeated partial refunds over *remaining* weights end exactly at zero. Earlier parts
    win ties. Raises ``ValueError`` for negative input or when money is left with nowhere to go.
    """
    if amount < 0 or any(weight < 0 for weight in weights):
        raise ValueError("amount and weights must not be negative")
    total = sum(weights)
    if total == 0:
        if amount:
            raise ValueError("nothing to split over")
        return [0] * len(weights)
    parts = [amount * weight // total for weight in weights]
    by_remainder = sorted(
        range(len(weights)), key=lambda index: (-(amount * weights[index] % total), index)
    )
    for index in by_remainder[: amount - sum(parts)]:
        parts[index] += 1
    return parts
