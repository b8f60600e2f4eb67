"""Resumption of a run: a trainer continues from the newest checkpoint, unless the run has nothing left to train."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from jem_tui.errors import InputError
from jem_tui.jem.checkpoint.load_checkpoint import MISFIT, load_newest_checkpoint
from jem_tui.jem.learner.schedule import steps_of_run
from jem_tui.jem.model.own_network import own_code
from jem_tui.jem.trainer.trainer import Trainer


def load_newest(trainer: Trainer, run_dir: Path) -> None:
    """Load the newest intact checkpoint into a trainer. Raises InputError if there is none, or if no steps are left to train."""
    state, warnings = load_newest_checkpoint(run_dir, trainer.learner.buffer.x.device, trainer.learner.ranks)
    restore(trainer, state, run_dir)
    trainer.resume_warnings = [*trainer.resume_warnings, *warnings]
    if trainer.finished:
        done, bounds = reached_bounds(trainer)
        raise InputError(
            f"{run_dir} has nothing left to train: {done}.",
            f"To train longer, raise {' and '.join(bounds)}, counted from the start of the run.",
        )


def restore(trainer: Trainer, state: dict[str, Any], run_dir: Path) -> None:
    """Load a checkpoint into a trainer, with new random streams if another number of ranks has saved it.

    Raises InputError if it does not fit the trainer's settings.
    """
    try:
        trainer.load_state_dict(state)
        if not isinstance(trainer.step, int) or trainer.step < 0:
            raise ValueError("the number of steps is invalid")
        if len(state["learner"]["generators"]) == 1:
            seed = trainer.config.train.seed
            trainer.learner.generators.seed_own(seed, state["recovery"]["rewinds"], trainer.step)
    except MISFIT:
        raise InputError(
            f"The checkpoint in {run_dir} does not fit the run's settings.",
            f"Resume without changing network, buffer or data settings{own_code(trainer.config.network, ', or ')}.",
        ) from None


def reached_bounds(trainer: Trainer) -> tuple[str, list[str]]:
    """Return in a few words what a finished run has done, and the options of the bounds that it has reached."""
    step, train = trainer.step, trainer.config.train
    learner = trainer.learner
    in_epochs = steps_of_run(replace(train, max_steps=0), learner.batches.steps_per_epoch)
    options = {
        "-s train.epochs=N": step >= in_epochs,
        "--max-steps": 0 < train.max_steps <= step,
        "--minutes": learner.run_time.before(step) >= learner.run_time.budget,
    }
    done = f"its time of {train.minutes:,.4g} min is up"
    if step >= learner.horizon:
        done = f"{step:,} of {learner.horizon:,.0f} steps are done"
    return done, [option for option, reached in options.items() if reached]
