"""Data whose classes are digits, for which images of letters are near and digits of another source are a control."""

from __future__ import annotations

from collections.abc import Sequence

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def digits_of(class_names: Sequence[str]) -> str:
    """Return the digit of each class as one string, such as `012`; empty if a class is not named after a digit."""
    digits = [str(WORDS.index(name)) if name in WORDS else name for name in class_names]
    return "".join(digits) if all(len(digit) == 1 and digit in "0123456789" for digit in digits) else ""
