"""The beginning of a watched run: its folder, its position, and whether this process records it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jem_tui.errors import InputError
from jem_tui.run_files import RUN_FILE
from jem_tui.stream.runs.run_dir import claim_run_dir, default_root, new_run_dir, read_run_file
from jem_tui.stream.runs.run_lock import refuse_locked
from jem_tui.watched_settings import is_watched
from jem_tui.watching.plain_settings import plain_settings
from jem_tui.watching.ranks import is_first_rank
from jem_tui.watching.run_facts import UNKNOWN_SEED, RunFacts
from jem_tui.watching.sample_source import SampleSource
from jem_tui.watching.watched_run import WatchedRun


def watch(
    run_dir: str | os.PathLike[str] | None = None,
    *,
    total_steps: int = 0,
    steps_per_epoch: int = 0,
    config: Any = None,
    class_names: Sequence[str] = (),
    device: object = "",
    seed: int | None = None,
    parameters: int = 0,
    resume: bool = False,
    start_step: int | None = None,
    signals: bool = True,
    door: bool = True,
    samples_every: int = 100,
    tiles: int = 64,
    value_range: tuple[float, float] | None = None,
    quiet: bool = False,
    rank: int | None = None,
) -> WatchedRun:
    """Return a run that records a training loop, and that viewers display and steer.

    Use it as a context manager, or call `close` at the end. The recording begins with the first step.

    Of several processes of one training, only that of rank 0 records and receives the requests of viewers: it must pass a
    `StopTraining` and changed settings to the processes of higher ranks, which wait in their next collective operation during a pause.

    Args:
        run_dir: Folder of the run, new or empty; None for a new folder in `runs`, named after the script.
        total_steps: Steps after which the loop ends; 0 if that is unknown.
        steps_per_epoch: Steps in one pass over the data; 0 for a loop without epochs.
        config: Settings to display and record: a mapping, namespace or dataclass, nested or not.
        class_names: Names of the classes, in the order of `predicted` in `WatchedRun.samples`.
        device: Device to display.
        seed: Seed of the run; None for `config["seed"]`, or for a run without a seed.
        parameters: Number of parameters to display.
        resume: Continue the run in `run_dir` if there is one. Steps that it recorded after the current one become void.
        start_step: Steps done by the state that the loop continues from; None for all steps that
            `run.json` of `run_dir` states, which a killed run wrote up to five seconds before its end.
        signals: Let SIGINT and SIGTERM stop the loop after its step, where the program has no handlers of its own: they save
            through the handler of `SaveNow`, and then raise KeyboardInterrupt or SystemExit.
        door: Let other processes of the same user watch and steer the run, with `jem-tui attach`.
        samples_every: Steps between two recordings of the samples after the first; 0 to show them only when a viewer asks.
        tiles: Largest number of images in one recording.
        value_range: Lowest and highest value of images of floats; None to find [−1, 1] or [0, 1] from the images.
        quiet: Leave out the line on stderr that names the run folder at the first step; `jem-tui watch` leaves it out anyway.
        rank: Rank of this process; None to find it in the environment. Only rank 0 records.

    Raises:
        InputError: `run_dir` is not empty, cannot be written, or holds a run that cannot be continued.
        TypeError, ValueError: An argument has another type or an impossible value.
    """
    _check(total_steps=total_steps, steps_per_epoch=steps_per_epoch, parameters=parameters)
    _check(samples_every=samples_every, start_step=start_step or 0)
    source = SampleSource(tiles, value_range, samples_every)
    settings = plain_settings(config)
    active = is_first_rank(os.environ) if rank is None else rank == 0
    folder, step, images = _place(run_dir, resume, start_step) if active else (Path(run_dir or default_root()), 0, 0)
    facts = RunFacts(
        run_dir=folder,
        settings=settings,
        total_steps=total_steps,
        steps_per_epoch=steps_per_epoch,
        class_names=tuple(map(str, class_names)),
        device=str(device),
        seed=_seed(seed, settings),
        parameters=parameters,
        step=step,
        images=images,
    )
    return WatchedRun(facts, source, active=active, signals=signals, door=door, quiet=quiet)


def _check(**counts: int) -> None:
    for name, count in counts.items():
        if not isinstance(count, int) or count < 0:
            raise ValueError(f"{name} must be a whole number of at least 0, not {count!r}.")


def _seed(seed: int | None, settings: dict[str, Any]) -> int:
    found = settings.get("seed") if seed is None else seed
    return found if isinstance(found, int) and not isinstance(found, bool) else UNKNOWN_SEED


def _place(run_dir: str | os.PathLike[str] | None, resume: bool, start_step: int | None) -> tuple[Path, int, int]:
    """Return the run folder, and the steps and images done before this session. Raises InputError where it cannot be used."""
    if run_dir is None:
        if resume:
            raise InputError("A run can only be continued in its own folder.", "Pass the folder as run_dir.")
        script = Path(sys.argv[0]).stem if sys.argv and sys.argv[0] else ""
        return claim_run_dir(new_run_dir(default_root(), script)), start_step or 0, start_step or 0
    folder = Path(run_dir).absolute()
    if resume and (folder / RUN_FILE).exists():
        return folder, *_continued(folder, start_step)
    _refuse_contents(folder)
    return claim_run_dir(folder), start_step or 0, start_step or 0


def _refuse_contents(folder: Path) -> None:
    if folder.is_dir() and any(folder.iterdir()):
        raise InputError(
            f"The run folder {folder} is not empty.",
            "Call jem_tui.watch with resume=True to continue its run, with another folder, or without one for a new folder each time.",
        )


def _continued(folder: Path, start_step: int | None) -> tuple[int, int]:
    """Return the steps and images of a recorded run up to `start_step`. Raises InputError where the run cannot be continued."""
    recorded = read_run_file(folder)
    if not is_watched(recorded.config):
        raise InputError(
            f"The run in {folder} was not recorded by jem_tui.watch.", "Continue it with jem-tui train --resume."
        )
    refuse_locked(folder)
    step = recorded.step if start_step is None else start_step
    return step, recorded.images * step // recorded.step if recorded.step else step
