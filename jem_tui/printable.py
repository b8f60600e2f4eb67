"""Text of messages: escaped if it comes from files and other programs, and names listed as in a sentence."""

from __future__ import annotations

from collections.abc import Sequence


def printable(text: str) -> str:
    r"""Return one line in which control characters are escaped (\x1b), so that text from a file cannot control the terminal."""
    return text if text.isprintable() else "".join(map(_printable, text))


def _printable(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() else character.encode("unicode_escape").decode("ascii")


def joined(names: Sequence[str]) -> str:
    """Join names as in a sentence: "a", "a and b", "a, b and c"."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
