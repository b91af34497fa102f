"""Whose network a request comes from, as limits count it. Pure."""

from __future__ import annotations

import ipaddress

ONE_SUBSCRIBER = 64
"""Bits of an IPv6 address that name one line; within it a subscriber has all addresses."""
MOST_SYMBOLS = 64


def network_of(address: str) -> str:
    """Return one name for all addresses that one subscriber has at hand.

    An IPv4 address is itself, also when it is written inside an IPv6 one; an IPv6 address is its
    /64. What is no address stays as it is, cut short.
    """
    plain = address.strip().partition("%")[0].strip("[]")
    try:
        found = ipaddress.ip_address(plain)
    except ValueError:
        return address[:MOST_SYMBOLS]
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, ONE_SUBSCRIBER), strict=False))
    return str(found)
