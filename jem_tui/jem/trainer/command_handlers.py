"""Handlers of the commands that change chains or settings during a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from jem_tui.events.commands import Adjust, Reseed
from jem_tui.events.run import Adjusted, At, Event, Note
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.learner.overrides import ADJUSTMENTS
from jem_tui.jem.model.inference import logits_in_chunks
from jem_tui.jem.model.networks import energy
from jem_tui.jem.stability.watchdog import Watchdog
from jem_tui.plugins.plugged import PluginError

SETTLING_VISITS = 10
"""Batches per chain until most chains that start from noise are near the images, or were restarted there."""


class CommandHandlers:
    """Applies commands between two steps; `at` returns the moment of the events."""

    def __init__(self, learner: Learner, at: Callable[[], At], watchdog: Watchdog) -> None:
        self._learner = learner
        self._at = at
        self._watchdog = watchdog

    def reseed(self, command: Reseed) -> Note:
        """Restart the chains that the command selects; no chain if an initial distribution of the user fails."""
        chain_pool = self._learner.chain_pool
        if not (command.chains or command.worst or command.fraction):
            chain_pool.restart_all()
            visits = SETTLING_VISITS * len(chain_pool.buffer)
            self._watchdog.suspend_limits(visits // self._learner.chains_per_step)
            text = f"restarted all {len(chain_pool.buffer):,} chains from uniform noise"
        else:
            slots, which = self._selected(command)
            try:
                chain_pool.restart(slots)
            except PluginError as error:
                return Note(**self._at().fields(), text=f"no chain was restarted. {error.message}", kind="warning")
            text = f"restarted {len(slots):,} chain{'s' if len(slots) != 1 else ''}: {which}"
        return Note(**self._at().fields(), text=text, kind="reseed")

    def adjust(self, command: Adjust, step: int) -> Iterator[Event]:
        """Change an override, and yield an event with the values for `step` before and after."""
        name = next((known for known in self._learner.adjustable if known == command.name), None)
        if name is None:
            lack = "this run has no chains" if command.name in ADJUSTMENTS else "this run has no such setting"
            yield Note(**self._at().fields(), text=f"{command.name} is unchanged: {lack}", kind="warning")
            return
        old = self._learner.adjustable_value(name, step)
        self._learner.overrides.add(name, command.increments)
        new = self._learner.adjustable_value(name, step)
        if new == old:
            text = f"{name} stays at {old:.4g}, the limit of its range"
            yield Note(**self._at().fields(), text=text, kind="info")
        else:
            yield Adjusted(**self._at().fields(), name=name, old=old, new=new)

    def _selected(self, command: Reseed) -> tuple[Tensor, str]:
        """Return the slots (n,) of the chains that a command selects, and how they are selected in words."""
        chain_pool = self._learner.chain_pool
        if command.chains:
            shown = chain_pool.first(self._learner.config.record.tiles)
            rows = [row for row in dict.fromkeys(command.chains) if 0 <= row < len(shown)]
            return shown[rows], "number " + ", ".join(str(row + 1) for row in rows)
        size = len(chain_pool.buffer)
        if command.worst:
            energies = energy(logits_in_chunks(self._learner.network, chain_pool.buffer.x))
            return energies.topk(min(command.worst, size)).indices, "highest energies"
        count = max(1, round(min(1.0, command.fraction) * size))
        generator = self._learner.generators.chains
        slots = torch.randperm(size, generator=generator, device=chain_pool.buffer.x.device)[:count]
        return slots, f"{command.fraction:.0%} of the buffer"
