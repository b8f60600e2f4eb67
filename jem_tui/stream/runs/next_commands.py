"""The commands that follow a run, with its path: evaluate, draw samples, replay, train longer."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from jem_tui.config.load import PLUGINS, value_of
from jem_tui.config.recorded_plugins import recorded_settings, uses
from jem_tui.config.schema import RunConfig
from jem_tui.errors import InputError
from jem_tui.plugins.resolve import names_code
from jem_tui.printable import printable
from jem_tui.run_files import RUN_FILE, sorted_checkpoints
from jem_tui.stream.runs.run_dir import RunFile, read_run_file
from jem_tui.watched_settings import is_watched

MODEL_FILE = "model.npz"
_OPTIONS = {"network.name": "--network", "data.name": "--data"}


class NextCommand(NamedTuple):
    """A command line with its purpose in a few words."""

    purpose: str
    line: str


def next_commands(run_dir: Path) -> list[NextCommand]:
    """Return the commands that a run folder of this machine allows; none for a folder without a readable run."""
    with suppress(InputError, OSError):
        return list(_commands(run_dir, read_run_file(run_dir)))
    return []


def _commands(run_dir: Path, run: RunFile) -> Iterator[NextCommand]:
    replay = NextCommand("Replay", _line("replay", run_dir))
    if is_watched(run.config):
        yield replay
        return
    settings = recorded_settings(run.config, str(run_dir / RUN_FILE))
    code, saved = list(_repeated_code(settings)), bool(sorted_checkpoints(run_dir))
    if saved or (run_dir / MODEL_FILE).exists():
        yield NextCommand("Evaluate quickly", _line("eval", run_dir, "--quick", *code))
        yield NextCommand("Evaluate fully", _line("eval", run_dir, *code))
        yield NextCommand("Draw samples", _line("sample", run_dir, *code))
    yield replay
    if saved:
        purpose, options = _continuation(run, settings)
        yield NextCommand(purpose, _line("train", "--resume", run_dir, *options, *code))


def _continuation(run: RunFile, settings: RunConfig) -> tuple[str, list[str]]:
    """Return what resuming the run means, and the options with which there is something left to train."""
    train = settings.train
    if run.status == "diverged":
        return "Retry at half the rate", ["-s", f"optimizer.rate={settings.optimizer.rate / 2:g}"]
    if run.status != "finished":
        return "Continue", []
    if 0 < train.max_steps <= run.step:
        return "Train longer", ["--max-steps", str(2 * train.max_steps)]
    if train.minutes > 0:
        return "Train longer", ["--minutes", f"{2 * train.minutes:g}"]
    return "Train longer", ["-s", f"train.epochs={2 * train.epochs}"]


def _repeated_code(settings: RunConfig) -> Iterator[str]:
    """Yield the options that repeat the user's own code, without which a recorded run does not import it."""
    for key in PLUGINS:
        value = str(value_of(settings, key))
        if any(names_code(use.name) for use in uses(key, value)):
            yield from (_OPTIONS[key], value) if key in _OPTIONS else ("-s", f"{key}={value}")


def _line(*words: str | Path) -> str:
    return printable(shlex.join(["jem-tui", *map(str, words)]))
