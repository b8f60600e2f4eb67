"""A recorded run as an object: settings, state, curves, samples, notes and checkpoints."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from jem_tui.api.curve import Curve, curve_of
from jem_tui.api.event_series import EventSeries
from jem_tui.api.run_folder import RunStatus, run_folder, run_status
from jem_tui.config.recorded_plugins import recorded_settings
from jem_tui.errors import InputError
from jem_tui.events.recording import Picture
from jem_tui.events.run import Energies, Evaluated, Event, Note, RunStarted, Samples, Stopped
from jem_tui.run_files import checkpoint_step, sorted_checkpoints
from jem_tui.stream.log_data.entries import DeferredEvent, resolve
from jem_tui.stream.log_data.named_checkpoints import named_checkpoints
from jem_tui.stream.log_data.step_table import StepTable
from jem_tui.stream.reader.log_cache import load_cache
from jem_tui.stream.reader.log_reader import LogReader, Recording
from jem_tui.stream.reader.own_points import rollback_limits
from jem_tui.user_folders import expanded
from jem_tui.watched_settings import is_watched, loop_settings

if TYPE_CHECKING:
    import pandas
    import polars

    from jem_tui.config.schema import RunConfig

_Series = TypeVar("_Series", Samples, Energies, Picture)


class Checkpoint(NamedTuple):
    """A checkpoint of a run."""

    step: int
    """The optimizer step after which it was saved."""
    path: Path
    """A file, or the folder that several ranks of a run have written."""


def open_run(path: str | os.PathLike[str]) -> Run:
    """Return the run in a folder, which may still be growing, or the content of one event file.

    The folder may be one that `jem-tui train`, `jem_tui.train` or `jem_tui.watch` wrote, any folder of TensorBoard event files, or a
    folder with a single run below it. Raises InputError where there is nothing to read, and where there are several runs.
    """
    return Run(run_folder(expanded(os.fspath(path))))


class Run:
    """A recorded run, as its log was when it was opened or last refreshed. `open_run` makes it; nothing in it changes the log."""

    def __init__(self, path: Path) -> None:
        self.path = path
        """The run folder, or the event file."""
        self._reader = LogReader(path)
        self._recording: Recording = load_cache(path) or self._reader.read()
        self._status: RunStatus = run_status(path, self._recording)

    def refresh(self) -> bool:
        """Read what was appended since the run was opened or last refreshed, and return whether the run has changed.

        Raises InputError if the log no longer exists.
        """
        before = (self._status, self.step, len(self._recording.entries), self._points)
        self._recording = self._reader.read()
        self._status = run_status(self.path, self._recording)
        for name in ("curves", "_valid"):
            self.__dict__.pop(name, None)
        return before != (self._status, self.step, len(self._recording.entries), self._points)

    @property
    def name(self) -> str:
        """The name of the folder or event file."""
        return self.path.resolve().name

    @property
    def foreign(self) -> bool:
        """True if another program wrote the log. It then has curves, pictures and notes, and neither settings nor samples."""
        return self._recording.foreign

    @property
    def status(self) -> RunStatus:
        """The state of the run: `crashed` if its process ended without recording an end, `foreign` for other programs' logs."""
        return self._status

    @property
    def error(self) -> str:
        """The error that ended the run, in one sentence; empty without an error."""
        last = self._recording.entries[-1]
        return last.error if isinstance(last, Stopped) else ""

    @property
    def step(self) -> int:
        """Optimizer steps done; the number of logged steps for other programs' logs."""
        last = self._recording.entries[-1]
        return int(last.steps[-1]) if isinstance(last, StepTable) else last.step

    @property
    def images(self) -> int:
        """Training images seen; the last logged step for other programs' logs."""
        last = self._recording.entries[-1]
        return int(last.images[-1]) if isinstance(last, StepTable) else last.images

    @property
    def started(self) -> RunStarted:
        """The newest start of the run, with its device, seed, number of parameters, class names and total steps."""
        starts = (entry for entry in reversed(self._recording.entries) if isinstance(entry, RunStarted))
        return next(starts)

    @property
    def settings(self) -> Mapping[str, Any]:
        """All settings as nested mappings, such as `run.settings["sgld"]["steps"]`; empty for other programs' logs.

        A run of `jem_tui.watch` has the settings of its loop.
        """
        return MappingProxyType(dict(loop_settings(self.started.config)))

    @property
    def config(self) -> RunConfig:
        """The settings of a run of `jem-tui train` as an object, such as `run.config.sgld.steps`.

        Raises InputError for the settings of another program, another training loop or another version.
        """
        if not self.started.config or is_watched(self.started.config):
            raise InputError(
                f"{self.path} has no settings of jem-tui train.", "Read the mapping in Run.settings instead."
            )
        return recorded_settings(self.started.config, str(self.path))

    @cached_property
    def curves(self) -> Mapping[str, Curve]:
        """All scalars by tag; scores of evaluations have tags such as `validation/accuracy`."""
        return MappingProxyType({tag: curve_of(tag, found) for tag, found in self._recording.points.items()})

    @property
    def scores(self) -> Mapping[str, Mapping[str, float]]:
        """The newest scores by split and name, such as `run.scores["validation"]["accuracy"]`; their history is in `curves`."""
        return MappingProxyType({entry.split: entry.scores for entry in self._valid if isinstance(entry, Evaluated)})

    @property
    def accuracy(self) -> float | None:
        """The newest accuracy on images that the model was not trained on, a fraction; None before the first evaluation."""
        found = [
            entry.scores["accuracy"]
            for entry in self._valid
            if isinstance(entry, Evaluated) and "accuracy" in entry.scores
        ]
        return found[-1] if found else None

    @property
    def notes(self) -> tuple[Note, ...]:
        """Notes in the order of recording; for other programs' logs the logged texts."""
        return tuple(entry for entry in self._recording.entries if isinstance(entry, Note))

    @property
    def samples(self) -> EventSeries[Samples]:
        """The recorded chains, read from the log on access: `tiles`, `energy`, `age` and further arrays, with a row for each chain."""
        return self._series(Samples)

    @property
    def energies(self) -> EventSeries[Energies]:
        """The recorded histograms of energies, read from the log on access."""
        return self._series(Energies)

    @property
    def pictures(self) -> Mapping[str, EventSeries[Picture]]:
        """The images in another program's log by tag, read from the log on access; empty for runs of this program."""
        tags = dict.fromkeys(
            entry.tag for entry in self._valid if isinstance(entry, DeferredEvent) and entry.kind is Picture
        )
        return MappingProxyType({tag: self._series(Picture, tag) for tag in tags})

    @property
    def checkpoints(self) -> tuple[Checkpoint, ...]:
        """The checkpoints that are on the disk now, oldest first; of a watched run also those that its notes name."""
        found = {path: checkpoint_step(path) for path in sorted_checkpoints(self.path)}
        if is_watched(self.started.config):
            named = named_checkpoints(self._recording.entries, self.path)
            found |= {path: step for step, path in named if path.exists()}
        return tuple(Checkpoint(step, path) for path, step in sorted(found.items(), key=itemgetter(1)))

    def events(self) -> Iterator[Event]:
        """Yield all events of the log in their order, those that a rollback made void included."""
        return resolve(self._recording.entries)

    def to_pandas(self) -> pandas.DataFrame:
        """Return all curves as a data frame of pandas, with a row for each point.

        Columns: `tag` (categorical), `step`, `images` (not for other programs' logs), `wall_time` (Unix seconds) and `value`, the
        rows by tag and step. Raises InputError without pandas.
        """
        from jem_tui.api.data_frames import pandas_frame

        return pandas_frame(self.curves)

    def to_polars(self) -> polars.DataFrame:
        """Return all curves as a data frame of polars, with the rows and columns of `to_pandas`. Raises InputError without polars."""
        from jem_tui.api.data_frames import polars_frame

        return polars_frame(self.curves)

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r}, {self.status}, step {self.step:,}, {len(self._recording.points):,} curves)"

    def _repr_html_(self) -> str:
        """Return the state and the last values as a table, which notebooks display."""
        from jem_tui.api.html_summary import html_summary

        return html_summary(self)

    @cached_property
    def _valid(self) -> list[DeferredEvent | Evaluated]:
        """Scores and events with arrays, without those that a rollback made void."""
        entries = self._recording.entries
        return [
            entry
            for entry, limit in zip(entries, rollback_limits(entries), strict=True)
            if isinstance(entry, DeferredEvent | Evaluated) and entry.images <= limit
        ]

    @property
    def _points(self) -> int:
        return sum(map(len, self._recording.points.values()))

    def _series(self, kind: type[_Series], tag: str = "") -> EventSeries[_Series]:
        deferred = (entry for entry in self._valid if isinstance(entry, DeferredEvent))
        return EventSeries(kind, [entry for entry in deferred if entry.kind is kind and entry.tag == tag])
