"""The columns of the table of runs: their texts, widths, and which of them a terminal has room for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from jem_tui.printable import printable
from jem_tui.stream.runs.followed_catalog import CatalogRun
from jem_tui.tui.state.text_formats import fitted, shorten

if TYPE_CHECKING:
    from jem_tui.stream.runs.catalog import FoundRun
    from jem_tui.stream.runs.folder_size import FolderContent
    from jem_tui.tui.browser.run_preview import Sparkline
    from jem_tui.tui.browser.run_reading import StampedCache

BARS = "▁▂▃▄▅▆▇"
"""Bars of a curve, without the full block, which would touch the curve of the row above."""
MARK, CURSOR = "●", "›"
STATE_TEXTS = {"running": "live"}
"""Words of the table for states that `run.json` names otherwise."""
MIN_NAME, USUAL_NAME, MOST_NAME = 16, 31, 48
"""Minimum columns of a name, those of a usual name such as 2026-11-24_0912-mnist-mini-3f9c, and maximum columns."""
GAP = 2
ACCURACY, SPLIT = 11, 4
"""Columns of an accuracy with the word for its images, and of that word."""

ColumnName = Literal["state", "steps", "accuracy", "curve", "size", "changed", "tags"]


class TableColumn(NamedTuple):
    """A column of the table."""

    name: ColumnName
    width: int
    right: bool = False


COLUMNS = (
    TableColumn("state", 11),
    TableColumn("steps", 9, True),
    TableColumn("accuracy", ACCURACY),
    TableColumn("curve", 10),
    TableColumn("size", 7, True),
    TableColumn("changed", 8, True),
    TableColumn("tags", 14),
)
"""All columns after the name, in their order."""
PRIORITY: tuple[ColumnName, ...] = ("state", "accuracy", "steps", "curve", "changed", "size", "tags")
"""Columns in the order in which a wider terminal gets them."""
TITLES: Mapping[ColumnName, str] = {"accuracy": "eval acc", "curve": "acc curve"}
"""Titles of columns, where they differ from the name."""
SPLITS: Mapping[str, str] = {"validation": "val"}
"""Short words for the images of an evaluation."""
AFTER_NAMES = frozenset({"changed", "size", "tags"})
"""Columns that are displayed only where usual names remain whole."""


class Cell(NamedTuple):
    """The text of a cell and the name of its style."""

    text: str
    style: str = ""


def fitting_columns(width: int) -> tuple[int, Sequence[TableColumn]]:
    """Return the columns of the name, and the columns that fit into a table of `width` columns."""
    room = width - 4 - MIN_NAME
    kept: set[str] = set()
    widths = {column.name: column.width + GAP for column in COLUMNS}
    for name in PRIORITY:
        if widths[name] + (USUAL_NAME - MIN_NAME if name in AFTER_NAMES else 0) > room:
            break
        room -= widths[name]
        kept.add(name)
    return min(MOST_NAME, MIN_NAME + max(0, room)), [column for column in COLUMNS if column.name in kept]


def cell_of(
    name: ColumnName, run: CatalogRun, line: Sparkline | None, content: FolderContent | None, now: float
) -> Cell:
    """Return a cell of a run; empty for what is not known, and dots for what is still being read."""
    found = run.found
    match name:
        case "state":
            return Cell(STATE_TEXTS.get(found.state, found.state), found.state)
        case "steps":
            return Cell("" if found.step is None else f"{found.step:,}")
        case "accuracy":
            return Cell(accuracy_cell(found))
        case "curve":
            return Cell(
                "…" if line is None else sparkline_text(line), "curve" if line is None or line.fraction else "muted"
            )
        case "size":
            return Cell("…" if content is None else bytes_text(content.bytes), "muted")
        case "changed":
            return Cell(elapsed_text(now - found.updated), "muted")
        case "tags":
            return Cell(" ".join(found.tags) or found.note, "tags")


def copied_rows(runs: Sequence[CatalogRun], contents: StampedCache[FolderContent]) -> Iterator[Sequence[object]]:
    """Yield the names of the columns and a row for each run: folder, state, steps, accuracy with all digits, bytes, tags and note, split of the accuracy."""
    yield "folder", "state", "steps", "accuracy", "bytes", "tags", "note", "split"
    for run in runs:
        found, content = run.found, contents.get(run.path)
        known = (found.step, found.accuracy, content.bytes if content is not None else None)
        yield (
            str(run.path.absolute()),
            found.state,
            *("" if value is None else value for value in known),
            " ".join(found.tags),
            found.note,
            found.accuracy_split or "",
        )


def short_split(split: str | None) -> str:
    """Return a word of at most `SPLIT` columns for the images of an evaluation; "" where they are unknown."""
    return shorten(SPLITS.get(split or "", printable(split or "")), SPLIT)


def accuracy_cell(found: FoundRun) -> str:
    """Return the accuracy of a run and the word for its images, which an accuracy of many digits has no room for; "" without an accuracy."""
    if found.accuracy is None:
        return ""
    text, word = f"{accuracy_text(found.accuracy):>6}", fitted(short_split(found.accuracy_split), SPLIT)
    return next((form for form in (f"{text} {word}", f"{text}{word}") if len(form) <= ACCURACY), text)


def accuracy_text(accuracy: float) -> str:
    """Format a fraction as per cent."""
    # numpy, which this imports, would delay the first frame
    from jem_tui.number_text import short_percent

    return short_percent(accuracy)


def sparkline_text(line: Sparkline) -> str:
    """Draw a curve as one row of bars: an accuracy from 0 to 100 %, other metrics from their lowest to their highest value."""
    if line.values is None:
        return ""
    low, high = (0.0, 1.0) if line.fraction else (float(line.values.min()), float(line.values.max()))
    if high <= low:
        return BARS[3] * len(line.values)
    most = len(BARS) - 1
    return "".join(BARS[min(most, int(len(BARS) * (value - low) / (high - low)))] for value in line.values.tolist())


def bytes_text(size: int) -> str:
    """Format a size in at most seven columns, such as `1.2 GB`."""
    value, units = float(size), ("B", "kB", "MB", "GB", "TB")
    for unit in units:
        if value < 999.5 or unit == units[-1]:
            break
        value /= 1000
    return f"{value:.0f} {unit}" if value >= 99.5 or unit == "B" else f"{value:.1f} {unit}"


def elapsed_text(seconds: float) -> str:
    """Format an elapsed time in one unit, such as `12 s` or `3 d`."""
    if not math.isfinite(seconds):
        return ""
    for length, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= length:
            return f"{seconds / length:,.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"


def displayed_name(path: Path, root: Path) -> str:
    """Return the path of a run below the folder of the browser, or its name if it is that folder."""
    try:
        relative = path.relative_to(root)
    except ValueError:
        relative = path
    return printable(str(relative) if relative != Path() else path.resolve().name)


def aligned(text: str, width: int, *, right: bool) -> str:
    """Return a text in exactly `width` columns."""
    return fitted(text, width) if not right else fitted(text, width).rstrip().rjust(width)
