"""Escaping of text from files and other programs before it is printed."""

from __future__ import annotations


def printable(text: str) -> str:
    r"""Return one line in which control characters are escaped (\x1b), so that text from a file cannot control the terminal."""
    return text if text.isprintable() else "".join(map(_printable, text))


def _printable(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() else character.encode("unicode_escape").decode("ascii")
