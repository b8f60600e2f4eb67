"""A resumed run with the curves of what it had done before, for the screen."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from jem_tui.errors import JemError
from jem_tui.events.recording import StepBatch
from jem_tui.events.run import Event, ReportProgress, RunStarted
from jem_tui.stream.drive import OpenSource, Source
from jem_tui.stream.inject_events import EventInjector
from jem_tui.stream.reader.log_cache import read_recording
from jem_tui.stream.replay.build_timeline import build_timeline
from jem_tui.stream.replay.timeline import Timeline


def with_earlier_steps(open_source: OpenSource, run_dir: Path) -> OpenSource:
    """The same source, and after its start, if it goes on from a later step, all steps up to there that its folder has recorded."""

    def open_both(report: ReportProgress) -> Source:
        return EventInjector(open_source(report), partial(earlier_steps, recorded_timeline(run_dir)))

    return open_both


def recorded_timeline(run_dir: Path) -> Timeline | None:
    """What a folder holds; None where it is a new one, or cannot be read."""
    try:
        return build_timeline(read_recording(run_dir), run_dir, complete=True)
    except (JemError, OSError, MemoryError):
        return None


def earlier_steps(timeline: Timeline | None, started: Event) -> Iterator[StepBatch]:
    """After the start of a run that goes on: the steps that it goes on from, as one event."""
    if timeline is None or not isinstance(started, RunStarted) or not started.step:
        return
    points = {tag: known[known.images <= started.images] for tag, known in timeline.points().items()}
    told = {tag: part for tag, part in points.items() if len(part)}
    if told:
        metrics = {tag: float(part.values[-1]) for tag, part in told.items()}
        epoch = started.step // max(1, started.steps_per_epoch)
        yield StepBatch(**started.at.fields(), epoch=epoch, metrics=metrics, points=told)
