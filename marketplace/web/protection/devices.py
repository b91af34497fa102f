"""What kind of device a browser says it is, in a few plain words. Pure.

It helps people to know their own sessions again and is nothing to rely on; no more of what the
browser sends is kept.
"""

from __future__ import annotations

KINDS = (("ipad", "tablet"), ("tablet", "tablet"), ("mobile", "phone"), ("iphone", "phone"))
SYSTEMS = (
    ("harmony", "HarmonyOS"),
    ("android", "Android"),
    ("iphone", "iOS"),
    ("ipad", "iPadOS"),
    ("windows", "Windows"),
    ("mac os", "macOS"),
    ("linux", "Linux"),
)
BROWSERS = (
    ("micromessenger", "WeChat"),
    ("qqbrowser", "QQ"),
    ("huaweibrowser", "Huawei"),
    ("miuibrowser", "Mi"),
    ("edg", "Edge"),
    ("firefox", "Firefox"),
    ("fxios", "Firefox"),
    ("chrome", "Chrome"),
    ("crios", "Chrome"),
    ("safari", "Safari"),
)


def device_of(user_agent: str) -> str:
    """Return kind, system and browser, parted by slashes: ``phone/Android/Chrome``."""
    said = user_agent.lower()
    system = _first(SYSTEMS, said)
    kind = _first(KINDS, said) or ("computer" if system else "other")
    return "/".join((kind, system, _first(BROWSERS, said)))


def _first(words: tuple[tuple[str, str], ...], said: str) -> str:
    return next((name for sign, name in words if sign in said), "")
