"""The worked examples of ``docs/prices.md``: each is reckoned again and comes out as printed."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

import pytest

from marketplace.booking.contract.cancellation_rules import fee_bp, policy_of
from marketplace.cli.base import words_of
from marketplace.cli.prices import asked, quote_command
from marketplace.kernel.errors import DomainError
from marketplace.kernel.money import share_of
from marketplace.pricing.files.columns import COLUMNS, SHAPES, Kind
from marketplace.pricing.nights.breakdown import explain
from marketplace.pricing.nights.restrictions import DayRule, Rule
from marketplace.pricing.nights.terms import Terms, list_price
from marketplace.settings import ROOT
from tests.support.price_file import TODAY, Wanted, read

PAGE = (ROOT / "docs" / "prices.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(csv|sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CANCELLED = re.compile(r"cancelled (\d+) days before, of ([\d,]+)\.00: kept .*")
MONEY = re.compile(r"\d[\d,]*\.\d\d\b")


@dataclass(frozen=True)
class Example:
    """Rules, what is asked, and what the page says comes of it."""

    title: str
    rules: str
    asked: tuple[str, ...]
    printed: str


def examples() -> list[Example]:
    """The examples in order: one without rules of its own goes on with those before."""
    found, rules, asked_for, title = [], "", (), ""
    for part in re.split(r"^(## .*)$", PAGE, flags=re.MULTILINE):
        if part.startswith("## "):
            title = part.removeprefix("## ")
            continue
        for kind, text in BLOCK.findall(part):
            if kind == "csv":
                rules, asked_for = text, ()
            elif kind == "sh":
                asked_for = tuple(line for line in text.splitlines() if "prices quote" in line)
            else:
                found.append(Example(title, rules, asked_for, text))
    return found


EXAMPLES = examples()


def wanted_of(rules: str) -> Wanted:
    wanted, faults = read(rules)
    assert [f"row {fault.row}: {fault}" for fault in faults] == []
    (one,) = wanted
    return one


def answer(rules: str, command: str) -> list[str]:
    """What the command prints for a room type with these rules alone."""
    words = shlex.split(command)
    context = quote_command.make_context("quote", words[words.index("quote") + 1 :])
    wish = dict(context.params)
    ask = asked(wish, today=TODAY)
    wanted = wanted_of(rules)
    terms = wanted.terms or Terms()
    rates = {day: list_price(terms.seasons, day) for day in ask.stay.days()}
    rates |= {day: fen for day, fen in wanted.nights.items() if day in rates}
    try:
        return explain(
            ask=ask,
            rates={day: fen for day, fen in rates.items() if fen},
            terms=terms,
            rules={day: rule for day, rule in wanted.rules.items() if rule != DayRule()},
            by_night=wish["by_night"],
        )
    except DomainError as error:
        return [f"Error: {words_of(error)}"]


def kept(rules: str, line: str) -> str:
    """What is kept of a booking that is cancelled, as a line of the page says it."""
    found = CANCELLED.fullmatch(line)
    assert found, line
    days, yuan = int(found[1]), int(found[2].replace(",", ""))
    policy = policy_of(wanted_of(rules).terms or Terms())
    fee = share_of(yuan * 100, fee_bp(policy, days))
    return f"{line.partition(': ')[0]}: kept {fee // 100:,}.{fee % 100:02}"


def reckoned(example: Example) -> str:
    """The text of an example as it comes out now."""
    if not example.asked:
        lines = [kept(example.rules, line) for line in example.printed.splitlines()]
        return "\n".join([*lines, ""])
    answers = ["\n".join(answer(example.rules, command)) for command in example.asked]
    return "\n\n".join(answers) + "\n"


@pytest.mark.parametrize(
    "example", EXAMPLES, ids=[f"{i}: {each.title}" for i, each in enumerate(EXAMPLES)]
)
def test_comes_out_as_printed(example: Example) -> None:
    assert example.printed == reckoned(example)


def test_amounts_in_the_prose_come_from_the_examples() -> None:
    # Changes of a stay have examples of their own, which their own tests reckon again.
    prices = PAGE.partition("\n## Changes of a stay")[0]
    prose, blocks = BLOCK.sub("", prices), "\n".join(each.printed for each in EXAMPLES)
    amounts = set(MONEY.findall(prose))
    assert amounts
    assert amounts <= set(MONEY.findall(blocks))


def test_every_rule_and_column_is_explained() -> None:
    section = PAGE.partition("## The file")[2].partition("\n| in | write |")[0]
    # The tables behind tell how each column is written.
    told = dict(re.findall(r"^\| `(\w+)` .*?\| (.*?) \|", section, re.MULTILINE))
    assert set(told) >= set(Kind)
    for kind, shape in SHAPES.items():
        assert set(re.findall(r"`(\w+)`", told[kind])) == shape.columns, kind
    assert set(COLUMNS) <= set(re.findall(r"`(\w+)`", section))


def test_every_refusal_has_an_example() -> None:
    shown = set(re.findall(r"^refused by (\w+):", PAGE, re.MULTILINE))
    # The season of opening is the listing's, no rule of price.
    assert shown == set(Rule) - {Rule.SEASON}
