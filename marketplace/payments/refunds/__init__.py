"""Refunds: promised once, then delivered or put before a person."""
