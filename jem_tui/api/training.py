"""Training as an iterator of events, on the thread that iterates."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from jem_tui.api.code_names import Code, code_name
from jem_tui.api.leading_rank import FollowingRank, LeadingRank, rank_and_size
from jem_tui.api.training_run import TrainingRun
from jem_tui.config.load import KEYS, from_mapping, keys_of, make_config, set_value
from jem_tui.config.run_bounds import with_bounds
from jem_tui.config.schema import RunConfig
from jem_tui.errors import InputError
from jem_tui.events.commands import Command
from jem_tui.events.run import Event, ReportProgress
from jem_tui.plugins.kinds import DATA, NETWORK
from jem_tui.stream.runs.resumed_settings import refuse_reached_limit, resumed_settings
from jem_tui.stream.runs.run_dir import claim_run_dir, default_root, new_run_dir, read_run_file
from jem_tui.user_folders import expanded

if TYPE_CHECKING:
    from jem_tui.stream.drive import OpenSource, Source


def train(
    config: RunConfig | Mapping[str, Any] | str = "",
    settings: Mapping[str, Any] | None = None,
    *,
    network: Code | None = None,
    data: Code | None = None,
    run_dir: str | os.PathLike[str] | None = None,
    resume: str | os.PathLike[str] | None = None,
    door: bool = True,
) -> Training:
    """Return a training run: iterating it trains, and yields the events one by one.

    `config` is the name of a preset (default: `fast`), a `RunConfig`, or nested mappings such as `{"sgld": {"steps": 10}}`;
    `settings` then changes single values, such as `{"sgld.steps": 10, "train.max_steps": 200}`.
    `network` and `data` are names as `--network` and `--data` of `jem-tui train` take, or a class or function itself, which is recorded as
    `module:name`; what a notebook or a script defines is recorded as `__main__:name`, which only the same notebook or script can open again.

    The run is recorded in `run_dir`, by default a new folder in `./runs`, exactly as `jem-tui train` records it. `resume` is the folder of a run that
    continues from its newest checkpoint; of its settings only those can change that `jem-tui train --resume` can change, and a network or
    data set of the user must be passed again. With a `door`, `jem-tui attach` displays and steers the run from another terminal.

    On several ranks, which torchrun or another launcher has started, every rank calls `train` with the same arguments, and rank 0 alone
    receives events; the iterator of another rank trains without an event until rank 0 ends the run.

    The iterator ends after `Stopped`. `break`, an exception in the loop, `close()` and the end of a `with` block stop the run: it saves
    a checkpoint, records `Stopped` and releases its folder. Ctrl-C and the interruption of a notebook's cell finish the current step,
    stop the run, and then raise KeyboardInterrupt; a second Ctrl-C does not wait for the step.

    Raises InputError for impossible settings and for a folder that cannot be used. Iteration raises InputError if data or device are
    missing, DivergenceError if the run diverges and rollbacks do not help, JemError if the run cannot be recorded, and every unexpected exception
    unchanged. Each error is raised after the `Stopped` that records it.
    """
    if rank_and_size()[0] > 0:
        return FollowingTraining()
    changes = {**(settings or {}), **_named(network, data)}
    if resume is not None:
        return _resumed(expanded(os.fspath(resume)), config, changes, run_dir, door)
    resolved = with_bounds(_changed(_config(config), changes), [*_given(config), *changes])
    folder = expanded(os.fspath(run_dir)) if run_dir is not None else None
    claimed = claim_run_dir(folder or new_run_dir(default_root(), Path(resolved.data.name).name))
    return Training(_opener(resolved, claimed, None), claimed, door)


class Training(Iterator[Event]):
    """A training run that advances while it is iterated. `train` makes it; it is also a context manager."""

    def __init__(self, open_source: OpenSource, run_dir: Path, door: bool = True) -> None:
        self.run_dir = run_dir
        """The run folder, which exists from the first event on; `jem_tui.open_run` reads it at any time."""
        self._run = TrainingRun(open_source, run_dir, door)
        # An iterator that is dropped, even at the exit of the process, must not leave a run without its end.
        self._end = weakref.finalize(self, self._run.end, "stopped")

    def __iter__(self) -> Training:
        return self

    def __next__(self) -> Event:
        return self._run.next_event()

    def send(self, command: Command) -> None:
        """Enqueue a command, such as `Adjust`, `Reseed` or `SaveNow`, which is applied after the current step. Any thread may call it.

        After `Pause`, `next` blocks until another thread or an attached viewer sends `Resume` or `Stop`.
        """
        self._run.commands.put(command)

    def close(self) -> None:
        """Save a checkpoint, record the end of the run as stopped, and release its folder; do nothing after the end.

        Any thread may call it, and waits for the step under way. In a signal handler that has interrupted a step, the run ends after that step.
        """
        self._run.end("stopped")

    def __enter__(self) -> Training:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run.end("interrupted" if isinstance(error, KeyboardInterrupt) else "stopped")


class FollowingTraining(Training):
    """A training run on a rank other than 0, which yields no event: `next` trains until rank 0 has ended the run."""

    def __init__(self) -> None:
        self.run_dir = Path()
        self._ended = False

    def __next__(self) -> Event:
        if not self._ended:
            self._ended = True
            reason = FollowingRank().reason
            if reason is not None:
                raise reason
        raise StopIteration

    def send(self, command: Command) -> None:
        """Ignore a command, which only rank 0 can apply."""

    def close(self) -> None:
        """Leave the end of the run to rank 0."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the end of the run to rank 0."""


