"""Diagnostics of the sampler: newest values, courses and definitions."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from textwrap import wrap
from typing import Any

import numpy as np
from numpy.typing import NDArray
from textual.content import Content
from textual.widgets import Static

from jem_tui.events.metric_text import MetricText
from jem_tui.minus_sign import minus_signs
from jem_tui.raster.plot.histogram import bars
from jem_tui.tui.preferences.theme import FAINT, MUTED, Tone
from jem_tui.tui.repaint.changed_content import show_content
from jem_tui.tui.repaint.containment import contain_failures
from jem_tui.tui.state import text_formats
from jem_tui.tui.state.run_view import RunView
from jem_tui.tui.state.sampler_tags import MEASURED, SHOWN
from jem_tui.tui.state.series import Series

NAME, VALUE, MOST_COURSE = 36, 8, 40
"""Maximum columns of the name, of the value and of the course of a metric."""
INDENT = "  "
NOT_LIVE = "This recording has no diagnostics of the sampler up to this step."


@contain_failures
class SamplerPane(Static):
    """A row for each diagnostic, and a second one with its definition where there is room."""

    can_focus = True

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self.border_title = "sampler"

    def stamp(self, run: RunView) -> Hashable:
        """Return a value that differs when a diagnostic or the size differs."""
        return (id(run), self.size, tuple(len(run.series.get(tag, ())) for tag in SHOWN[1:]))

    def draw(self, run: RunView) -> None:
        """Draw the diagnostics of `run`."""
        width, height = self.content_size
        if not width or not height:
            return
        rows = list(self._rows(run, width, height))
        content = Content("\n").join(rows[:height])
        show_content(self, content)
        measured = [run.series[tag].steps[-1] for tag in MEASURED if len(run.series.get(tag, ()))]
        self.border_subtitle = f"step {int(max(measured)):,}" if measured else ""

    def _rows(self, run: RunView, width: int, height: int) -> Iterator[Content]:
        from jem_tui.events.metric_texts import STEP_METRICS

        known = [tag for tag in SHOWN if len(run.series.get(tag, ()))]
        if not any(tag in MEASURED for tag in known):
            missing = _not_yet(run.info.config) if run.live else NOT_LIVE
            yield from (Content.styled(line, FAINT) for line in wrap(missing, width))
        meanings = {tag: list(definition_lines(STEP_METRICS[tag].meaning, width)) for tag in known}
        whole = len(known) + sum(map(len, meanings.values())) <= height
        for tag in known:
            yield diagnostic_row(STEP_METRICS[tag], run.series[tag], width)
            if whole:
                yield from (Content.styled(line, FAINT) for line in meanings[tag])
            elif height >= 2 * len(known):
                yield Content.styled(shortened(meanings[tag], width), FAINT)


def definition_lines(text: str, width: int) -> list[str]:
    """Return a definition in lines of at most `width` columns, indented."""
    return wrap(text, max(1, width), initial_indent=INDENT, subsequent_indent=INDENT)


def shortened(lines: list[str], width: int) -> str:
    """Return the first of `lines`, with an ellipsis in at most `width` columns if more lines follow."""
    return lines[0] if len(lines) == 1 else f"{lines[0][: width - 2]} …"


def _not_yet(config: Mapping[str, Any]) -> str:
    """Return the sentence for a live run without diagnostics so far, by the settings that it states."""
    from jem_tui.config.stability import steps_between_diagnoses

    stability, train = config.get("stability"), config.get("train")
    every = stability.get("snapshot_every") if isinstance(stability, Mapping) else None
    device = train.get("device") if isinstance(train, Mapping) else None
    if not isinstance(every, int) or not isinstance(device, str):
        return "No diagnostics yet: they are measured in some of the health checks."
    return f"No diagnostics yet: they are measured every {steps_between_diagnoses(every, device):,} steps."


def diagnostic_row(text: MetricText, series: Series, width: int) -> Content:
    """Return the name of a metric, its newest value, and its course as bars as far as there is room."""
    name = min(NAME, max(0, width - VALUE - 1))
    room = min(MOST_COURSE, width - name - VALUE - 2)
    course = course_of(series.values, room)
    return Content.assemble(
        (text_formats.fitted(text.name, name), MUTED),
        f"{short_number(float(series.values[-1])):>{VALUE}}  ",
        (course, Tone.NRG.variable),
    ).truncate(width)


def course_of(values: NDArray[np.float64], columns: int) -> str:
    """Return the newest finite values as bars of one row, one column each, above their minimum."""
    finite = values[np.isfinite(values)][-max(0, columns) :] if columns > 0 else values[:0]
    if not len(finite):
        return ""
    spread = finite - finite.min()
    return bars(spread + 1e-9 + 0.1 * spread.max(), len(finite), 1)[0]


def short_number(value: float) -> str:
    """Return a number with three significant digits."""
    return minus_signs(f"{value:.3g}")
