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
        self._total_steps = 0
        self._pending: StepDone | None = None
        self._ranks: RankStates | None = None
        self._printed_at = -math.inf
        self._printed_step = 0

    def __call__(self, event: Event) -> None:
        self._recent(event)
        match event:
            case StepDone():
                self._pending = event
                if self._is_due(event.step):
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
            case RunStarted(total_steps=total_steps):
                self._total_steps, self._printed_step = total_steps, event.step
                _write(self._stdout, printable(sentence(event)))
            case _ if isinstance(event, NOTABLE):
                self._print_step()
                self._printed_step = min(self._printed_step, event.step)
                _write(self._stdout, printable(sentence(event)))

    def _print_words(self, words: str) -> None:
        if words:
            _write(self._stdout, printable(words))

    def _is_due(self, step: int) -> bool:
        silence = self._now() - self._printed_at
        one_per_cent = step - self._printed_step >= self._total_steps / 100
        return silence >= LINE_SECONDS and (one_per_cent or silence >= LONGEST_SILENCE)

    def _print_step(self) -> None:
        if self._pending is None:
            return
        step, self._pending = self._pending, None
        self._printed_at, self._printed_step = self._now(), step.step
        width = len(f"{self._total_steps:,}")
        where = f"step {step.step:>{width},} of {self._total_steps:,}  images {step.images:>11,}"
        _write(self._stdout, f"{where}  {numbers(self._recent)}")


def numbers(recent: RunningMeans) -> str:
    """Format the means over the last steps in columns of fixed width."""
    losses = "  ".join(f"{label} {recent.mean(tag):>8.4f}" for tag, label in _LABELS.items())
    return f"{losses}  accuracy {recent.mean(ACCURACY):>6.1%}  {recent.images_per_second():>6,.0f} img/s  mean of {recent.count}"
