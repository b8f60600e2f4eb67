"""A source wrapper that emits the recorded steps of a resumed run, so that the screen draws its whole curves."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from jem_tui.errors import JemError
from jem_tui.events.recording import StepBatch
from jem_tui.events.run import Event, RealImages, ReportProgress, RunStarted
from jem_tui.stream.drive import OpenSource, Source
from jem_tui.stream.inject_events import EventInjector
from jem_tui.stream.log_data.entries import DeferredEvent, resolve
from jem_tui.stream.reader.log_cache import read_recording
from jem_tui.stream.replay.build_timeline import build_timeline
from jem_tui.stream.replay.timeline import Timeline


def with_earlier_steps(open_source: OpenSource, run_dir: Path) -> OpenSource:
    """Wrap a source and emit, after the start of a resumed run, all earlier steps that its folder has recorded."""

    def open_both(report: ReportProgress) -> Source:
        return EventInjector(open_source(report), partial(earlier_steps, recorded_timeline(run_dir)))

    return open_both


def recorded_timeline(run_dir: Path) -> Timeline | None:
    """Return the timeline of a run folder; None where it is new or cannot be read."""
    try:
        return build_timeline(read_recording(run_dir), run_dir, complete=True)
    except (JemError, OSError, MemoryError):
        return None


def earlier_steps(timeline: Timeline | None, started: Event) -> Iterator[Event]:
    """Yield the recorded steps before a resumed run's first step as one event, then the recorded training images."""
    if timeline is None or not isinstance(started, RunStarted) or not started.step:
        return
    points = {tag: known[known.images <= started.images] for tag, known in timeline.points().items()}
    logged = {tag: part for tag, part in points.items() if len(part)}
    if logged:
        metrics = {tag: float(part.values[-1]) for tag, part in logged.items()}
        epoch = started.step // max(1, started.steps_per_epoch)
        yield StepBatch(**started.at.fields(), epoch=epoch, metrics=metrics, points=logged)
    images = [entry for entry in timeline.others if isinstance(entry, DeferredEvent) and entry.kind is RealImages]
    yield from resolve(images[:1])
