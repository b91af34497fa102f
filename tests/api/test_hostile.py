"""Requests nobody wrote by hand: whatever is sent, the API answers as it says it does."""

from __future__ import annotations

import hypothesis
import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from marketplace.bootstrap import Services
from tests.factories import Room
from tests.support.partner import issue

FEW = settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
BUSINESS = positive_data_acceptance
"""A date may be well written and past: a schema cannot say so, the answer does."""


@pytest.mark.slow
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_generated_requests(
    app: Flask, services: Services, loaded: Room, mode: GenerationMode
) -> None:
    key = issue(services, per_minute=1_000_000)
    schema = schemathesis.openapi.from_wsgi("/openapi.json", app)
    seen = 0
    for result in schema.get_all_operations():
        operation = result.ok()

        @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
        @FEW
        def call(case: schemathesis.Case) -> None:
            nonlocal seen
            seen += 1
            case.call_and_validate(
                headers={"Authorization": f"Bearer {key}", "Accept-Encoding": "identity"},
                excluded_checks=[BUSINESS],
            )

        call()
    assert seen >= len(list(schema.get_all_operations()))
