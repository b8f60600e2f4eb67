"""What a user changes in a run that goes on: single chains, rates, and where it continues from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from jem_tui.errors import InputError
from jem_tui.events.commands import Adjust, Adjustable, Reseed
from jem_tui.events.run import Adjusted, At, Event, Note
from jem_tui.jem.checkpoint.checkpoint import load_newest_checkpoint
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.model.inference import logits_in_chunks
from jem_tui.jem.model.networks import energy
from jem_tui.jem.stability.watchdog import Watchdog

EXCUSED_VISITS = 10
"""Batches of each chain until most of those from noise have come near the images, or have been restarted there."""


class CommandHandlers:
    """Carries out commands between two steps; `at` returns the moment of their events."""

    def __init__(self, learner: Learner, at: Callable[[], At], watchdog: Watchdog) -> None:
        self._learner = learner
        self._at = at
        self._watchdog = watchdog

    def reseed(self, command: Reseed) -> Note:
        """Restart the chains that the command names."""
        chain_pool = self._learner.chain_pool
        if not (command.chains or command.worst or command.fraction):
            chain_pool.restart_all()
            self._watchdog.suspend_limits(
                EXCUSED_VISITS * len(chain_pool.buffer) // self._learner.config.train.batch_size
            )
            text = f"reseeded all {len(chain_pool.buffer):,} chains from uniform noise"
        else:
            slots, which = self._chosen(command)
            chain_pool.restart(slots)
            text = f"reseeded {len(slots):,} chain{'s' if len(slots) != 1 else ''}: {which}"
        return Note(**self._at().fields(), text=text, kind="reseed")

    def adjust(self, command: Adjust, step: int) -> Iterator[Event]:
        """Turn a knob, and tell what the value of `step` was and is now."""
        if command.name.startswith("sgld") and not self._learner.samples_chains:
            yield Note(**self._at().fields(), text=f"{command.name} stays: this run has no chains", kind="warning")
            return
        old = self._value(command.name, step)
        self._learner.overrides.add(command.name, command.increments)
        new = self._value(command.name, step)
        if new == old:
            yield Note(
                **self._at().fields(), text=f"{command.name} stays at {old:.4g}: the end of its range", kind="info"
            )
        else:
            yield Adjusted(**self._at().fields(), name=command.name, old=old, new=new)

    def _chosen(self, command: Reseed) -> tuple[Tensor, str]:
        """Slots (n,) of the chains, and a word on which they are."""
        chain_pool = self._learner.chain_pool
        if command.chains:
            shown = chain_pool.first(self._learner.config.record.tiles)
            rows = [row for row in dict.fromkeys(command.chains) if 0 <= row < len(shown)]
            return shown[rows], "number " + ", ".join(str(row + 1) for row in rows)
        size = len(chain_pool.buffer)
        if command.worst:
            energies = energy(logits_in_chunks(self._learner.network, chain_pool.buffer.x))
            return energies.topk(min(command.worst, size)).indices, "those of the highest energy"
        count = max(1, round(min(1.0, command.fraction) * size))
        generator = self._learner.generators.chains
        slots = torch.randperm(size, generator=generator, device=chain_pool.buffer.x.device)[:count]
        return slots, f"{command.fraction:.0%} of the buffer"

    def _value(self, name: Adjustable, step: int) -> float:
        match name:
            case "sgld.steps":
                return float(self._learner.sgld_steps(step))
            case "sgld.step_size":
                return self._learner.sgld.step_size
            case "optimizer.rate":
                return self._learner.rate(step)


def newest_checkpoint(run_dir: Path, device: torch.device) -> tuple[dict[str, Any], list[str]] | None:
    """The state in the newest checkpoint that can be read, and what is to be said of others; None if there is none."""
    try:
        return load_newest_checkpoint(run_dir, device)
    except InputError:
        return None
