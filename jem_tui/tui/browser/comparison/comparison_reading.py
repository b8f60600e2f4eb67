"""The thread that reads the logs of compared runs."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jem_tui.tui.browser.file_work import attempt

if TYPE_CHECKING:
    from jem_tui.stream.compare.comparison_rows import MetricRow, SettingRow
    from jem_tui.tui.browser.run_preview import RunPreview


@dataclass(frozen=True, slots=True, eq=False)
class ReadComparison:
    """Tables, curves and samples of compared runs, the runs in one order."""

    paths: tuple[Path, ...]
    names: tuple[str, ...]
    states: tuple[str, ...]
    steps: tuple[int, ...]
    settings: Sequence[SettingRow]
    equal_settings: str
    """The sentence in place of the settings if none differs."""
    adjusted: Sequence[SettingRow]
    """Settings that users adjusted during the runs."""
    metrics: Sequence[MetricRow]
    previews: Sequence[RunPreview]
    problems: Sequence[str]
    """Sentences on runs that cannot be read."""
    markdown: str


class ComparisonReading:
    """A comparison that a thread reads once; `result` is the comparison, or a sentence if there is nothing to compare."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.result: ReadComparison | str | None = None
        """None until the logs are read."""
        self._paths = paths
        self._thread = threading.Thread(target=self._work, name="jem-compare", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def _work(self) -> None:
        self.result = attempt(lambda: read_comparison(self._paths))


def read_comparison(paths: Sequence[Path]) -> ReadComparison:
    """Read the logs of runs. Raises InputError if fewer than two can be read."""
    from jem_tui.stream.compare.adjusted_settings import adjusted_settings
    from jem_tui.stream.compare.compared_log import read_compared
    from jem_tui.stream.compare.comparison_output import comparison_markdown
    from jem_tui.stream.compare.comparison_rows import differing_settings, equal_settings, metric_rows
    from jem_tui.tui.browser.run_preview import preview_of

    problems: list[str] = []
    runs = read_compared(paths, problems.append)
    return ReadComparison(
        tuple(run.path for run in runs),
        tuple(run.name for run in runs),
        tuple(run.state for run in runs),
        tuple(run.step for run in runs),
        differing_settings(runs),
        equal_settings(runs),
        adjusted_settings(runs),
        metric_rows(runs),
        [preview_of(run.recording) for run in runs],
        problems,
        comparison_markdown(runs),
    )
