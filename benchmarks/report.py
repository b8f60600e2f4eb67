"""Results of benchmarks as rows of one table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from benchmarks.interleaved import Spread


@dataclass(frozen=True, kw_only=True)
class Row:
    """A measured figure with its name and its aim."""

    name: str
    found: str
    aim: str = ""
    reached: bool | None = None
    """True where the aim is met; None without an aim."""


def at_most(name: str, found: Spread, aim: float) -> Row:
    """Return a row whose ratio must not exceed `aim`."""
    return Row(name=name, found=str(found), aim=f"≤ {aim:g}", reached=found.median <= aim)


def at_least(name: str, found: Spread, aim: float) -> Row:
    """Return a row whose ratio must not be smaller than `aim`."""
    return Row(name=name, found=str(found), aim=f"≥ {aim:g}", reached=found.median >= aim)


def plain(name: str, found: object) -> Row:
    """Return a row without an aim."""
    return Row(name=name, found=str(found))


def markdown(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    yield "| | measured | aim | |"
    yield "|---|---|---|---|"
    marks = {True: "reached", False: "missed", None: ""}
    for row in rows:
        yield f"| {row.name} | {row.found} | {row.aim} | {marks[row.reached]} |"
