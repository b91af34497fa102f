"""Shared foundations without business of their own; all that ``catalog`` may import."""
