"""Payments, refunds and the double-entry ledger, behind a gateway port."""
