"""Recognition of data sets of digits, which have OOD sets and a reference classifier of their own."""

from __future__ import annotations

from jem_tui.jem.data.image_set import DataSet

NUMERALS = "0123456789"
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def digits_of(data: DataSet) -> str:
    """Return the digit of each class as one string, such as `012`; empty for data other than digits.

    Data counts as digits if its classes and held-out classes together are named as the ten digits; fewer classes may be numbered
    without being digits.
    """
    named = {**dict(zip(NUMERALS, NUMERALS, strict=True)), **dict(zip(WORDS, NUMERALS, strict=True))}
    digits = [named.get(name, "") for name in (*data.class_names, *data.outside)]
    return "".join(digits[: len(data.class_names)]) if sorted(digits) == list(NUMERALS) else ""
