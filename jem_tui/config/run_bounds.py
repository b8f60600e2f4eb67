"""The bounds of a run: epochs, steps and minutes. The first bound that is reached ends the run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from jem_tui.config.schema import RunConfig
from jem_tui.errors import InputError

EPOCHS = "train.epochs"


def with_bounds(config: RunConfig, given: Iterable[str]) -> RunConfig:
    """Return settings without a limit on epochs if there is a time budget and `given`, the keys that the user has set, lacks the epochs.

    Raises InputError if nothing ends the run.
    """
    train = config.train
    if train.minutes and EPOCHS not in set(given):
        train = replace(train, epochs=0)
    if not (train.epochs or train.max_steps or train.minutes):
        raise InputError(
            "Nothing ends the run: train.epochs, train.max_steps and train.minutes are all 0.",
            "Set a bound, for example --minutes 5.",
        )
    return replace(config, train=train)
