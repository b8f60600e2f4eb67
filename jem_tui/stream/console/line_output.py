"""Sinks that write a run without a screen to stdout: JSON lines for programs, plain lines for files and pipes.

These sinks report neither the error of a failed run nor its folder; the command does, at the end.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from typing import TextIO

from jem_tui.events.describe import ranks_sentence, sentence, slowest_sentence
from jem_tui.events.run import (
    ACCURACY,
    NRG,
    TOTAL,
    XE,
    Adjusted,
    Diverged,
    Evaluated,
    Event,
    Loading,
    Note,
    Paused,
    RankStates,
    Resumed,
    Rewound,
    RunStarted,
    Sampling,
    Saving,
    StepDone,
    Stopped,
)
from jem_tui.events.serialize import to_plain
from jem_tui.printable import printable
from jem_tui.stream.console.running_means import RunningMeans

LINE_SECONDS = 2.0
LONGEST_SILENCE = 30.0
"""Seconds after which a plain line is due even if less than 1 % of the run has passed."""

NOTABLE = (RunStarted, Note, Adjusted, Evaluated, Diverged, Rewound, Paused, Resumed)
"""Events that get a line of their own."""
_LABELS = {TOTAL: "total", NRG: "nrg", XE: "xe"}


def _write(stream: TextIO, line: str) -> None:
    """Write a line and flush it, so that it reaches its reader at once. Raises OSError, which `StreamSink` handles."""
    stream.write(line + "\n")
    stream.flush()


class JsonLines:
    """A sink that writes one JSON object a line for every event but `Loading`, `Sampling` and `Saving`, with the keys of `to_plain`."""

    def __init__(self, stdout: TextIO) -> None:
        self._stdout = stdout

    def __call__(self, event: Event) -> None:
        if not isinstance(event, Loading | Sampling | Saving):
            _write(self._stdout, json.dumps(to_plain(event), allow_nan=False))


class LoadingLines:
    """A sink that writes loading progress to stderr without a progress bar: each new text, and every tenth of a download."""

    def __init__(self, stderr: TextIO) -> None:
        self._stderr = stderr
        self._last = ""

    def __call__(self, event: Event) -> None:
        if isinstance(event, Loading):
            share = "" if event.fraction is None else f" {int(event.fraction * 10) * 10} %"
            line = f"{printable(event.text)}{share}"
            if line != self._last:
                _write(self._stderr, line)
            self._last = line


class PlainLines:
    """A sink that writes aligned numbers, at most one line in 2 s and one per cent of the run, and one line for each notable event."""

    def __init__(self, stdout: TextIO, now: Callable[[], float] = time.monotonic) -> None:
        self._stdout = stdout
        self._now = now
        self._recent = RunningMeans()
        self._run: RunStarted | None = None
        self._pending: StepDone | None = None
        self._ranks: RankStates | None = None
        self._printed_at = -math.inf
        self._printed_step = 0
        self._printed_seconds = 0.0

    def __call__(self, event: Event) -> None:
        self._recent(event)
        match event:
            case StepDone():
                self._pending = event
                if self._is_due(event):
                    self._print_step()
            case RankStates():
                if self._ranks is None:
                    self._print_words(ranks_sentence(event))
                self._ranks = event
            case Stopped():
                self._print_step()
                if self._ranks is not None:
                    self._print_words(slowest_sentence(self._ranks))
                _write(self._stdout, sentence(event))
            case RunStarted():
                self._run, self._printed_step, self._printed_seconds = event, event.step, 0.0
                _write(self._stdout, printable(sentence(event)))
            case _ if isinstance(event, NOTABLE):
                self._print_step()
                self._printed_step = min(self._printed_step, event.step)
                _write(self._stdout, printable(sentence(event)))

    def _print_words(self, words: str) -> None:
        if words:
            _write(self._stdout, printable(words))

    def _is_due(self, event: StepDone) -> bool:
        silence = self._now() - self._printed_at
        return silence >= LINE_SECONDS and (silence >= LONGEST_SILENCE or self._is_one_per_cent(event.step))

    def _is_one_per_cent(self, step: int) -> bool:
        """Return whether at least 1 % of the run has passed since the last line, by its steps or its time."""
        total, budget = (self._run.total_steps, self._run.budget_seconds) if self._run else (0, 0.0)
        by_time = budget > 0 and self._recent.seconds - self._printed_seconds >= budget / 100
        return by_time or (step - self._printed_step >= total / 100 and (total > 0 or not budget))

    def _print_step(self) -> None:
        if self._pending is None:
            return
        step, self._pending = self._pending, None
        self._printed_at, self._printed_step, self._printed_seconds = self._now(), step.step, self._recent.seconds
        _write(self._stdout, f"{self._position(step)}  images {step.images:>11,}  {numbers(self._recent)}")

    def _position(self, event: StepDone) -> str:
        """Return the step and, where they end the run, the number of steps and the minutes."""
        total, budget = (self._run.total_steps, self._run.budget_seconds) if self._run else (0, 0.0)
        steps = (
            f"step {event.step:>{len(f'{total:,}')},} of {total:,}" if total or not budget else f"step {event.step:>7,}"
        )
        if not budget:
            return steps
        minutes = f"{budget / 60:.4g}"
        return f"{steps}  minute {self._recent.seconds / 60:>{len(minutes) + 2}.1f} of {minutes}"


def numbers(recent: RunningMeans) -> str:
    """Format the means over the last steps in columns of fixed width."""
    losses = "  ".join(f"{label} {recent.mean(tag):>8.4f}" for tag, label in _LABELS.items())
    return f"{losses}  accuracy {recent.mean(ACCURACY):>6.1%}  {recent.images_per_second():>6,.0f} img/s  mean of {recent.count}"
