"""Handlers of the commands that change chains or settings during a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from jem_tui.events.commands import Adjust, Reseed, UndoRestart
from jem_tui.events.run import Adjusted, At, Event, Note
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.learner.overrides import ADJUSTMENTS
from jem_tui.jem.model.inference import logits_in_chunks
from jem_tui.jem.model.networks import energy
from jem_tui.jem.model.undisturbed import undisturbed
from jem_tui.jem.stability.rollback import Recovery
from jem_tui.jem.trainer.held_chains import UNDO_STEPS, RestartUndo, all_slots
from jem_tui.plugins.plugged import PluginError

SETTLING_VISITS = 10
"""Batches per chain until most chains that start from noise are near the images, or were restarted there."""


class CommandHandlers:
    """Applies commands between two steps; `at` returns the moment of the events."""

    def __init__(self, learner: Learner, at: Callable[[], At], recovery: Recovery) -> None:
        self._learner = learner
        self._at = at
        self._watchdog = recovery.watchdog
        self._undo = RestartUndo(learner, recovery)

    def release_old(self, step: int) -> None:
        """Release the chains before the last restart once they are too old."""
        self._undo.release(step)

    def change_chains(self, command: Reseed | UndoRestart) -> Note:
        """Restart chains, or undo the last restart."""
        return self._undo_restart() if isinstance(command, UndoRestart) else self._reseed(command)

    def _undo_restart(self) -> Note:
        held = self._undo.undo(self._at().step)
        if held is None:
            text = f"there is no restart to undo: the chains before a restart are held for {UNDO_STEPS} steps, until the next restart or rollback"
            return Note(**self._at().fields(), text=text, kind="warning")
        text = f"undid the restart of {held.count:,} chain{'s' if held.count != 1 else ''}: their states are those of step {held.step:,}"
        return Note(**self._at().fields(), text=text, kind="reseed")

    def _reseed(self, command: Reseed) -> Note:
        """Restart the chains that the command selects; no chain if an initial distribution of the user fails."""
        chain_pool, generator, step = self._learner.chain_pool, self._undo.generator_state(), self._at().step
        if not (command.chains or command.worst or command.fraction):
            copies = self._undo.copied(step, all_slots(self._learner), generator, limits_follow=True)
            chain_pool.restart_all()
            visits = SETTLING_VISITS * len(chain_pool.buffer)
            self._watchdog.suspend_limits(visits // self._learner.chains_per_step)
            text = f"restarted all {self._learner.ranks.size * len(chain_pool.buffer):,} chains from uniform noise"
        else:
            slots, which = self._selected(command)
            copies = self._undo.copied(step, slots, generator)
            failure = self._restart(slots)
            if failure:
                whose = "no chain was" if self._undo.revoke(copies) else "not all chains were"
                return Note(**self._at().fields(), text=f"{whose} restarted. {failure}", kind="warning")
            count = self._learner.ranks.total(len(slots))
            text = f"restarted {count:,} chain{'s' if count != 1 else ''}: {which}"
        self._undo.hold(copies)
        lack = "" if copies else "; there is not enough memory to undo this"
        return Note(**self._at().fields(), text=f"{text}{lack}", kind="reseed")

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

    def _restart(self, slots: Tensor) -> str:
        """Restart the chains in `slots` (n,), and return the failure of an initial distribution of the user on any rank in words."""
        ranks, failure = self._learner.ranks, ""
        try:
            self._learner.chain_pool.restart(slots)
        except PluginError as error:
            failure = error.message
        return next((text for text in ranks.texts(failure) if text), "")

    def _selected(self, command: Reseed) -> tuple[Tensor, str]:
        """Return the slots (n,) of this rank's chains that a command selects, and how they are selected in words."""
        buffer, ranks = self._learner.buffer, self._learner.ranks
        size, device = len(buffer), buffer.x.device
        total = size * ranks.size
        if command.chains:
            shown = min(self._learner.config.record.tiles, total)
            rows = [row for row in dict.fromkeys(command.chains) if 0 <= row < shown]
            chosen = torch.tensor(rows, dtype=torch.int64, device=device)
            return self._own(chosen), "number " + ", ".join(str(row + 1) for row in rows)
        if command.worst:
            with undisturbed(self._learner.network):
                energies = ranks.gather(energy(logits_in_chunks(self._learner.network, buffer.x))).flatten()
            return self._own(energies.topk(min(command.worst, total)).indices), "highest energies"
        count = max(1, round(min(1.0, command.fraction) * total))
        own = len(range(ranks.rank, count, ranks.size))
        slots = torch.randperm(size, generator=self._learner.generators.chains, device=device)[:own]
        return slots, f"{command.fraction:.0%} of the buffer"

    def _own(self, chosen: Tensor) -> Tensor:
        """Return the slots (m,) of this rank among chains `chosen` (n,) of all ranks, counted in the order of the ranks."""
        size, rank = len(self._learner.buffer), self._learner.ranks.rank
        return chosen[chosen // size == rank] - rank * size
