"""Shared foundations with no business of their own; the only package that ``catalog`` may import."""
