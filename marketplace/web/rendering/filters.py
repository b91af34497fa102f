"""How amounts, dates and codes are written for readers of either language."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

import babel.dates
from borax.calendars.lunardate import LunarDate
from flask import Flask
from markupsafe import Markup, escape

from marketplace.kernel import phones
from marketplace.kernel.clock import SHANGHAI, shanghai_date
from marketplace.kernel.ids import group_code
from marketplace.kernel.money import FEN_A_YUAN, money, percentage
from marketplace.web.context import lang, now
from marketplace.web.i18n import translate

SUM = r"\u7ea6?[-+]?¥[\d,]*\d(?:\.\d\d)?\u8d77?"
"""A sum of money with the words for “about” before and “from” behind it, as Chinese has them."""
TELEPHONE = r"(?<!\d)0\d{2,3}-\d{3,4}-\d{4}(?!\d)"
HOURS = r"\d{1,2}:\d\d[-–]\d{1,2}:\d\d"
WHOLE = re.compile(f"{SUM}|{TELEPHONE}|{HOURS}")
"""What is read in one look: a sum of money, a telephone number, opening hours."""
HAN = re.compile(r"[\u3400-\u9fff]")
LATIN = re.compile(r"[A-Za-z]{2}")


def about(fen: int) -> str:
    """Return fen as whole yuan, rounded half up: what stands behind “about”."""
    return money((fen + FEN_A_YUAN // 2) // FEN_A_YUAN * FEN_A_YUAN)


def unbroken(text: str) -> Markup:
    """Return text in which no sum, telephone number or time span is broken over lines."""
    return Markup(WHOLE.sub(r'<span class="num">\g<0></span>', str(escape(text))))  # noqa: S704 - escaped


def _locale() -> str:
    return "en" if lang() == "en" else "zh_Hans_CN"


def date_long(day: dt.date) -> str:
    """Return a date with its weekday: 2027年6月20日 星期日."""
    pattern = "EEEE, d MMMM y" if lang() == "en" else "y年M月d日 EEEE"
    return babel.dates.format_date(day, pattern, locale=_locale())


def date_short(day: dt.date) -> str:
    """Return a date without weekday: 2027年6月20日."""
    pattern = "d MMM y" if lang() == "en" else "y年M月d日"
    return babel.dates.format_date(day, pattern, locale=_locale())


def day_and_year(day: dt.date) -> tuple[str, str]:
    """Return a date in two parts: 7月1日 and 2027年."""
    patterns = ("d MMMM", "y") if lang() == "en" else ("M月d日", "y年")
    first, second = (babel.dates.format_date(day, one, locale=_locale()) for one in patterns)
    return first, second


def month(day: dt.date) -> str:
    """Return a date's month: 2027年6月."""
    return babel.dates.format_date(day, "MMMM y" if lang() == "en" else "y年M月", locale=_locale())


def months_between(first: dt.date, last: dt.date) -> str:
    """Return the months that two days lie in, without the year: 7月到8月, or 7月."""
    pattern = "MMMM" if lang() == "en" else "LLL"
    names = [babel.dates.format_date(day, pattern, locale=_locale()) for day in (first, last)]
    if (first.year, first.month) == (last.year, last.month):
        return names[0]
    return translate("%(first)s到%(last)s", first=names[0], last=names[1])


def clock_time(instant: dt.datetime) -> str:
    """Return the time of day of an instant in Asia/Shanghai: 14:05; on another day, with the day.

    明天 02:28, 6月3日 14:05: whoever reads at a quarter to midnight knows which night is meant.
    """
    local, today = instant.astimezone(SHANGHAI), shanghai_date(now())
    clock = local.strftime("%H:%M")
    if local.date() == today:
        return clock
    if local.date() == today + dt.timedelta(days=1):
        return translate("明天 %(time)s", time=clock)
    return translate("%(day)s %(time)s", day=day_and_year(local.date())[0], time=clock)


def moment(instant: dt.datetime) -> str:
    """Return date and time of an instant in Asia/Shanghai."""
    local = instant.astimezone(SHANGHAI)
    return f"{date_short(local.date())} {local:%H:%M}"


@lru_cache(maxsize=2048)
def _lunar(day: dt.date, *, english: bool) -> str:
    found = LunarDate.from_solar(day)
    if english:
        return f"{'leap ' if found.leap else ''}month {found.month}, day {found.day}"
    return "".join(("闰" if found.leap else "", found.cn_month, "月", found.cn_day))


def lunar(day: dt.date) -> str:
    """Return the lunar date, which many older readers live by: 农历五月十六."""
    return translate("农历%(day)s", day=_lunar(day, english=lang() == "en"))


def phone_masked(phone: str) -> str:
    """Return a phone with its middle hidden: 138****5678; its extension too."""
    phone = phones.number_of(phone)
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "****"  # noqa: PLR2004


def dialled(phone: str) -> str:
    """Return what a telephone dials for a kept number; it waits before the extension."""
    number, _, extension = phone.partition(phones.TURN)
    dial = number.replace("-", "").replace(" ", "")
    return f"{dial},{extension}" if extension else dial


def lang_of(text: str) -> str:
    """Return the language of words that a person typed, where their characters tell it."""
    if HAN.search(text):
        return "zh-CN"
    return "en" if LATIN.search(text) else ""


def percent(basis_points: int) -> str:
    """Return basis points as a percentage: 15 %."""
    return f"{percentage(basis_points)}%"


def set_up(app: Flask) -> None:
    """Give the templates these filters."""
    app.jinja_env.filters.update(
        money=money,
        about=about,
        unbroken=unbroken,
        date_long=date_long,
        date_short=date_short,
        clock_time=clock_time,
        moment=moment,
        lunar=lunar,
        code_groups=group_code,
        phone_masked=phone_masked,
        dialled=dialled,
        percent=percent,
        lang_of=lang_of,
        shanghai_day=shanghai_date,
    )
