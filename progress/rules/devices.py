"""What a browser says about itself, in two words: `Firefox`, `Windows`.

The names are the makers' own, the same in every language. Whoever wants to can send anything here,
so it is only shown to the person who signed in.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Device:
    """Both are empty where they are not known."""

    browser: str
    system: str


# The first that matches: browsers also name those that they descend from.
_BROWSERS = [
    ("Edge", r"\bEdg(?:e|A|iOS)?/"),
    ("Opera", r"\b(?:OPR|Opera|OPiOS)/"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Firefox", r"\b(?:Firefox|FxiOS)/"),
    ("Chrome", r"\b(?:Chrome|CriOS|HeadlessChrome)/"),
    ("Safari", r"\bVersion/[\d.]+ .*\bSafari/"),
]
_SYSTEMS = [
    ("iPhone", r"\biPhone\b"),
    ("iPad", r"\biPad\b"),
    ("Android", r"\bAndroid\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("Windows", r"\bWindows\b"),
    ("macOS", r"\bMacintosh\b|\bMac OS X\b"),
    ("Linux", r"\bLinux\b|\bX11\b"),
]


def device_of(user_agent: str) -> Device:
    """The browser and the system that a User-Agent header names."""
    return Device(_first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent))


def _first(patterns: list[tuple[str, str]], text: str) -> str:
    return next((name for name, pattern in patterns if re.search(pattern, text)), "")
