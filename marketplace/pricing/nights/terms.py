"""The terms of a tariff: everything that makes the price of a stay, as frozen values. Pure.

A tariff is written as one document and never changed: a new version takes its place, so that what
was quoted or sold can always be reckoned again by the terms it was sold under.
"""

from __future__ import annotations

import calendar
import datetime as dt
import enum
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from pydantic import TypeAdapter

from marketplace.kernel.messages import Message
from marketplace.kernel.money import BASIS_POINTS, yuan
from marketplace.kernel.stay import LONGEST_NIGHTS

EVERY_WEEKDAY = frozenset(range(7))
OLDEST_CHILD = 17


class Board(enum.StrEnum):
    """Which meals come with the room."""

    ROOM_ONLY = "room_only"
    BREAKFAST = "breakfast"
    HALF_BOARD = "half_board"
    FULL_BOARD = "full_board"


@dataclass(frozen=True, slots=True)
class Season:
    """A list price for nights from ``first`` to ``last``, both included, on ``weekdays``."""

    first: dt.date
    last: dt.date
    list_fen: int
    weekdays: frozenset[int] = EVERY_WEEKDAY
    """Monday is 0."""


@dataclass(frozen=True, slots=True)
class Tier:
    """``off_bp`` basis points off the room's price from ``min_nights`` nights on."""

    min_nights: int
    off_bp: int


@dataclass(frozen=True, slots=True)
class MonthPrice:
    """What one room costs in a whole named month; a part of the month costs its part."""

    month: dt.date
    """The first day of the month."""
    month_fen: int
    min_nights: int = 30
    """The stay's nights from which it counts."""

    @property
    def days(self) -> int:
        """How many nights the month has."""
        return calendar.monthrange(self.month.year, self.month.month)[1]

    def until(self, day: int) -> int:
        """Return what the first ``day`` nights of the month cost together, in fen.

        The month's price is split over its nights by the largest remainder: earlier nights bear
        the fen that are left over, so that all of them make the month's price exactly.
        """
        each, left = divmod(self.month_fen, self.days)
        return each * day + min(day, left)

    def of_night(self, day: dt.date) -> int:
        """Return what the night that begins on ``day`` costs, in fen a room."""
        return self.until(day.day) - self.until(day.day - 1)


@dataclass(frozen=True, slots=True)
class ChildBand:
    """What a child up to ``to_age`` years, in no place of an adult's, pays a night, in fen."""

    to_age: int
    night_fen: int


@dataclass(frozen=True, slots=True)
class Occupancy:
    """What the number and age of people change in a night's list price, in fen."""

    included: int = 2
    """People in a room whom its list price covers."""
    extra_adult_fen: int = 0
    """For each adult beyond them."""
    single_off_fen: int = 0
    """Taken off for a room that one person uses alone."""
    children: tuple[ChildBand, ...] = ()
    """By age, youngest first; a child above the last band pays as an adult."""

    def of_child(self, age: int) -> int:
        """Return what a child beyond the places included pays a night, in fen."""
        for band in self.children:
            if age <= band.to_age:
                return band.night_fen
        return self.extra_adult_fen

    def cheapest_age(self) -> int:
        """Return an age at which a child pays no more than at any other."""
        ages = [*(band.to_age for band in self.children), OLDEST_CHILD]
        return min(ages, key=self.of_child)


@dataclass(frozen=True, slots=True)
class BoardPrice:
    """What meals cost a night, in fen for each adult and each child."""

    board: Board
    adult_fen: int
    child_fen: int


@dataclass(frozen=True, slots=True)
class Promotion:
    """A discount under conditions; empty conditions are met by everyone. One counts, the best."""

    code: str
    name_zh: str
    off_bp: int
    name_en: str = ""
    booked_first: dt.date | None = None
    """First day on which it can be booked."""
    booked_last: dt.date | None = None
    arrive_first: dt.date | None = None
    """First day of arrival it is for."""
    arrive_last: dt.date | None = None
    min_nights: int = 1
    min_lead_days: int = 0
    """Fewest days between booking and arrival: for the early bird."""
    max_lead_days: int | None = None
    """Most days between booking and arrival: for the last minute."""

    def meets(self, *, booked_on: dt.date, arrive: dt.date, nights: int) -> bool:
        """Whether a stay booked on that day meets every condition."""
        lead = (arrive - booked_on).days
        return (
            nights >= self.min_nights
            and lead >= self.min_lead_days
            and (self.max_lead_days is None or lead <= self.max_lead_days)
            and (self.booked_first is None or booked_on >= self.booked_first)
            and (self.booked_last is None or booked_on <= self.booked_last)
            and (self.arrive_first is None or arrive >= self.arrive_first)
            and (self.arrive_last is None or arrive <= self.arrive_last)
        )


