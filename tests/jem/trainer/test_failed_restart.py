"""Restarts by command that fail on some rank: they change nothing, and an earlier restart can still be undone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from jem_tui.events.commands import Reseed, UndoRestart
from jem_tui.events.run import At
from jem_tui.jem.ranks.ranks import Ranks
from jem_tui.jem.sampling.chain_pool import ChainPool
from jem_tui.jem.stability.rollback import Recovery
from jem_tui.jem.trainer.command_handlers import CommandHandlers
from jem_tui.plugins.plugged import PluginError
from tests.jem.stepping.steps import learner_of
from tests.ranks.threads import on_threads


def refuse(*given: object) -> None:
    raise PluginError("The initial distribution is empty.")


def lack_memory(*given: object) -> None:
    raise MemoryError


def steered(ranks: Ranks, pool: ChainPool, handlers: CommandHandlers, lacking: bool) -> list[str]:
    """Restart a chain, fail to restart two on the last rank, undo the first restart; return the texts of the notes.

    The chains are compared with those before each command.
    """
    last = ranks.rank == ranks.size - 1
    with pytest.MonkeyPatch.context() as patch:
        first = pool._chains.facts.clone()
        texts = [handlers.change_chains(Reseed(worst=1)).text]
        before = pool._chains.x.clone(), pool._chains.facts.clone(), pool._generator.get_state()
        if last:
            patch.setattr(pool, "restart", refuse)
        if last and lacking:
            patch.setattr(pool, "copies", lack_memory)
        texts.append(handlers.change_chains(Reseed(worst=20)).text)
        if not lacking:
            after = pool._chains.x, pool._chains.facts, pool._generator.get_state()
            assert all(map(torch.equal, before, after))
        texts.append(handlers.change_chains(UndoRestart()).text)
        if not lacking:
            assert torch.equal(pool._chains.facts, first)
        return texts


@pytest.mark.parametrize(("size", "lacking"), [(1, False), (1, True), (2, False), (2, True)])
def test_a_failed_restart_leaves_the_earlier_one_undoable(tmp_path: Path, size: int, lacking: bool):
    learners = [learner_of(tmp_path / str(rank)) for rank in range(size)]

    def play(ranks: Ranks) -> list[str]:
        learner = replace(learners[ranks.rank], ranks=ranks)
        handlers = CommandHandlers(learner, lambda: At(3, 0, 0.0), Recovery(learner.config, learner))
        return steered(ranks, learner.chain_pool, handlers, lacking)

    partly = size == 2 and lacking
    for restarted, failed, undone in on_threads(size, play):
        assert restarted.startswith("restarted ")
        assert failed.startswith("not all chains were" if partly else "no chain was")
        assert failed.endswith("restarted. The initial distribution is empty.")
        assert undone.startswith("there is no restart" if partly else "undid the restart of")
