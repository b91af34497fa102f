"""The privacy notice that a traveller accepts with a phone number, and its version."""

from __future__ import annotations

from marketplace.web.forms.reader import FormReader

CONSENT_VERSION = "2026-11"
"""Raised with every change of the notice on the phone step or of the privacy page."""


def require_consent(form: FormReader) -> None:
    """Note in ``form`` that the notice was not agreed to, or not the one that holds now."""
    if not form.ticked("consent"):
        form.say("consent", "同意后才能预订，请在方框里打勾")
    elif form.sent("consent_version") != CONSENT_VERSION:
        form.say("consent", "说明刚刚更新，请看过后再打勾")