@dataclass(frozen=True, slots=True)
class FeeBand:
    """A row of a cancellation policy: from ``days`` days before arrival on, ``fee_bp`` is kept."""

    days: int
    fee_bp: int


@dataclass(frozen=True, slots=True)
class Terms:
    """One version of the tariff of a room type."""

    seasons: tuple[Season, ...] = ()
    tiers: tuple[Tier, ...] = ()
    months: tuple[MonthPrice, ...] = ()
    occupancy: Occupancy = Occupancy()
    included_board: Board = Board.ROOM_ONLY
    boards: tuple[BoardPrice, ...] = ()
    """Meals that can be had besides the included ones."""
    extra_bed_fen: int | None = None
    """What an extra bed costs a night; ``None`` where there is none."""
    most_extra_beds: int = 0
    """Extra beds that a room has space for."""
    promotions: tuple[Promotion, ...] = ()
    lead_days: int = 0
    """Fewest days between booking and arrival."""
    window_days: int | None = None
    """Most days between booking and arrival; ``None`` for as far as there are prices."""
    arrival_weekdays: frozenset[int] = EVERY_WEEKDAY
    policy: str = "stay"
    """The preset of the cancellation policy, when ``fee_bands`` are empty."""
    fee_bands: tuple[FeeBand, ...] = ()
    """The operator's own cancellation policy, the longest notice first."""


NOTHING_SET = Terms()
"""The terms of a room type that has only a calendar of prices."""
_TERMS = TypeAdapter(Terms)


@lru_cache(maxsize=4096)
def read_terms(text: str) -> Terms:
    """Return the terms that ``write_terms`` wrote; the same text is read once."""
    return _TERMS.validate_json(text)


def write_terms(terms: Terms) -> str:
    """Return the terms as one text; what is not set is left out."""
    return _TERMS.dump_json(terms, exclude_defaults=True).decode()


def list_price(seasons: Iterable[Season], day: dt.date) -> int | None:
    """Return the list price of a night by the most particular season, ``None`` by none.

    Of several seasons the one with the fewest days counts, then the one with the fewest weekdays,
    then the lower price: never the order they stand in.
    """
    found = [
        ((season.last - season.first).days, len(season.weekdays), season.list_fen)
        for season in seasons
        if season.first <= day <= season.last and day.weekday() in season.weekdays
    ]
    return min(found)[2] if found else None


def reached(tiers: Iterable[Tier], nights: int) -> Tier | None:
    """Return the tier with the most nights that a stay of ``nights`` nights reaches."""
    open_to = [tier for tier in tiers if tier.min_nights <= nights]
    return max(open_to, key=lambda tier: tier.min_nights, default=None)


def promoted(
    promotions: Iterable[Promotion], *, booked_on: dt.date, arrive: dt.date, nights: int
) -> Promotion | None:
    """Return the promotion that takes most off; of equals the one whose code comes first."""
    met = [
        promotion
        for promotion in promotions
        if promotion.meets(booked_on=booked_on, arrive=arrive, nights=nights)
    ]
    return min(met, key=lambda promotion: (-promotion.off_bp, promotion.code), default=None)


def faults_of(terms: Terms, *, lowest_night_fen: int | None = None) -> list[str]:
    """Return what is wrong with terms, in the operator's words; nothing when they can be used.

    ``lowest_night_fen`` is the lowest list price of a night ahead, in fen: what a single guest is
    spared may be half of it at most.
    """
    return [
        *_faults_of_seasons(terms),
        *_faults_of_discounts(terms),
        *_faults_of_people(terms, lowest_night_fen),
        *_faults_of_policy(terms),
    ]


LOWEST_FEN, HIGHEST_FEN = 100, 10_000_000
_RANGE = {"least": yuan(LOWEST_FEN), "most": yuan(HIGHEST_FEN)}
WRONG_PRICE = Message("价格要在 %(least)s 元到 %(most)s 元之间", **_RANGE)
WRONG_MONTH_PRICE = Message("整月价平均每晚要在 %(least)s 元到 %(most)s 元之间", **_RANGE)
FEWEST_LONG_NIGHTS = 2
"""A discount for fewer nights would be for everybody."""
MOST_DAYS_AHEAD = 1000
MOST_EXTRA_BEDS = 4


def _faults_of_seasons(terms: Terms) -> list[str]:
    faults: list[str] = []
    for season in terms.seasons:
        if season.first > season.last or not season.weekdays <= EVERY_WEEKDAY:
            faults.append("季节的日期或星期不对，请核对")
        if not season.weekdays:
            faults.append("季节至少要有一个星期几")
        if not LOWEST_FEN <= season.list_fen <= HIGHEST_FEN:
            faults.append(WRONG_PRICE)
    return [*faults, *_faults_of_months(terms)]


