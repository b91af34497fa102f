"""The gateways of this installation by their names.

New payments are opened at the first. Everything else about a payment (asking, closing, giving back)
goes to the gateway that made it, whichever is the first by then.
"""

from __future__ import annotations

from marketplace.payments.gateways.port import GatewayUnavailable, PaymentGateway


class GatewayMissing(GatewayUnavailable):
    """The gateway that made a payment is not among the settings: what it knows must wait."""


class Gateways:
    """The gateways that payments are opened at, asked of and given back by."""

    def __init__(self, first: PaymentGateway, *others: PaymentGateway) -> None:
        """Keep ``first``, which opens new payments, and ``others``, kept for what they made.

        Raises ``ValueError`` for two of one name.
        """
        self.default = first
        self._by_name = {gateway.name: gateway for gateway in (first, *others)}
        if len(self._by_name) != 1 + len(others):
            raise ValueError("two gateways of one name")

    @property
    def names(self) -> frozenset[str]:
        """The names of all that can be asked."""
        return frozenset(self._by_name)

    @property
    def origins(self) -> frozenset[str]:
        """The origins of all their pages but our own, for the content policy."""
        return frozenset().union(*(each.caps.origins for each in self._by_name.values()))

    def find(self, name: str) -> PaymentGateway | None:
        """Return the gateway called ``name``; ``None`` when this installation has none such."""
        return self._by_name.get(name)

    def named(self, name: str) -> PaymentGateway:
        """Return the gateway called ``name``; raises ``GatewayMissing``."""
        found = self.find(name)
        if found is None:
            raise GatewayMissing
        return found
