"""A printed summary of a run: curves, final numbers, texts and last images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console, RenderableType
from rich.text import Text

from jem_tui.events.left_out import LeftOut, counted
from jem_tui.events.recording import Histogram
from jem_tui.events.run import ACCURACY, NRG, TOTAL, XE, Energies, Note, RankStates
from jem_tui.printable import printable
from jem_tui.stream.console.downsample import CurveCollector, DownsampledCurve
from jem_tui.stream.console.final_values import MOST_VALUES, final_values
from jem_tui.stream.console.last_images import print_pictures
from jem_tui.stream.console.text_plots import plot
from jem_tui.stream.log_data.entries import DeferredEvent
from jem_tui.stream.log_data.step_table import StepTable
from jem_tui.stream.reader.log_cache import read_recording
from jem_tui.stream.reader.log_reader import Recording

MOST_PLOTS = 8
MOST_TEXTS = 8
"""Newest texts of a log that are printed."""

_STYLES = {TOTAL: "cyan", NRG: "magenta", XE: "yellow", ACCURACY: "green"}
_NARROWEST_PLOT = 36


def once(logdir: Path, console: Console) -> LeftOut:
    """Print the final curves, numbers, texts and images of a recording. Raises InputError as `read_recording`.

    Returns the counts of everything in the recording that cannot be displayed.
    """
    recording = read_recording(logdir)
    print_summary(console, summarize(recording))
    _print_texts(console, recording)
    print_pictures(console, recording.entries)
    return recording.left_out


def summarize(recording: Recording) -> CurveCollector:
    """Collect every curve of a recording as logged, and the newest event of every other kind."""
    collector = CurveCollector()
    for entry in recording.entries:
        if isinstance(entry, StepTable):
            collector.skip(entry)
        elif not isinstance(entry, DeferredEvent):
            collector(entry)
    collector.ranks = _last_ranks(recording)
    collector.foreign = recording.foreign
    points = {tag: found.in_order() for tag, found in recording.points.items() if len(found)}
    axes = {tag: found.step if found.images is None else found.images for tag, found in points.items()}
    collector.curves = {tag: DownsampledCurve.of(axes[tag], found.value) for tag, found in points.items()}
    if recording.foreign:
        collector.seconds = _seconds(recording)
    if recording.foreign and points:
        collector.last_logged = max(int(axis[-1]) for axis in axes.values())
    return collector


def _last_ranks(recording: Recording) -> RankStates | None:
    """Return the last states of ranks; None for a run of one process. Raises JemError if the file no longer exists."""
    deferred = (entry for entry in reversed(recording.entries) if isinstance(entry, DeferredEvent))
    last = next((entry.load() for entry in deferred if entry.kind is RankStates), None)
    return last if isinstance(last, RankStates) else None


def _seconds(recording: Recording) -> float:
    """Return the time from the first point of another program's log to the last one; 0 without points."""
    times = np.concatenate([np.empty(0), *(points.wall_time for points in recording.points.values())])
    finite = times[np.isfinite(times)]
    with np.errstate(over="ignore"):
        return float(np.ptp(finite)) if len(finite) else 0.0


def print_summary(console: Console, collector: CurveCollector) -> None:
    """Print the curves as plots, two in a row where there is room, and a table of the final numbers."""
    tags = _tags(collector)
    chief = [] if collector.foreign else [tag for tag in tags if tag in _STYLES]
    plotted = chief or tags[:MOST_PLOTS]
    columns = 2 if console.width >= 2 * _NARROWEST_PLOT + 1 and len(plotted) > 1 else 1
    width = max(1, (console.width - columns + 1) // columns)
    for start in range(0, len(plotted), columns):
        row = plotted[start : start + columns]
        plots = [plot(tag, collector.curves[tag], width, _STYLES.get(tag, "cyan"), console) for tag in row]
        for parts in zip(*plots, strict=True):
            _print(console, Text(" ").join(parts))
    _print(console, final_values(collector, tags, console.width))
    for line in _remainder(tags, plotted):
        _print_line(console, line)


def _print(console: Console, content: RenderableType) -> None:
    console.print(content, highlight=False, no_wrap=True, crop=True)


def _print_line(console: Console, line: str, *, soft_wrap: bool = False) -> None:
    console.print(printable(line), highlight=False, markup=False, soft_wrap=soft_wrap)


def _tags(collector: CurveCollector) -> list[str]:
    """Return the tags of JEM first, then all other tags in the order of the log, without scores that have a row of their own."""
    scores = {f"{split}/{name}" for split, found in collector.evaluations.items() for name in found.scores}
    own = [tag for tag in _STYLES if tag in collector.curves]
    return [*own, *(tag for tag in collector.curves if tag not in _STYLES and tag not in scores)]


def _remainder(tags: Sequence[str], plotted: Sequence[str]) -> Iterator[str]:
    """Yield sentences on the curves for which the page has no room."""
    if more := len(tags) - len(plotted):
        yield f"{counted('more curve', more)} {'is' if more == 1 else 'are'} not plotted"
    if more := len(tags[MOST_VALUES:]):
        verb = "is" if more == 1 else "are"
        yield f"{counted('more final value', more)} {verb} not listed; `jem-tui export` writes all of them"


def _print_texts(console: Console, recording: Recording) -> None:
    """Print the newest texts of a foreign log; count the notes of other runs."""
    notes = [entry for entry in recording.entries if isinstance(entry, Note)]
    shown = notes[-MOST_TEXTS:] if recording.foreign else []
    for note in shown:
        _print_line(console, f"step {note.images}: {note.text}", soft_wrap=True)
    deferred = (entry for entry in recording.entries if isinstance(entry, DeferredEvent))
    kinds = {entry.tag for entry in deferred if issubclass(entry.kind, Energies | Histogram)}
    hidden = (
        [counted("earlier text" if recording.foreign else "note", more)] if (more := len(notes) - len(shown)) else []
    )
    hidden += [counted("histogram", len(kinds))] if kinds else []
    if hidden:
        _print_line(console, f"only on the screen of `jem-tui replay`: {' and '.join(hidden)}")
