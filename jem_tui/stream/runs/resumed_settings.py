"""Settings of a resumed run: those that are recorded, with the changes that are allowed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jem_tui.config.load import (
    KEYS,
    PLUGINS,
    apply_table,
    read_settings,
    set_value,
    value_of,
    with_flags,
    with_word,
)
from jem_tui.config.recorded_plugins import plugins_in, recorded_settings, refuse_unrepeated_code, uses
from jem_tui.config.run_bounds import with_bounds
from jem_tui.config.schema import RunConfig
from jem_tui.errors import InputError
from jem_tui.message_text import shown
from jem_tui.run_files import RUN_FILE
from jem_tui.stream.runs.run_dir import read_run_file
from jem_tui.stream.runs.run_lock import refuse_locked
from jem_tui.user_folders import expanded

MAY_CHANGE = (
    "train.epochs",
    "train.max_steps",
    "train.minutes",
    "optimizer.rate",
    "sgld.",
    "stability.",
    "record.",
    "data.args",
)
"""Settings that may change when a run is resumed; any other change would make it another run."""
LEFT_OPEN: dict[str, object] = {"train.device": "auto", "train.threads": 0}
"""Values that let the program choose; a resumed run keeps the choice of its first session."""


def resumed_settings(
    run_dir: Path,
    flags: Sequence[tuple[str, object, str]],
    words: Sequence[str],
    preset: str = "",
    file: Path | None = None,
) -> RunConfig:
    """Return a recorded run's settings with the changes that are allowed; other settings may be repeated, but not changed.

    A step limit that the run has reached is lifted. Raises InputError, also for code that would be used and that neither `flags` nor
    `words` name.
    """
    refuse_locked(run_dir)
    recorded = recorded_run_settings(run_dir)
    named = [use for key, value, _ in flags if key in PLUGINS for use in uses(key, str(value))]
    repeated = [*named, *plugins_in(words)]
    given = {key for key, *_ in flags} | {word.partition("=")[0].strip() for word in words}
    changed = [PLUGINS[key] for key in given & PLUGINS.keys() if key.startswith(MAY_CHANGE)]
    refuse_unrepeated_code(run_dir, recorded, repeated, unused=changed, train=True)
    refuse_change("preset", recorded.preset, preset or recorded.preset)
    reached = read_run_file(run_dir).step >= recorded.train.max_steps
    config = set_value(recorded, "train.max_steps", 0, "") if reached else recorded
    config = with_settings_of(file, config) if file else config
    for word in words:
        config = with_word(config, word)
    config = with_bounds(with_choices(with_flags(config, flags), recorded), ["train.epochs"])
    # A file of settings may have changed sampler and metrics.
    refuse_unrepeated_code(run_dir, config, repeated, train=True)
    return config


def with_settings_of(file: Path, config: RunConfig) -> RunConfig:
    """Return settings changed by a file. Raises InputError, also if the file names another preset than that of the run."""
    table = read_settings(file)
    refuse_change("preset", config.preset, table.pop("preset", config.preset))
    return apply_table(config, table, str(file))


def with_choices(config: RunConfig, recorded: RunConfig) -> RunConfig:
    """Return settings with what the program chose in the first session. Raises InputError for a change of a setting that may not change."""
    for key in KEYS:
        if value_of(config, key) == LEFT_OPEN.get(key) or is_same_folder(key, config, recorded):
            config = set_value(config, key, value_of(recorded, key), "")
        refuse_change(key, value_of(recorded, key), value_of(config, key))
    return config


def recorded_run_settings(run_dir: Path) -> RunConfig:
    """Return the settings that a run folder records. Raises InputError."""
    return recorded_settings(read_run_file(run_dir).config, str(run_dir / RUN_FILE))


def is_same_folder(key: str, config: RunConfig, recorded: RunConfig) -> bool:
    """Return whether a location of data in `config` is a relative path of the folder whose full path is recorded."""
    folder = str(value_of(config, key))
    return (
        key in ("data.name", "data.dir") and bool(folder) and str(expanded(folder).resolve()) == value_of(recorded, key)
    )


def refuse_reached_limit(run_dir: Path, limit: int) -> None:
    """Raise InputError if a limit on the steps, 0 for none, leaves a finished run nothing to train."""
    run = read_run_file(run_dir)
    if run.status == "finished" and 0 < limit <= run.step:
        raise InputError(
            f"{run_dir} has nothing left to train: {run.step:,} of {limit:,} steps are done.",
            "To train longer, raise --max-steps, which counts from the start of the run.",
        )


def refuse_change(key: str, recorded: object, wanted: object) -> None:
    """Raise InputError if a resumed run would get another value of a setting that makes it what it is."""
    if not key.startswith(MAY_CHANGE) and wanted != recorded:
        raise InputError(
            f"{key} cannot change when a run is resumed: it is {shown(recorded)}.",
            f"Only {', '.join(_pattern(key) for key in MAY_CHANGE)} can change.",
        )


def _pattern(key: str) -> str:
    """Return a prefix of settings with a `*` after it, and the name of a single setting unchanged."""
    return f"{key}*" if key.endswith(".") else key
