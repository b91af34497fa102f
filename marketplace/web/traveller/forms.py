"""Reading what people type: leniently, every word kept, and in plain words what is wrong."""

from __future__ import annotations

import datetime as dt
import enum
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.vocabulary import Cluster, Theme
from marketplace.kernel.stay import LONGEST_NIGHTS, Stay
from marketplace.offers.assemble import MOST_ROOMS, OLDEST_CHILD, Party
from marketplace.offers.search import SearchQuery, Sort

MOST_WORDS = 60
MOST_NAME = 40
MOST_ADULTS = 20
MOST_CHILDREN = 10
CHILD_WHEN_UNSAID = 10
"""The age counted with while only the number of children is known; every child takes a place."""
SET_NIGHTS = ("30", "60", "90")

MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"0\d{2,3}[2-9]\d{6,7}")
ABROAD = re.compile(r"\+(?!86)[1-9]\d{6,14}")
SEPARATORS = re.compile(r"[\s().\-\u2010-\u2015\u00b7]+")

Errors = dict[str, str]
"""Field name to message id; the page translates them."""


def plain_text(typed: str) -> str:
    """Return ``typed`` without control characters, with single spaces and none at its ends."""
    kept = "".join(" " if symbol.isspace() else symbol for symbol in typed)
    kept = "".join(symbol for symbol in kept if unicodedata.category(symbol)[0] != "C")
    return " ".join(kept.split())


def normal_phone(typed: str) -> str | None:
    """Return a telephone number in the one form it is kept and looked up in, or ``None``.

    Mainland numbers stand without +86, all others with + and their country code.
    """
    number = SEPARATORS.sub("", unicodedata.normalize("NFKC", typed))
    number = re.sub(r"^00(?=[1-9])", "+", number)
    if re.fullmatch(r"86" + MOBILE.pattern, number):
        number = f"+{number}"
    if number.startswith("+86"):
        number = number[3:]
        if not MOBILE.fullmatch(number) and not number.startswith("0"):
            number = f"0{number}"
    known = MOBILE.fullmatch(number) or LANDLINE.fullmatch(number) or ABROAD.fullmatch(number)
    return number if known else None


def read_name(typed: str, errors: Errors) -> str:
    """Return the name of a guest; says in ``errors`` when there is none or it is too long."""
    name = plain_text(typed)
    if not name:
        errors["lead_name"] = "请写入住人的姓名"
    elif len(name) > MOST_NAME:
        errors["lead_name"] = "姓名最多写40个字"
    return name


def read_phone(typed: str, errors: Errors) -> str | None:
    """Return a telephone number in its normal form; says in ``errors`` when it is none."""
    number = normal_phone(typed)
    if number is None:
        errors["phone"] = "请核对手机号码，手机号是11位数字" if typed.strip() else "请写手机号码"
    return number


def _whole(typed: str) -> int | None:
    """Return a whole number however it is typed (full-width digits too), else ``None``."""
    normal = unicodedata.normalize("NFKC", typed).strip()
    return int(normal) if re.fullmatch(r"-?[0-9]{1,6}", normal) else None


def _number(  # one number of a form: where it stands, what it may be, what to say
    typed: str, *, name: str, low: int, high: int, unset: int, message: str, errors: Errors
) -> int:
    if not typed.strip():
        return unset
    number = _whole(typed)
    if number is None or not low <= number <= high:
        errors[name] = message
        return unset
    return number


def read_date(typed: str, *, name: str, errors: Errors) -> dt.date | None:
    """Return a date typed as 2027-06-20, 2027/6/20 or 2027年6月20日, else ``None``."""
    if not typed.strip():
        return None
    parts = re.findall(r"\d+", unicodedata.normalize("NFKC", typed))
    try:
        year, month, day = (int(part) for part in parts)
        return dt.date(year, month, day)
    except (ValueError, OverflowError):
        errors[name] = "请这样写日期：2027-06-20"
        return None


@dataclass(frozen=True, slots=True)
class StayForm:
    """The dates and people of a form: as typed, for showing again, and as understood."""

    arrive: str
    nights: str
    nights_other: str
    rooms: str
    adults: str
    children: str
    arrival: dt.date | None
    length: int | None
    """Nights; ``None`` when any number will do."""
    room_count: int
    adult_count: int
    child_count: int
    errors: Errors = field(default_factory=dict)

    @property
    def party(self) -> Party:
        """Who stays, as long as the children's ages are not asked."""
        return Party(self.adult_count, (CHILD_WHEN_UNSAID,) * self.child_count)

    @property
    def stay(self) -> Stay | None:
        """The stay asked for, when both ends of it are known."""
        if self.arrival is None or self.length is None:
            return None
        return Stay.of(self.arrival, self.length)

    def args(self) -> dict[str, Any]:
        """Return what was typed as arguments of an address, empty ones left out."""
        names = ("arrive", "nights", "nights_other", "rooms", "adults", "children")
        pairs = {name: getattr(self, name) for name in names}
        return {name: value for name, value in pairs.items() if value}


