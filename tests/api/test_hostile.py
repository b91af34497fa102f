"""Requests nobody wrote by hand: whatever is sent, the API answers as it says it does.

More of them, as before a release:

    API_CASES=10000 nice .venv/bin/python -m pytest -n2 -q tests/api/test_hostile.py
"""

from __future__ import annotations

import math
import os
import re
from typing import Any

import hypothesis
import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis.strategies import SearchStrategy
from hypothesis.strategies._internal import regex as patterns
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from marketplace.bootstrap import Services
from tests.factories import Room
from tests.support.partner import issue

CASES = int(os.environ.get("API_CASES", "1500"))
"""How many requests are made, over all operations and both modes."""
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
SETTINGS = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
WORKED_OUT: dict[Any, SearchStrategy[str]] = {}
"""What a pattern draws, by the pattern and its alphabet; both modes draw from the same."""
BUSINESS = positive_data_acceptance
"""A date may be well written and past: a schema cannot say so, the answer does."""


@pytest.fixture
def patterns_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work out a pattern once, not anew for each request: ours bars 138,000 characters one by one.

    They are the letters of private use, and two thirds of this test's time went into them.
    """
    really = patterns.base_regex_strategy

    def once(
        regex: re.Pattern[str], *, parsed: Any = None, alphabet: SearchStrategy[str]
    ) -> SearchStrategy[str]:
        key = regex, repr(alphabet)
        if key not in WORKED_OUT:
            WORKED_OUT[key] = really(regex, parsed=parsed, alphabet=alphabet)
        return WORKED_OUT[key]

    monkeypatch.setattr(patterns, "base_regex_strategy", once)


@pytest.mark.slow
@pytest.mark.usefixtures("patterns_once")
@pytest.mark.parametrize("mode", MODES)
def test_generated_requests(
    app: Flask, services: Services, loaded: Room, mode: GenerationMode
) -> None:
    key = issue(services, per_minute=1_000_000)
    schema = schemathesis.openapi.from_wsgi("/openapi.json", app)
    operations = [result.ok() for result in schema.get_all_operations()]
    wanted, seen = math.ceil(CASES / len(MODES)), 0
    for done, operation in enumerate(operations):
        # What an operation with few different requests leaves over, the later ones make.
        share = math.ceil((wanted - seen) / (len(operations) - done))
        before = seen

        @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
        @settings(SETTINGS, max_examples=share)
        def call(case: schemathesis.Case) -> None:
            nonlocal seen
            seen += 1
            case.call_and_validate(
                headers={"Authorization": f"Bearer {key}", "Accept-Encoding": "identity"},
                excluded_checks=[BUSINESS],
            )

        call()
        assert seen > before, operation.label
    assert seen >= wanted
