"""The watched run of a library's loop, whose processes act on the requests of viewers together."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from jem_tui.errors import StopTraining
from jem_tui.events.commands import SaveNow
from jem_tui.integrations.learning_rate import rate_of, scale_rates
from jem_tui.run_files import CHECKPOINT_FOLDER
from jem_tui.watching.watch import watch
from jem_tui.watching.watched_run import WatchedRun


@dataclass(slots=True)
class Requests:
    """Requests of viewers since the last step."""

    factor: float = 1.0
    """Factor on the learning rate."""
    save: bool = False
    """True if a checkpoint is to be written."""
    stop: bool = False
    """True if the loop is to end."""


class LibraryRun:
    """A run with a knob for the learning rate and a command to save. Before `begin` and after `end`, no method has an effect.

    Only the first process of a training run receives requests, and every process acts on them after the same step: all of them
    call `step` equally often.
    """

    def __init__(self) -> None:
        self._run: WatchedRun | None = None
        self._requests = Requests()
        self._metrics, self._scores = set[str](), set[str]()

    def begin(
        self, facts: Mapping[str, Any], model: Any, optimizers: Sequence[Any], schedulers: Sequence[Any] = ()
    ) -> None:
        """Begin a run of a torch module. `facts` are arguments of `jem_tui.watch`, except that `total_steps` may be infinite or negative."""
        weights = list(model.parameters())
        self._device = weights[0].device if weights else "cpu"
        steps = facts.get("total_steps", 0)
        known = {"device": self._device, "parameters": sum(weight.numel() for weight in weights)}
        self._run = watch(**{**known, **facts, "total_steps": int(steps) if 0 < steps < math.inf else 0})
        self._optimizers, self._schedulers = optimizers, schedulers
        self._run.on(SaveNow, self._request_save)
        if optimizers:
            self._run.knob("optimizer.rate", self._rate, self._request_rate, low=0.0)

    def step(self, values: Mapping[str, Any], images: int, save: Callable[[Path], object], file_name: str = "") -> bool:
        """Record a step and act on requests; return whether the loop is to end. Blocks while the run is paused.

        `values` may hold more than numbers. `save` gets the path of a checkpoint; a failure in it becomes a note.
        """
        if self._run is None:
            return False
        numbers = {name: value for name, value in _numbers(values).items() if name not in self._scores}
        self._metrics.update(numbers)
        try:
            self._run.step(numbers, images=max(1, images))
        except StopTraining:
            self._requests.stop = True
        requests, self._requests = _of_first_process(self._requests, self._device), Requests()
        if requests.factor != 1:
            scale_rates(self._optimizers, self._schedulers, requests.factor)
        if requests.save:
            self._save(save, self._run.run_dir / CHECKPOINT_FOLDER / file_name)
        return requests.stop

    def samples(self, images: Any) -> None:
        """Offer images as samples, as `WatchedRun.samples` does."""
        if self._run is not None:
            self._run.samples(images)

    def evaluated(self, values: Mapping[str, Any]) -> None:
        """Record scores: those of `values` that are not metrics of a step, as libraries keep both in one table."""
        scores = {name: value for name, value in _numbers(values).items() if name not in self._metrics}
        self._scores.update(scores)
        if self._run is not None and scores:
            self._run.evaluated(scores)

    def end(self, error: BaseException | None = None) -> None:
        """Close the recording; `error` is the exception that ends the loop, if there is one."""
        run, self._run = self._run, None
        if run is not None:
            run.__exit__(type(error) if error is not None else None, error, None)

    def __enter__(self) -> LibraryRun:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """Close the recording, and swallow a `StopTraining` only."""
        self.end(error)
        return isinstance(error, StopTraining)

    def _save(self, save: Callable[[Path], object], path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            save(path)
            if self._run is not None:
                self._run.note(f"checkpoint saved: {path.name}", "checkpoint")
        except Exception as error:
            if self._run is not None:
                self._run.note(f"the checkpoint could not be written: {type(error).__name__}: {error}", "warning")

    def _rate(self) -> float:
        return rate_of(self._optimizers[0]) * self._requests.factor

    def _request_rate(self, rate: float) -> None:
        self._requests.factor = rate / rate_of(self._optimizers[0])

    def _request_save(self) -> bool:
        """Save after the step, in every process, and leave the note to `_save`."""
        self._requests.save = True
        return False


def batch_size(batch: Any) -> int:
    """Return the length of the first tensor in nested lists and mappings; 0 where there is none."""
    if isinstance(batch, Mapping | list | tuple):
        parts = batch.values() if isinstance(batch, Mapping) else batch
        return next(filter(None, map(batch_size, parts)), 0)
    shape: tuple[int, ...] = getattr(batch, "shape", ())
    return int(shape[0]) if len(shape) else 0


def _numbers(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that are numbers or tensors with one element."""
    return {
        name: value
        for name, value in values.items()
        if isinstance(value, int | float) or getattr(value, "numel", int)() == 1
    }


def _of_first_process(requests: Requests, device: Any) -> Requests:
    """Return the requests that the first process has received; a single process exchanges nothing."""
    import torch
    import torch.distributed as group

    if not (group.is_available() and group.is_initialized() and group.get_world_size() > 1):
        return requests
    shared = torch.tensor([requests.factor, requests.save, requests.stop], dtype=torch.float32, device=device)
    group.broadcast(shared, 0)
    factor, save, stop = shared.tolist()
    return Requests(factor, bool(save), bool(stop))
