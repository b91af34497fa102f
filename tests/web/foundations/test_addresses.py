"""One thing has one address: a number in it is written as we write it ourselves."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.exceptions import NotFound

NUMBER = re.compile(r"<int(?:\([^)]*\))?:\w+>")
STRANGE = ["\uff11", "1\uff11", "\u0663", "01", "+1", "1.0"]
"""Among them a full-width and an Arabic digit."""


@pytest.mark.parametrize("written", STRANGE)
def test_another_way_to_write_a_number_leads_nowhere(app: Flask, written: str) -> None:
    addresses = app.url_map.bind("localhost")
    rules = [rule for rule in app.url_map.iter_rules() if NUMBER.search(rule.rule)]
    alone = [rule for rule in rules if len(rule.arguments) == 1]
    assert {"/partner/v1/listings/", "/partner/v1/stays/"} <= {
        NUMBER.split(rule.rule)[0] for rule in alone
    }
    for rule in alone:
        method = sorted(rule.methods or ())[0]
        assert addresses.match(NUMBER.sub("1", rule.rule), method)
        with pytest.raises(NotFound):
            addresses.match(NUMBER.sub(written, rule.rule), method)
