"""One subscriber is one name for limits."""

from __future__ import annotations

import pytest

from marketplace.web.protection.networks import network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("::FFFF:cb00:7109", "203.0.113.9"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:0DB8:0001:0002:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::7]", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("unknown", "unknown"),
        ("", ""),
        ("x" * 300, "x" * 64),
    ],
)
def test_network(address: str, network: str) -> None:
    assert network_of(address) == network


def test_lines_beside_each_other_are_two() -> None:
    assert network_of("2001:db8:1:2::1") != network_of("2001:db8:1:3::1")
