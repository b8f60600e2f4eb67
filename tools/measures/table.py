"""Measures with their aims, as rows of a table."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from measures import docstrings, duplicates, homonyms, rooms, sizes, untyped, vocabulary
from measures.fast_set import fast_set_seconds
from measures.glossary import glossary_findings
from measures.source_tree import PACKAGE

AIMS = Path(__file__).parent / "aims.toml"

MEASURES: dict[str, Callable[[], float | None]] = {
    "arrows_upward": lambda: len(rooms.arrows_upward()),
    "circles": lambda: len(rooms.circles()),
    "floors": lambda: max(room.floors for room in rooms.rooms()),
    "function_median": lambda: sizes.percentile(0.5),
    "function_p90": lambda: sizes.percentile(0.9),
    "function_max": lambda: sizes.percentile(1),
    "file_max": lambda: sizes.longest_file(in_tests=False),
    "test_file_max": lambda: sizes.longest_file(in_tests=True),
    "verb_share": docstrings.verb_share,
    "questions": lambda: len(docstrings.questions()),
    "short_docstrings": lambda: len(docstrings.short_and_empty()),
    "pointing_docstrings": lambda: len(docstrings.pointing()),
    "banned_words": lambda: len(vocabulary.banned_words()),
    "glossary": lambda: len(glossary_findings()),
    "homonyms": lambda: len(homonyms.homonyms()),
    "untyped_helpers": lambda: len(untyped.untyped_helpers()),
    "duplicates": lambda: len(duplicates.duplicates_in_program()),
    "duplicates_in_tests": lambda: len(duplicates.duplicates_in_tests()),
    "fast_set_seconds": fast_set_seconds,
}


class Row(NamedTuple):
    """One measure with its value and its aim; `value` is None where it was never measured."""

    title: str
    value: float | None
    at_most: float | None
    at_least: float | None
    enforced: bool

    @property
    def aim(self) -> str:
        """The aim in words."""
        return f"≥ {self.at_least:g}" if self.at_least is not None else f"≤ {self.at_most:g}" if self.at_most else "0"

    @property
    def reached(self) -> bool:
        """Return whether the value meets the aim."""
        if self.value is None:
            return False
        return self.value >= self.at_least if self.at_least is not None else self.value <= (self.at_most or 0)

    @property
    def state(self) -> str:
        """Word for the result; "missed" fails the check."""
        return "met" if self.reached else "missed" if self.enforced else "not enforced"

    @property
    def written_value(self) -> str:
        """The value with at most one decimal."""
        return "not measured" if self.value is None else f"{round(self.value, 1):g}"


def measured_rows() -> list[Row]:
    """Return every measure of `aims.toml` with its present value."""
    aims = tomllib.loads(AIMS.read_text("utf-8"))
    return [
        Row(aim["title"], MEASURES[name](), aim.get("at_most"), aim.get("at_least"), aim["enforced"])
        for name, aim in aims.items()
    ]


def page(rows: list[Row]) -> str:
    """Return the text of `docs/house.md`."""
    lines = [
        "# Measures of the code",
        "",
        "Written by `python tools/house.py --write`; the aims are in `tools/measures/aims.toml`.",
        "",
    ]
    lines += ["| Measure | Value | Aim | State |", "|---|---|---|---|"]
    lines += [f"| {row.title} | {row.written_value} | {row.aim} | {row.state} |" for row in rows]
    lines += ["", "## Rooms", "", "Floors: the longest chain of imports among a folder's modules and inner rooms.", ""]
    lines += ["| Room | Modules | Inner rooms | Floors |", "|---|---|---|---|"]
    lines += [
        f"| `{_folder(room.name)}` | {room.modules} | {room.inner_rooms} | {room.floors} |" for room in rooms.rooms()
    ]
    return "\n".join(lines) + "\n"


def _folder(name: str) -> str:
    return name.removeprefix(f"{PACKAGE}.").replace(".", "/") + "/"
