"""ebmkit: `with watch_trainer(trainer, "runs/mine", total_steps=1000): trainer.fit(data, steps=1000)`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from ebm.losses.base import LossOutput
from ebm.training import Trainer

from jem_tui.errors import StopTraining
from jem_tui.integrations.library_run import LibraryRun


@contextmanager
def watch_trainer(trainer: Trainer, run_dir: str | None = None, images: int = 128, **options: Any) -> Iterator[None]:
    """Record steps with metrics and negative samples, and let viewers pause, stop, save and change the learning rate.

    `images` is the batch size of `fit`; `options` are those of `jem_tui.watch`. A stop leaves `fit` and the `with` block.
    """
    run, own = LibraryRun(), trainer.callback

    def callback(step: int, out: LossOutput) -> None:
        if own is not None:
            own(step, out)
        if out.x_neg is not None and out.x_neg.ndim == 4:
            run.samples(out.x_neg)
        values = {"loss": out.loss.detach(), **out.metrics}
        if run.step(values, images, lambda path: torch.save(trainer.state_dict(), path), f"step_{step:06d}.pt"):
            raise StopTraining

    facts = {"run_dir": run_dir, "start_step": trainer.step_count, **options}
    run.begin(facts, trainer.energy, [trainer.optimizer])
    trainer.callback = callback
    with run:
        yield
    trainer.callback = own
