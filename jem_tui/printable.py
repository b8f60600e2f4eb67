"""Text from elsewhere, made safe to print."""

from __future__ import annotations


def printable(text: str) -> str:
    r"""One line with control characters spelled out (\x1b): text from a file must not steer the terminal."""
    return text if text.isprintable() else "".join(map(_printable, text))


def _printable(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() else character.encode("unicode_escape").decode("ascii")
