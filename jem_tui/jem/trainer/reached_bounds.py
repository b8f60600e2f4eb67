"""The bounds that a finished run has reached, for the message to a user who resumes it."""

from __future__ import annotations

from dataclasses import replace

from jem_tui.jem.learner.schedule import steps_of_run
from jem_tui.jem.trainer.trainer import Trainer


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
