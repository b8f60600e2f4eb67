"""The chains before the last restart by command, with which the restart is undone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from jem_tui.jem.checkpoint.load_checkpoint import is_lack_of_memory
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.sampling.chains import Chains
from jem_tui.jem.stability.rollback import Recovery

UNDO_STEPS = 200
"""Optimizer steps for which the chains before a restart are held."""


@dataclass(frozen=True, kw_only=True)
class HeldChains:
    """Copies of chains, and of what else a restart changes, at one step."""

    step: int
    rollbacks: int
    """Rollbacks before the restart; a later rollback has replaced the chains."""
    generator: Tensor
    """The state of the random stream of chains."""
    watchdog: dict[str, Any]
    slots: Tensor
    """Slots of the chains on this rank, shape (n,)."""
    chains: Chains
    count: int
    """Number of chains on all ranks."""
    limits_follow: bool
    """True if the restart suspends limits of the watchdog, as one of all chains does."""


class RestartUndo:
    """Holds the chains of the last restart for `UNDO_STEPS` steps, until the next restart or rollback, and puts them back."""

    def __init__(self, learner: Learner, recovery: Recovery) -> None:
        self._learner = learner
        self._recovery = recovery
        self._held: HeldChains | None = None

    def generator_state(self) -> Tensor:
        """Return the state of the random stream of chains, which `copied` needs from before the choice of chains."""
        return self._learner.generators.chains.get_state()

    def copied(self, step: int, slots: Tensor, generator: Tensor, limits_follow: bool = False) -> HeldChains | None:
        """Return copies of the chains in `slots` (n,) before they restart; None if the memory of any rank does not suffice.

        The chains of an earlier restart are still held.
        """
        ranks, taken = self._learner.ranks, None
        try:
            taken = self._learner.chain_pool.copies(slots)
        except (MemoryError, RuntimeError) as error:
            if not is_lack_of_memory(error):
                raise
        count = ranks.total(len(slots))
        if not ranks.all(taken is not None) or taken is None:
            return None
        return HeldChains(
            step=step,
            rollbacks=self._recovery.rollbacks,
            generator=generator,
            watchdog=self._recovery.watchdog.state_dict(),
            slots=slots,
            chains=taken,
            count=count,
            limits_follow=limits_follow,
        )

    def hold(self, copies: HeldChains | None) -> None:
        """Hold the copies from before a restart that has succeeded, if there are any, and release earlier ones."""
        self._held = copies

    def revoke(self, copies: HeldChains | None) -> bool:
        """Undo a restart that has failed on a rank; return whether all chains are those before it. Earlier copies are then still held.

        Without copies, a rank alone has restarted none of its chains.
        """
        if copies is not None:
            self._restore(copies)
        elif self._learner.ranks.size > 1:
            self._held = None
            return False
        return True

    def release(self, step: int) -> None:
        """Release the chains once they are too old, or void."""
        held = self._held
        if held is not None and (step - held.step > UNDO_STEPS or held.rollbacks != self._recovery.rollbacks):
            self._held = None

    def undo(self, step: int) -> HeldChains | None:
        """Put the chains back and return them; None if none are held.

        Directly after the restart, random stream and watchdog are restored as well, so that the run continues as without the restart.
        Later, the watchdog applies all its limits again.
        """
        self.release(step)
        held, self._held = self._held, None
        if held is None:
            return None
        if step == held.step:
            self._restore(held)
            return held
        self._learner.chain_pool.put_back(held.slots, held.chains)
        if held.limits_follow:
            self._recovery.watchdog.resume_limits(held.watchdog)
        return held

    def _restore(self, copies: HeldChains) -> None:
        self._learner.chain_pool.put_back(copies.slots, copies.chains)
        self._learner.generators.chains.set_state(copies.generator)
        self._recovery.watchdog.load_state_dict(copies.watchdog)


def all_slots(learner: Learner) -> Tensor:
    """Return the slots of all chains of this rank, explorers included, shape (n,)."""
    pool = learner.chain_pool
    count = len(pool.buffer) + (len(pool.explorers) if pool.explorers is not None else 0)
    return torch.arange(count, device=pool.buffer.x.device)