def _named(network: Code | None, data: Code | None) -> dict[str, str]:
    """Return the settings that name a network and a data set, without those that are not given."""
    given = {"network.name": (NETWORK, network), "data.name": (DATA, data)}
    return {key: code_name(kind, code) for key, (kind, code) in given.items() if code is not None}


def _config(config: RunConfig | Mapping[str, Any] | str) -> RunConfig:
    if isinstance(config, RunConfig):
        return config
    if isinstance(config, str):
        return make_config(config)
    if not isinstance(config, Mapping):
        raise InputError(
            f"config is of type {type(config).__name__}.", "Pass the name of a preset, a RunConfig, or nested mappings."
        )
    return from_mapping(config, "config")


def _given(config: RunConfig | Mapping[str, Any] | str) -> Sequence[str]:
    """Return the settings that a `config` states, as section.name: all of a RunConfig, none of a preset."""
    if isinstance(config, RunConfig):
        return KEYS
    return () if isinstance(config, str) else keys_of(config)


def _changed(config: RunConfig, settings: Mapping[str, Any]) -> RunConfig:
    for key, value in settings.items():
        config = set_value(config, key, value, "settings")
    return config


def _resumed(
    folder: Path,
    config: RunConfig | Mapping[str, Any] | str,
    settings: Mapping[str, Any],
    run_dir: str | os.PathLike[str] | None,
    door: bool,
) -> Training:
    if run_dir is not None:
        raise InputError("A resumed run continues in its own folder.", "Leave out run_dir.")
    if not isinstance(config, str):
        raise InputError("A resumed run has the settings of its folder.", "Pass changes as settings, not as config.")
    known = read_run_file(folder).dataset
    flags = [(key, value, "settings") for key, value in settings.items()]
    return Training(_opener(resumed_settings(folder, flags, (), config), folder, known), folder, door)


def _opener(config: RunConfig, run_dir: Path, known: Mapping[str, Any] | None) -> OpenSource:
    """Return the function that imports torch and builds the trainer; `known` is the report on the data of a resumed run."""

    def checked() -> Mapping[str, Any] | None:
        if known is not None:
            refuse_reached_limit(run_dir, config.train.max_steps)
        return known

    def open_source(report: ReportProgress) -> Source:
        checked()
        from jem_tui.jem.trainer.build import open_trainer

        return open_trainer(config, run_dir, known is not None, report, known)

    return LeadingRank(config, run_dir, checked, known is not None) if rank_and_size()[1] > 1 else open_source
