"""The settings of a watched run in run.json and in its log: below one name, apart from the settings of a training run.

A loop may call its settings what it likes, such as `train` or `data`, which in a training run have a meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jem_tui.errors import InputError

WATCHED = "watched"
"""The section that holds all settings of a watched run; its presence distinguishes such a run."""


def as_watched(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a loop as the settings of a watched run."""
    return {WATCHED: dict(settings)}


def is_watched(config: Mapping[str, Any]) -> bool:
    """Return whether these are the settings of a watched run."""
    return isinstance(config.get(WATCHED), Mapping)


def loop_settings(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the settings of the loop, or all settings of a run that this program has trained."""
    found = config.get(WATCHED)
    return found if isinstance(found, Mapping) else config


def refuse_watched(config: Mapping[str, Any], where: str) -> None:
    """Raise InputError, naming the file `where`, if these are the settings of a watched run, which has no network of this program."""
    if is_watched(config):
        raise InputError(
            f"{where} belongs to a watched loop, whose network and checkpoints only its own script can load.",
            "Display the run with jem-tui replay, or continue it with its script.",
        )