def read_stay(args: Mapping[str, str], *, today: dt.date, nights: str = "30") -> StayForm:
    """Read dates and people; ``nights`` is what counts when nothing is chosen."""
    errors: Errors = {}
    typed = {
        name: plain_text(args.get(name, ""))[:20]
        for name in ("arrive", "nights", "nights_other", "rooms", "adults", "children")
    }
    arrival = read_date(typed["arrive"], name="arrive", errors=errors)
    if arrival is not None and arrival < today:
        errors["arrive"], arrival = "到达日期已经过去，请选今天或以后的日期", None
    elif arrival is not None and arrival > today + dt.timedelta(days=1000):
        errors["arrive"], arrival = "这个日期太远了，请选近一点的日期", None
    choice = typed["nights"] or nights
    if choice not in (*SET_NIGHTS, "any", "other"):
        # A plain number, as addresses made by this site have: shown in the box for other numbers.
        typed["nights_other"], choice = choice, "other"
    length = _read_nights(choice, typed["nights_other"], errors)
    return StayForm(
        **{**typed, "nights": choice, "adults": typed["adults"] or "2"},
        arrival=arrival,
        length=length,
        room_count=_number(
            typed["rooms"], name="rooms", low=1, high=MOST_ROOMS, unset=1,
            message="房间请写 1 到 9 之间的数", errors=errors,
        ),
        adult_count=_number(
            typed["adults"], name="adults", low=1, high=MOST_ADULTS, unset=2,
            message="大人请写 1 到 20 之间的数", errors=errors,
        ),
        child_count=_number(
            typed["children"], name="children", low=0, high=MOST_CHILDREN, unset=0,
            message="小孩请写 0 到 10 之间的数", errors=errors,
        ),
        errors=errors,
    )  # fmt: skip


def _read_nights(choice: str, other: str, errors: Errors) -> int | None:
    if choice == "any":
        return None
    number = _whole(other if choice == "other" else choice)
    if number is None or not 1 <= number <= LONGEST_NIGHTS:
        errors["nights_other"] = "请写 1 到 120 之间的晚数"
        return None
    return number


def read_ages(args: Mapping[str, str], *, count: int, errors: Errors) -> tuple[int, ...]:
    """Return the ages of ``count`` children from ``age_1``, ``age_2`` and so on."""
    ages = []
    for number in range(1, count + 1):
        age = _whole(args.get(f"age_{number}", ""))
        if age is None or not 0 <= age <= OLDEST_CHILD:
            errors[f"age_{number}"] = "孩子的年龄请写 0 到 17 之间的整数"
        else:
            ages.append(age)
    return tuple(ages)


@dataclass(frozen=True, slots=True)
class SearchForm:
    """The search form: as typed and as understood."""

    q: str
    cluster: str
    theme: str
    lift: bool
    no_steps: bool
    hospital: bool
    sort: str
    page: int
    dates: StayForm
    errors: Errors

    @property
    def arrive(self) -> str:
        """The arrival date as typed."""
        return self.dates.arrival.isoformat() if self.dates.arrival else self.dates.arrive

    @property
    def nights(self) -> str:
        """The choice of nights."""
        return self.dates.nights

    @property
    def nights_other(self) -> str:
        """The other number of nights as typed."""
        return self.dates.nights_other

    @property
    def adults(self) -> str:
        """The adults as typed."""
        return self.dates.adults

    @property
    def children(self) -> str:
        """The children as typed."""
        return self.dates.children

    def query(self) -> SearchQuery:
        """Return the question to ask of the offers."""
        return SearchQuery(
            words=self.q,
            cluster=Cluster(self.cluster) if self.cluster else None,
            theme=Theme(self.theme) if self.theme else None,
            arrive=self.dates.arrival,
            stay=self.dates.stay,
            rooms=self.dates.room_count,
            party=self.dates.party,
            lift=self.lift,
            no_steps=self.no_steps,
            hospital=self.hospital,
            sort=Sort(self.sort) if self.sort else Sort.RELEVANCE,
            page=self.page,
        )

    def args(self, **changed: str | int | None) -> dict[str, Any]:
        """Return the form as arguments of an address, some ``changed``; ``None`` drops one."""
        flags = {name: 1 for name in ("lift", "no_steps", "hospital") if getattr(self, name)}
        mine = {"q": self.q, "cluster": self.cluster, "theme": self.theme, "sort": self.sort}
        pairs = {**mine, **self.dates.args(), **flags, **changed}
        return {name: value for name, value in pairs.items() if value not in (None, "")}


def read_words(typed: str, errors: Errors) -> str:
    """Return search words; cuts what is too long and says so."""
    words = plain_text(typed)
    if len(words) > MOST_WORDS:
        errors["q"] = "最多写60个字，后面的没有用来找"
    return words[:MOST_WORDS].strip()


def one_of(kind: type[enum.StrEnum], typed: str) -> str:
    """Return ``typed`` when it is a word of ``kind``, else nothing."""
    return typed if typed in {member.value for member in kind} else ""


def read_search(args: Mapping[str, str], *, today: dt.date) -> SearchForm:
    """Read the search form from an address; what makes no sense is named and left out."""
    dates = read_stay(args, today=today)
    errors = dict(dates.errors)
    return SearchForm(
        q=read_words(args.get("q", ""), errors),
        cluster=one_of(Cluster, args.get("cluster", "")),
        theme=one_of(Theme, args.get("theme", "")),
        lift=args.get("lift") == "1",
        no_steps=args.get("no_steps") == "1",
        hospital=args.get("hospital") == "1",
        sort=one_of(Sort, args.get("sort", "")),
        page=read_page(args),
        dates=dates,
        errors=errors,
    )


def read_page(args: Mapping[str, str]) -> int:
    """Return the number of a page of a list, from 1; nonsense is the first page."""
    number = _whole(args.get("page", "1"))
    return number if number is not None and number > 0 else 1
