"""The tables of a comparison as text: differing settings, then last values with the best ones marked."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from textual.content import Content

from jem_tui.minus_sign import minus_signs
from jem_tui.number_text import short_percent
from jem_tui.printable import printable
from jem_tui.tui.browser.comparison.comparison_reading import ReadComparison
from jem_tui.tui.preferences.theme import MUTED
from jem_tui.tui.state.comparison import PALETTE
from jem_tui.tui.state.text_formats import fitted, shorten

if TYPE_CHECKING:
    from jem_tui.stream.compare.comparison_rows import MetricRow, SettingRow

MIN_NAME, MOST_NAME, MIN_VALUE, USUAL_VALUE, MOST_VALUE = 16, 34, 10, 14, 22
"""Minimum and maximum columns of the name of a row; minimum, usual and maximum columns of a value."""
BEST = "▲"
"""Sign of the best value in a row, in addition to its colour."""
SIGN = "●"
EMPTY = "(empty)"
"""Text of a setting that is an empty text."""
DIGITS, MOST_DIGITS = 5, 9
"""Significant digits of a last value, and those of values that differ only there."""
GAP = 2


def comparison_lines(found: ReadComparison, room: int) -> Iterator[Content]:
    """Yield the rows of both tables below the names of the runs, each with a sign in the colour of its curves.

    Names of rows, then values, are shortened where the table would be wider than `room` columns; numbers are rounded.
    """
    from jem_tui.stream.compare.adjusted_settings import ADJUSTED

    rows = [("state", found.states), ("steps", tuple(f"{step:,}" for step in found.steps))]
    settings = [(row.name, _setting_texts(row)) for row in found.settings]
    adjusted = [(row.name, _setting_texts(row)) for row in found.adjusted]
    metrics = [(printable(row.tag), _numbers(row, MOST_VALUE)) for row in found.metrics]
    names, width = _widths(found.names, [*rows, *settings, *adjusted, *metrics], room)
    yield Content.assemble(" " * names, *(_heading(name, at, width) for at, name in enumerate(found.names)))
    yield from (_row(name, texts, names, width) for name, texts in rows)
    yield Content()
    title = "settings at the start that differ" if settings else found.equal_settings
    yield from (Content.styled(line, "bold") for line in wrap(title, max(MIN_NAME, room)))
    yield from (_row(name, texts, names, width) for name, texts in settings)
    if adjusted:
        yield Content()
        yield Content.styled(ADJUSTED, "bold")
        yield from (_row(name, texts, names, width) for name, texts in adjusted)
    yield Content()
    yield Content.assemble(("last values", "bold"), (f"   {BEST} best of the row", MUTED))
    for row, (name, _) in zip(found.metrics, metrics, strict=True):
        yield _row(name, _numbers(row, width - 1), names, width, row.marked)
    for sentence in found.problems:
        yield Content()
        yield from sentence_lines(sentence, room)


def sentence_lines(sentence: str, room: int) -> Iterator[Content]:
    """Yield a sentence on runs that cannot be read, wrapped in `room` columns."""
    yield from (Content.styled(line, "$text-warning") for line in wrap(printable(sentence), max(MIN_NAME, room)))


def copied_rows(found: ReadComparison) -> Iterator[Sequence[object]]:
    """Yield the rows of both tables with all digits, below the names and the folders of the runs."""
    from jem_tui.stream.compare.adjusted_settings import ADJUSTED

    yield "run", *found.names
    yield "folder", *(str(path.absolute()) for path in found.paths)
    yield "state", *found.states
    yield "steps", *found.steps
    yield from ((row.name, *row.texts) for row in found.settings)
    yield from ((f"{row.name} ({ADJUSTED})", *row.texts) for row in found.adjusted)
    yield from ((row.tag, *row.texts) for row in found.metrics)


def run_title(name: str, index: int) -> Content:
    """Return the name of a run after a sign in the colour of its curves."""
    return Content.assemble((f"{SIGN} ", PALETTE[index % len(PALETTE)]), (name, "bold"))


def _heading(name: str, index: int, width: int) -> Content:
    title = run_title(shorten(name, width - GAP - 1), index)
    return Content.assemble(" " * (width - title.cell_length), title)


def _widths(names: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]], room: int) -> tuple[int, int]:
    """Return the columns of the names of rows, and of each value, which is at most `USUAL_VALUE` where names need the room."""
    texts = [*(f"{SIGN} {name}" for name in names), *(text for _, values in rows for text in values)]
    longest = max((len(name) for name, _ in rows), default=0)
    most, with_names = ((room - name - 1) // max(1, len(names)) - GAP for name in (MIN_NAME, min(MOST_NAME, longest)))
    fair = max(MIN_VALUE, with_names, min(most, USUAL_VALUE))
    width = min(MOST_VALUE, fair, max(map(len, texts))) + GAP
    return min(MOST_NAME, longest, max(MIN_NAME, room - len(names) * width - 1)) + 1, width


def _setting_texts(row: SettingRow) -> list[str]:
    """Return the values of a setting, numbers with minus signs."""
    pairs = zip(row.texts, row.values, strict=True)
    return [EMPTY if text == '""' else text if isinstance(value, str) else minus_signs(text) for text, value in pairs]


def _numbers(row: MetricRow, room: int) -> list[str]:
    """Return the values of a row in `room` columns each, with more than `DIGITS` digits only where these would hide a difference."""
    places = room - (len(BEST) + 1 if row.marked else 0)
    pairs = list(zip(row.texts, row.values, strict=True))
    usual = [_rounded(text, value, places, DIGITS) for text, value in pairs]
    hidden = len(set(usual)) < len(set(row.texts))
    shown = [_rounded(text, value, places, MOST_DIGITS) for text, value in pairs] if hidden else usual
    return list(map(minus_signs, shown))


def _rounded(text: str, value: float | None, places: int, digits: int) -> str:
    """Return a number with at most `digits` digits in at most `places` columns, as many as possible; all digits if no form fits."""
    if value is None or not math.isfinite(value):
        return text
    if text.endswith("%"):
        forms = [text, short_percent(value)] if digits > DIGITS else [short_percent(value)]
    else:
        rounded = [f"{value:.{count}g}" for count in range(digits, 1, -1)]
        forms = [text, *rounded] if len(text) <= len(rounded[0]) or value.is_integer() else rounded
    return next((form for form in forms if len(form) <= places), text)


def _row(name: str, texts: Sequence[str], names: int, width: int, best: frozenset[int] = frozenset()) -> Content:
    cells = [
        (_right(f"{BEST} {text}" if at in best else text, width), "bold $text-success" if at in best else "")
        for at, text in enumerate(texts)
    ]
    return Content.assemble((fitted(name, names), MUTED), *cells)


def _right(text: str, width: int) -> str:
    short = shorten(text, width - 1)
    return " " * (width - len(short)) + short
