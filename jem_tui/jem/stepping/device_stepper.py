"""The device's stepper: several steps are launched at once and run while the host emits the events of earlier steps."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from jem_tui.config.schema import INITIAL_DISTRIBUTIONS, RunConfig
from jem_tui.errors import InputError
from jem_tui.events.run import Sampling
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.stability.diagnosis import Diagnosis
from jem_tui.jem.stepping.cuda_graph import StepGraphs
from jem_tui.jem.stepping.feed import Feed
from jem_tui.jem.stepping.optimizer_step import take_step
from jem_tui.jem.stepping.stepper import MeasuredStep, bind_rate

WINDOW = 1 / 30
"""Seconds between two readings of the feed, unless `train.read_every` sets a number of steps."""


@dataclass(frozen=True, kw_only=True)
class LaunchedSteps:
    """Steps that were launched on the device and are not read yet."""

    begin: int
    steps: int
    """K of each step."""
    given: list[dict[str, float]]
    """Metrics of each step that the host computed before it, by tag."""
    names: list[str]
    """Names of the metrics that each step writes into the feed."""
    since: float

    def measured(self, rows: list[list[float]], slots: Tensor) -> Iterator[MeasuredStep]:
        """Yield the quantities of each step from the rows that the steps wrote into the feed."""
        for given, (loss, *values), places in zip(self.given, rows, slots, strict=True):
            found = dict(zip(self.names, values, strict=False))
            metrics = {**found, **given, "sgld/steps": float(self.steps)}
            yield MeasuredStep(loss=loss, metrics=metrics, slots=places if self.steps else None)


class DeviceStepper:
    """A stepper that lets the learner run at most one reading of the feed ahead of the emitted events."""

    def __init__(self, learner: Learner, now: Callable[[], float] = time.perf_counter) -> None:
        self._learner = learner
        self._now = now
        self.device = learner.buffer.x.device
        self._feed = Feed.of(learner)
        self._graphs = StepGraphs(learner, self._feed) if self.device.type == "cuda" else None
        self._launched: LaunchedSteps | None = None
        self._measured: deque[MeasuredStep] = deque()
        self._window = learner.config.train.read_every or 1
        self.launched = 0
        """The step after the last one that was launched."""

    def take(self, step: int, stop: int) -> Generator[Sampling, None, MeasuredStep]:
        """Return the quantities of `step`, which must follow the step taken last; no step from `stop` on is begun."""
        yield from ()
        if not self._measured:
            self._launch(step, stop)
            launched, rows, slots = self._read()
            self._launch_ahead(stop)
            self._measured.extend(launched.measured(rows, slots))
        return self._measured.popleft()

    def accept(self, diagnosis: Diagnosis) -> None:
        """Ignore the diagnosis, because the device has made the update already if the values were usable."""

    def discard(self) -> None:
        """Discard all launched steps, because the learner's state is or was replaced."""
        self._measured.clear()
        self._launched = self._feed.filled = None
        self.launched = 0
        self._feed.halted.zero_()

    def _launch_ahead(self, stop: int) -> None:
        """Launch the steps after those that were read, unless the time of the run is up."""
        learner, begin = self._learner, self.launched
        if begin < stop:
            learner.run_time.observe(begin)
            if learner.progress(begin) < 1:
                self._launch(begin, stop)

    def _launch(self, begin: int, stop: int) -> None:
        """Launch steps from `begin`, unless launched steps are still unread or `begin` is not before `stop`."""
        learner, feed = self._learner, self._feed
        if self._launched is not None or begin >= stop:
            return
        given = feed.fill(learner, begin, min(self._window, stop - begin))
        bind_rate(learner, feed.rate)
        steps = learner.sgld_steps(begin)
        run, since = self._runner(steps), self._now()
        names = [run() for _ in given][-1]
        self._launched = LaunchedSteps(begin=begin, steps=steps, given=given, names=names, since=since)
        self.launched = begin + len(given)

    def _read(self) -> tuple[LaunchedSteps, list[list[float]], Tensor]:
        """Wait for the device; return the launched steps, their rows of values and their slots from the feed."""
        launched = self._launched
        assert launched is not None
        count = len(launched.given)
        rows: list[list[float]] = self._feed.numbers[:count].tolist()
        slots = self._feed.slots[:count].clone()
        self._learner.rank_row.read(count)
        self._launched = None
        seconds = self._learner.rank_row.agreed_seconds((self._now() - launched.since) / count)
        self._learner.run_time.pace = seconds if math.isfinite(seconds) else 0.0
        if not self._learner.config.train.read_every:
            self._window = max(1, round(WINDOW / seconds))
        return launched, rows, slots

    def _runner(self, steps: int) -> Callable[[], list[str]]:
        if self._graphs is not None:
            return self._graphs.of(steps)
        return lambda: take_step(self._learner, self._feed, steps)


def uses_device_stepper(learner: Learner) -> bool:
    """Return whether `DeviceStepper` takes the steps. Raises InputError where the settings both demand it and rule it out."""
    graph, device = learner.config.train.graph, learner.buffer.x.device.type
    obstacles = own_code(learner.config)
    if graph == "on" and obstacles:
        raise InputError(f"train.graph=on does not work with {obstacles[0]}.", "Leave out either setting.")
    return graph == "on" or (graph == "auto" and device == "cuda" and not obstacles)


def own_code(config: RunConfig) -> list[str]:
    """Return the settings that name a sampler other than SGLD or code of the user, with which a step is not recorded.

    A graph repeats kernels, not Python: the other samplers compute with numbers of the host, and a function of the user may wait for
    the device or have shapes that depend on chance.
    """
    settings = {
        f"sgld.sampler={config.sgld.sampler}": config.sgld.sampler != "sgld",
        f"buffer.init={config.buffer.init}": config.buffer.init not in INITIAL_DISTRIBUTIONS,
        f"record.metrics={config.record.metrics}": bool(config.record.metrics),
    }
    return [setting for setting, there in settings.items() if there]


def host_notes(config: RunConfig, device: torch.device) -> list[str]:
    """Return a note for a run on CUDA whose steps are taken on the host only because of its sampler or code of the user."""
    named = own_code(config)
    if device.type != "cuda" or config.train.graph != "auto" or not named:
        return []
    return [f"each step waits for the host, without a CUDA graph, because of {' and '.join(named)}"]
