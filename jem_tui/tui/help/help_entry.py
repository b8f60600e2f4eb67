"""Entries of the help, and their rows in a given width."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from textwrap import wrap

from rich.cells import cell_len
from textual.content import Content

KEY_WIDTH, MIN_WIDTH = 10, 24
"""Columns of a key or symbol, and minimum columns of the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpEntry:
    """A sentence about a key or symbol, or a paragraph."""

    text: str
    key: str = ""
    """The key or symbol of the first column."""
    title: str = ""
    """The title of a paragraph, in a row of its own."""
    works: bool = True
    """False for a key that does not work now."""

    def has(self, wanted: re.Pattern[str], key: str) -> bool:
        """Return whether a pattern occurs in title or text in lower case, or `key` is one of the keys or symbols of the entry."""
        found = wanted.search(f"{self.title} {self.text}".casefold()) is not None
        return found or key in self.key.casefold().split() or self.key.casefold() == key


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpSection:
    """Entries with a heading."""

    heading: str
    entries: tuple[HelpEntry, ...]

    def filled(self, fill: Callable[[str], str]) -> HelpSection:
        """Return the section with the texts of its entries as `fill` returns them."""
        return replace(self, entries=tuple(replace(entry, text=fill(entry.text)) for entry in self.entries))


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpPage:
    """A tab of the help."""

    name: str
    sections: tuple[HelpSection, ...]

    def filled(self, fill: Callable[[str], str]) -> HelpPage:
        """Return the page with the user's keys in place of their names, which `fill` replaces in a text."""
        return replace(self, sections=tuple(section.filled(fill) for section in self.sections))


def matches(pages: Sequence[HelpPage], query: str) -> tuple[HelpSection, ...]:
    """Return the sections of all pages with the entries in which a word starts with `query`, each entry once.

    If there is none, entries that contain `query` within a word are returned.
    """
    text = query.strip().casefold()
    within = re.escape(text)
    return _matches(pages, re.compile(rf"(?<!\w){within}"), text) or _matches(pages, re.compile(within), text)


def _matches(pages: Sequence[HelpPage], wanted: re.Pattern[str], key: str) -> tuple[HelpSection, ...]:
    seen: set[tuple[str, str]] = set()
    found = []
    for section in (section for page in pages for section in page.sections):
        fresh = [entry for entry in section.entries if entry.has(wanted, key) and (entry.key, entry.text) not in seen]
        seen.update((entry.key, entry.text) for entry in fresh)
        if fresh:
            found.append(replace(section, entries=tuple(fresh)))
    return tuple(found)


def rows_of(sections: Sequence[HelpSection], width: int) -> Iterator[Content]:
    """Yield the rows of `sections` in `width` columns."""
    for number, section in enumerate(sections):
        if number:
            yield Content()
        yield Content.styled(section.heading, "bold $text-accent")
        for entry in section.entries:
            yield from _keyed(entry, width) if entry.key else _paragraph(entry, width)


def _keyed(entry: HelpEntry, width: int) -> Iterator[Content]:
    """Yield the rows of a key or symbol, with its text wrapped in the second column."""
    tones = ("bold $foreground", "$foreground") if entry.works else ("$text-muted", "$text-muted")
    column = max(KEY_WIDTH, cell_len(entry.key) + 1)
    for number, line in enumerate(wrap(entry.text, max(MIN_WIDTH, width - column))):
        key = entry.key if number == 0 else ""
        yield Content.assemble((key + " " * (column - cell_len(key)), tones[0]), (line, tones[1]))


def _paragraph(entry: HelpEntry, width: int) -> Iterator[Content]:
    yield Content()
    if entry.title:
        yield Content.styled(entry.title, "bold $foreground")
    for line in wrap(entry.text, max(MIN_WIDTH, width)):
        yield Content.styled(line, "$foreground")