def _faults_of_months(terms: Terms) -> list[str]:
    faults: list[str] = []
    months = [month.month for month in terms.months]
    if len(months) != len(set(months)):
        faults.append("同一个月写了两个整月价")
    for month in terms.months:
        if month.month.day != 1 or not 1 <= month.min_nights <= LONGEST_NIGHTS:
            faults.append("整月价的月份或晚数不对，请核对")
        if not LOWEST_FEN * month.days <= month.month_fen <= HIGHEST_FEN * month.days:
            faults.append(WRONG_MONTH_PRICE)
    return faults


def _faults_of_discounts(terms: Terms) -> list[str]:
    faults: list[str] = []
    tiers = sorted(terms.tiers, key=lambda tier: tier.min_nights)
    nights = [tier.min_nights for tier in tiers]
    if len(nights) != len(set(nights)):
        faults.append("同样的晚数写了两个长住优惠")
    if any(not FEWEST_LONG_NIGHTS <= tier.min_nights <= LONGEST_NIGHTS for tier in tiers):
        said = "长住优惠的晚数要在 %(least)s 到 %(most)s 之间"
        faults.append(Message(said, least=FEWEST_LONG_NIGHTS, most=LONGEST_NIGHTS))
    offs = [tier.off_bp for tier in tiers] + [each.off_bp for each in terms.promotions]
    if any(not 0 < off_bp < BASIS_POINTS for off_bp in offs):
        faults.append("优惠要大于 0，小于 100%")
    if any(longer.off_bp < tier.off_bp for tier, longer in pairwise(tiers)):
        faults.append("住得更久，优惠不能更少")
    codes = [promotion.code for promotion in terms.promotions]
    if len(codes) != len(set(codes)) or not all(codes):
        faults.append("每个促销要有自己的代号")
    if any(not promotion.name_zh for promotion in terms.promotions):
        faults.append("每个促销要有中文名称")
    return faults


def _faults_of_people(terms: Terms, lowest_night_fen: int | None) -> list[str]:
    faults: list[str] = []
    people = terms.occupancy
    bands = [band.to_age for band in people.children]
    if people.included < 1:
        faults.append("房价至少要包一个人")
    if bands != sorted(set(bands)) or any(not 0 <= age <= OLDEST_CHILD for age in bands):
        faults.append(Message("儿童年龄段要从小到大，最大%(most)s岁，不能重复", most=OLDEST_CHILD))
    sums = [
        people.extra_adult_fen,
        people.single_off_fen,
        terms.extra_bed_fen or 0,
        *(band.night_fen for band in people.children),
        *(fen for board in terms.boards for fen in (board.adult_fen, board.child_fen)),
    ]
    if any(not 0 <= fen <= HIGHEST_FEN for fen in sums):
        faults.append(Message("加价要在 0 元到 %(most)s 元之间", most=yuan(HIGHEST_FEN)))
    lowest = [lowest_night_fen] if lowest_night_fen else []
    lowest += [season.list_fen for season in terms.seasons]
    lowest += [month.month_fen // month.days for month in terms.months]
    if lowest and people.single_off_fen * 2 > min(lowest):
        faults.append("一人住的减价不能超过最低房价的一半")
    boards = [board.board for board in terms.boards]
    if len(boards) != len(set(boards)) or terms.included_board in boards:
        faults.append("同一种餐食写了两次")
    beds = terms.most_extra_beds
    if not 0 <= beds <= MOST_EXTRA_BEDS or (beds and not terms.extra_bed_fen):
        faults.append(Message("加床要写每晚的价格，每间最多%(most)s张", most=MOST_EXTRA_BEDS))
    return faults


def _faults_of_policy(terms: Terms) -> list[str]:
    faults: list[str] = []
    if not 0 <= terms.lead_days <= MOST_DAYS_AHEAD:
        faults.append("至少提前的天数不对")
    if terms.window_days is not None and not terms.lead_days <= terms.window_days:
        faults.append("最多提前的天数不能少于至少提前的天数")
    if not terms.arrival_weekdays or not terms.arrival_weekdays <= EVERY_WEEKDAY:
        faults.append("至少要有一个可以到店的星期几")
    days = [band.days for band in terms.fee_bands]
    fees = [band.fee_bp for band in terms.fee_bands]
    if days != sorted(set(days), reverse=True) or (days and days[-1] != 0):
        faults.append("取消办法要从提前最多的一档写到 0 天，每档一次")
    if fees != sorted(fees) or any(not 0 <= fee <= BASIS_POINTS for fee in fees):
        faults.append("越晚取消扣得越多，最多 100%")
    return faults
