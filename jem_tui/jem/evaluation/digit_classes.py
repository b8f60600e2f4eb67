"""Data of digits, for which images of letters are near, digits of another source are a control, and a reference classifier is shipped."""

from __future__ import annotations

from jem_tui.jem.data.image_set import DataSet

NUMERALS = "0123456789"
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def digits_of(data: DataSet) -> str:
    """Return the digit of each class as one string, such as `012`; empty unless the classes are the ten digits without those held out.

    Fewer classes can be numbered without being digits.
    """
    named = {**dict(zip(NUMERALS, NUMERALS, strict=True)), **dict(zip(WORDS, NUMERALS, strict=True))}
    digits = [named.get(name, "") for name in (*data.class_names, *data.outside)]
    return "".join(digits[: len(data.class_names)]) if sorted(digits) == list(NUMERALS) else ""
