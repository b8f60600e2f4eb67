"""The minus sign of numbers on a screen. Files, JSON and copied values keep the hyphen, which programs can read."""

from __future__ import annotations

import re

_SIGN = re.compile(r"(?<![^\s(\[,=:…→])-(?=[\d.,]*\d|inf|∞)|(?<=\de)-(?=\d)")
"""The hyphen before a number or its exponent; other hyphens belong to names, dates and options."""


def minus_signs(text: str) -> str:
    """Return a text for a screen in which negative numbers and exponents have a minus sign in place of a hyphen."""
    return _SIGN.sub("−", text) if "-" in text else text
