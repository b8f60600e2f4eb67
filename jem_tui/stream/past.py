"""A resumed run with the curves of what it had done before, for the screen."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from pathlib import Path

from jem_tui.errors import JemError
from jem_tui.events import Command, Event, RunStarted, Wait
from jem_tui.stream.drive import OpenSource, Report, Source
from jem_tui.stream.history import History
from jem_tui.stream.index import read_recording
from jem_tui.stream.layout import lay_out
from jem_tui.stream.timeline import Timeline


def with_past(open_source: OpenSource, run_dir: Path) -> OpenSource:
    """The same source, and after its start, if it goes on from a later step, all steps up to there that its folder has recorded."""

    def open_both(report: Report) -> Source:
        return _WithPast(open_source(report), recorded(run_dir))

    return open_both


def recorded(run_dir: Path) -> Timeline | None:
    """What a folder holds; None where it is a new one, or cannot be read."""
    try:
        return lay_out(read_recording(run_dir), run_dir, complete=True)
    except JemError:
        return None


def steps_until(timeline: Timeline, started: RunStarted) -> Iterator[History]:
    """The steps that a run goes on from, as one event at its start."""
    points = {tag: known[known.images <= started.images] for tag, known in timeline.points().items()}
    told = {tag: part for tag, part in points.items() if len(part)}
    if started.step and told:
        metrics = {tag: float(part.values[-1]) for tag, part in told.items()}
        epoch = started.step // max(1, started.steps_per_epoch)
        yield History(
            step=started.step, images=started.images, time=started.time, epoch=epoch, metrics=metrics, points=told
        )


class _WithPast:
    def __init__(self, source: Source, past: Timeline | None) -> None:
        self._source = source
        self._past = past

    def events(self) -> Generator[Event | Wait, None, None]:
        with closing(self._source.events()) as events:
            for event in events:
                yield event
                if isinstance(event, RunStarted) and self._past is not None:
                    past, self._past = self._past, None
                    yield from steps_until(past, event)

    def apply(self, command: Command) -> Iterable[Event]:
        return self._source.apply(command)
