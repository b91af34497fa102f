"""Signed messages: who, when, and not a byte changed."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.payments.gateways.port import BadSignature
from marketplace.payments.gateways.signing import HEADER, sign, verify

NOW = dt.datetime(2027, 6, 1, tzinfo=dt.UTC)
BODY = b'{"id":"evt_1"}'


def headers(at: dt.datetime = NOW, secret: str = "old") -> dict[str, str]:
    return {HEADER: sign(BODY, secrets=[secret], at=at)}


@pytest.mark.parametrize("seconds", [-300, -1, 0, 1, 300])
def test_a_message_of_the_last_five_minutes_is_believed(seconds: int) -> None:
    verify(BODY, headers(NOW + dt.timedelta(seconds=seconds)), secrets=["old"], now=NOW)


@pytest.mark.parametrize("seconds", [-3600, -301, 301, 3600])
def test_an_older_or_future_one_is_not(seconds: int) -> None:
    with pytest.raises(BadSignature):
        verify(BODY, headers(NOW + dt.timedelta(seconds=seconds)), secrets=["old"], now=NOW)


@pytest.mark.parametrize("secret", ["new", "old"])
def test_both_secrets_work_while_one_replaces_the_other(secret: str) -> None:
    verify(BODY, headers(secret=secret), secrets=["new", "old"], now=NOW)


def test_a_message_signed_with_both_is_believed_by_either() -> None:
    signed = {HEADER.lower(): sign(BODY, secrets=["new", "old"], at=NOW)}
    verify(BODY, signed, secrets=["old"], now=NOW)
    verify(BODY, signed, secrets=["new"], now=NOW)


def test_a_strangers_secret_is_refused() -> None:
    with pytest.raises(BadSignature):
        verify(BODY, headers(secret="stranger"), secrets=["new", "old"], now=NOW)


def test_a_changed_body_is_refused() -> None:
    with pytest.raises(BadSignature):
        verify(BODY + b" ", headers(), secrets=["old"], now=NOW)


def test_a_changed_time_is_refused() -> None:
    stamp = str(int(NOW.timestamp()))
    moved = headers()[HEADER].replace(stamp, str(int(NOW.timestamp()) - 1))
    with pytest.raises(BadSignature):
        verify(BODY, {HEADER: moved}, secrets=["old"], now=NOW)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=",
        "v1=abc",
        "t=1,t=2,v1=abc",
        "t=-5,v1=a",
        "t=\uff11,v1=a",
        f"t={'9' * 5000},v1=a",
        "t=1",
    ],
)
def test_a_malformed_header_is_refused(header: str) -> None:
    with pytest.raises(BadSignature):
        verify(BODY, {HEADER: header}, secrets=["old"], now=NOW)


def test_a_missing_header_is_refused() -> None:
    with pytest.raises(BadSignature):
        verify(BODY, {}, secrets=["old"], now=NOW)


@given(st.text(max_size=80))
def test_no_header_makes_it_fall_over(header: str) -> None:
    with pytest.raises(BadSignature):
        verify(BODY, {HEADER: header}, secrets=["old"], now=NOW)
