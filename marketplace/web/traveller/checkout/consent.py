"""The privacy notice that a traveller accepts with a phone number, and its version."""

from __future__ import annotations

CONSENT_VERSION = "2026-11"
"""Raised with every change of the notice on the phone step or of the privacy page."""
