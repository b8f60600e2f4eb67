"""Facts that a watched loop states about its run at the start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jem_tui.events.run import At, RunStarted
from jem_tui.watched_settings import as_watched

UNKNOWN_SEED = -1
"""Seed of a run whose loop does not state it."""
_NO_TILES = (1, 1, 1)


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """The arguments of `jem_tui.watch` that become the first event of the run, and the position of the run before this session."""

    run_dir: Path
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The settings of the loop as JSON values."""
    total_steps: int = 0
    steps_per_epoch: int = 0
    class_names: tuple[str, ...] = ()
    device: str = ""
    seed: int = UNKNOWN_SEED
    parameters: int = 0
    step: int = 0
    images: int = 0

    def started(self, at: At, abilities: frozenset[str], knobs: Mapping[str, float]) -> RunStarted:
        """Return the first event of the run."""
        return RunStarted(
            **at.fields(),
            config=as_watched(self.settings),
            device=self.device,
            seed=self.seed,
            parameters=self.parameters,
            tile_shape=_NO_TILES,
            class_names=self.class_names,
            total_steps=self.total_steps,
            steps_per_epoch=self.steps_per_epoch,
            run_dir=str(self.run_dir),
            abilities=abilities,
            knobs=knobs,
        )

    def epoch(self, step: int) -> int:
        """Return the number of epochs completed before a step; 0 where the length of an epoch is unknown."""
        return (step - 1) // self.steps_per_epoch if self.steps_per_epoch > 0 else 0
