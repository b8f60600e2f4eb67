"""Rows of a comparison: settings that users adjusted during the runs."""

from __future__ import annotations

from collections.abc import Sequence

from jem_tui.events.run import Adjusted
from jem_tui.json_values import plain
from jem_tui.number_text import numeral
from jem_tui.printable import printable
from jem_tui.stream.compare.compared_log import ComparedLog
from jem_tui.stream.compare.comparison_rows import ABSENT, SettingRow

ADJUSTED = "adjusted during the run"
"""Title of the table of settings that changed while a run trained."""


def adjusted_settings(runs: Sequence[ComparedLog]) -> list[SettingRow]:
    """Return a row for every setting that was adjusted in any run, with its value before the first and after the last change.

    A value of a row is a JSON object with `old` and `new`, or None where the run did not adjust the setting.
    """
    found = [_changes(run) for run in runs]
    names = dict.fromkeys(name for each in found for name in each)
    return [_row(name, [each.get(name) for each in found]) for name in names]


def _changes(run: ComparedLog) -> dict[str, tuple[float, float]]:
    """Return the first old and the last new value of each setting by name."""
    changes: dict[str, tuple[float, float]] = {}
    for entry in run.recording.entries:
        if isinstance(entry, Adjusted):
            old, _ = changes.get(entry.name, (entry.old, entry.new))
            changes[entry.name] = (old, entry.new)
    return changes


def _row(name: str, changes: Sequence[tuple[float, float] | None]) -> SettingRow:
    values = tuple(None if each is None else {"old": plain(each[0]), "new": plain(each[1])} for each in changes)
    texts = tuple(ABSENT if each is None else f"{numeral(each[0])} → {numeral(each[1])}" for each in changes)
    return SettingRow(printable(name), values, texts)
