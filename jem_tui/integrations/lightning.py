"""Lightning: `Trainer(callbacks=[Watch("runs/mine")])`."""

from __future__ import annotations

from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer

from jem_tui.integrations.library_run import LibraryRun, batch_size


class Watch(Callback):
    """Records optimizer steps with the logged metrics, and lets viewers pause, stop, save and change the learning rate."""

    def __init__(self, run_dir: str | None = None, **options: Any) -> None:
        """Prepare a run in `run_dir`; `options` are those of `jem_tui.watch`."""
        self._options, self._run, self._done, self._images = {"run_dir": run_dir, **options}, LibraryRun(), 0, 0

    def on_train_start(self, trainer: Trainer, module: LightningModule) -> None:
        self._done, steps = trainer.global_step, trainer.estimated_stepping_batches
        facts = {"config": dict(module.hparams), "total_steps": steps, "start_step": self._done}
        schedulers = [config.scheduler for config in trainer.lr_scheduler_configs]
        self._run.begin({**facts, "rank": trainer.global_rank, **self._options}, module, trainer.optimizers, schedulers)

    def on_train_batch_end(self, trainer: Trainer, module: LightningModule, outputs: Any, batch: Any, _: int) -> None:
        self._images += batch_size(batch) * trainer.world_size
        if trainer.global_step > self._done:
            self._done, images, self._images = trainer.global_step, self._images, 0
            values = {**(outputs if isinstance(outputs, dict) else {}), **trainer.callback_metrics}
            if self._run.step(values, images, trainer.save_checkpoint, f"step_{self._done:06d}.ckpt"):
                trainer.should_stop = True

    def on_validation_end(self, trainer: Trainer, module: LightningModule) -> None:
        self._run.evaluated(trainer.callback_metrics)

    def on_train_end(self, trainer: Trainer, module: LightningModule) -> None:
        self._run.end()

    def on_exception(self, trainer: Trainer, module: LightningModule, exception: BaseException) -> None:
        self._run.end(exception)
