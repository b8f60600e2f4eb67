"""Ranks that are killed at random moments while they save a checkpoint after every step.

By hand, with the number of runs and the first seed: `python -m tests.ranks.killed_ranks 40 1`.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

import torch

from jem_tui.config.schema import RunConfig
from jem_tui.jem.checkpoint.load_checkpoint import load_newest_checkpoint
from jem_tui.jem.ranks.ranks import Ranks
from jem_tui.run_files import sorted_checkpoints
from tests.jem.runs import small_config
from tests.ranks.on_ranks import on_ranks
from tests.ranks.training import trained

CPU = torch.device("cpu")
RARE = ("record.evaluate_every=1000", "record.samples_every=1000", "sgld.steps=1")
MOST_SECONDS = 1.0
"""Seconds from the first checkpoint to the kill, at most."""


def train_until_killed(
    ranks: Ranks, settings: RunConfig, run_dir: Path, victims: tuple[int, ...], seconds: float
) -> None:
    """Train on a rank, which is killed `seconds` after the first checkpoint if it is one of the `victims`."""

    def kill() -> None:
        while not sorted_checkpoints(run_dir):
            time.sleep(0.005)
        time.sleep(seconds)
        if ranks.rank in victims:
            os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=kill, daemon=True).start()
    trained(ranks, settings, run_dir)


def killed_run(run_dir: Path, seed: int) -> str:
    """Kill ranks of a run, resume it, and return a description of the files that the kill has left.

    Raises AssertionError if the newest checkpoint is damaged or does not resume.
    """
    chance = random.Random(seed)
    victims = chance.choice([(0,), (1,), (0, 1)])
    every = (*RARE, "record.checkpoint_every=1", f"record.keep_checkpoints={chance.choice([1, 2])}")
    with suppress(AssertionError):
        on_ranks(
            train_until_killed, small_config(*every, max_steps=1000), run_dir, victims, chance.uniform(0, MOST_SECONDS)
        )
    left = sorted(path.name for path in (run_dir / "checkpoints").iterdir())
    state, warnings = load_newest_checkpoint(run_dir, CPU)
    assert not warnings, (seed, left, warnings)
    ends = on_ranks(trained, small_config(max_steps=state["step"] + 2), run_dir)
    assert [len(end.metrics) for end in ends] == [2, 2], (seed, left)
    return ", ".join(left)


def main(count: int, first: int) -> None:
    """Kill and resume `count` runs."""
    unfinished = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + count):
            left = killed_run(Path(folder) / str(seed), seed)
            unfinished += ".tmp" in left
            print(seed, left, flush=True)
    print(f"{count} runs killed, {unfinished} with an unfinished checkpoint, all resumed")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
