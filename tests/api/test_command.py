"""``flask partner-key``: prints a key once, and ends keys."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.partner import Program, code

FEED = "/partner/v1/feed/listings"


def command(app: Flask, *words: str) -> tuple[int, str]:
    with app.app_context():
        result = app.test_cli_runner().invoke(args=["partner-key", "北方旅行", *words])
    return result.exit_code, result.output.strip()


def test_a_key_is_printed_and_works_until_it_is_revoked(app: Flask) -> None:
    status, key = command(app)
    assert status == 0
    partner = Program(app, key)
    assert partner.get(FEED).status_code == 200
    assert command(app, "--test", "--revoke") == (0, "0 keys revoked")
    assert partner.get(FEED).status_code == 200
    assert command(app, "--revoke") == (0, "1 keys revoked")
    assert code(partner.get(FEED)) == (401, "unauthenticated")


def test_a_second_key_needs_rotate_and_the_refusal_says_so(app: Flask) -> None:
    _, first = command(app, "--test")
    status, said = command(app, "--test")
    assert status == 1
    assert "--rotate" in said
    status, second = command(app, "--test", "--rotate")
    assert status == 0
    assert second != first
    assert {Program(app, key).get(FEED).status_code for key in (first, second)} == {200}


@pytest.mark.parametrize(
    "words",
    [("--credit", "-1"), ("--credit", "1_000"), ("--per-minute", "0"), ("--per-minute", "6_0"),
     ("--as", "nobody")],
)  # fmt: skip
def test_senseless_limits_and_names_are_refused(app: Flask, words: tuple[str, ...]) -> None:
    assert command(app, *words)[0] != 0
