"""Hugging Face transformers: `Trainer(callbacks=[Watch("runs/mine")])`; with `logging_steps=1`, each step has a loss."""

from __future__ import annotations

from typing import Any

from transformers import TrainerCallback

from jem_tui.integrations.library_run import LibraryRun


class Watch(TrainerCallback):
    """Records optimizer steps with the logged metrics, and lets viewers pause, stop, save and change the learning rate."""

    def __init__(self, run_dir: str | None = None, **options: Any) -> None:
        """Prepare a run in `run_dir`; `options` are those of `jem_tui.watch`."""
        self._options, self._run, self._done = {"run_dir": run_dir, **options}, LibraryRun(), 0

    def on_train_begin(self, args: Any, state: Any, control: Any, **parts: Any) -> None:
        facts = {"config": args.to_dict(), "total_steps": state.max_steps, "start_step": state.global_step}
        facts = {**facts, "rank": args.process_index, **self._options}
        self._run.begin(facts, parts["model"], [parts["optimizer"]], [parts["lr_scheduler"]])

    def on_step_end(self, args: Any, state: Any, control: Any, **parts: Any) -> None:
        # The metrics of a logged step follow in on_log, still before the loop acts on `control`
        if not control.should_log:
            self.on_log(args, state, control, {})

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any], **parts: Any) -> None:
        if state.global_step > self._done:
            self._done = state.global_step
            images = args.train_batch_size * args.gradient_accumulation_steps * args.world_size
            stop = self._run.step(logs, images, lambda path: vars(control).update(should_save=True))
            control.should_training_stop |= stop

    def on_evaluate(self, args: Any, state: Any, control: Any, metrics: dict[str, Any], **parts: Any) -> None:
        self._run.evaluated(metrics)

    def on_train_end(self, args: Any, state: Any, control: Any, **parts: Any) -> None:
        self._run.end()
