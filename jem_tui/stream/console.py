"""Sinks for a run without a screen that write results to stdout: JSON lines for programs, plain lines for files and pipes.

None of them says why a run failed or where its folder is: that is the last word of whoever started it.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from typing import TextIO

from jem_tui.errors import JemError
from jem_tui.events import (
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
    Resumed,
    Rewound,
    RunStarted,
    Sampling,
    Saving,
    StepDone,
    Stopped,
)
from jem_tui.stream.plain_events import to_plain
from jem_tui.stream.printable import printable
from jem_tui.stream.recent import Recent
from jem_tui.stream.sentences import sentence

LINE_SECONDS = 2.0
LONGEST_SILENCE = 30.0
"""Seconds after which a plain line is due even if less than 1 % of the run has passed."""

REMARKABLE = (RunStarted, Note, Adjusted, Evaluated, Diverged, Rewound, Paused, Resumed)
"""Events that get a line of their own."""
_LABELS = {TOTAL: "total", NRG: "nrg", XE: "xe"}


class _Lines:
    """Writes lines at once; quiet once the reader has gone: the training goes on, and is recorded."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._broken = False

    def write(self, line: str) -> None:
        if self._broken:
            return
        try:
            self._stream.write(line + "\n")
            self._stream.flush()
        except BrokenPipeError:
            self._broken = True
        except OSError as error:
            self._broken = True
            raise JemError(
                f"The output cannot be written: {error.strerror}.", "Send it elsewhere; the recording is not affected."
            ) from error


class JsonLines:
    """One JSON object a line for every event but `Loading`, `Sampling` and `Saving`, with the keys of `plain.to_plain`."""

    def __init__(self, stdout: TextIO) -> None:
        self._lines = _Lines(stdout)

    def __call__(self, event: Event) -> None:
        if not isinstance(event, Loading | Sampling | Saving):
            self._lines.write(json.dumps(to_plain(event), allow_nan=False))


class LoadingLines:
    """What is being loaded, for a stderr that nobody draws on: each new text, and every tenth of a download."""

    def __init__(self, stderr: TextIO) -> None:
        self._lines = _Lines(stderr)
        self._last = ""

    def __call__(self, event: Event) -> None:
        if isinstance(event, Loading):
            share = "" if event.fraction is None else f" {int(event.fraction * 10) * 10} %"
            line = f"{printable(event.text)}{share}"
            if line != self._last:
                self._lines.write(line)
            self._last = line


class PlainLines:
    """Calm lines of aligned numbers, at most one in 2 s and one per cent of the run, and one for whatever is remarkable."""

    def __init__(self, stdout: TextIO, now: Callable[[], float] = time.monotonic) -> None:
        self._lines = _Lines(stdout)
        self._now = now
        self._recent = Recent()
        self._total_steps = 0
        self._pending: StepDone | None = None
        self._printed_at = -math.inf
        self._printed_step = 0

    def __call__(self, event: Event) -> None:
        self._recent(event)
        match event:
            case StepDone():
                self._pending = event
                if self._is_due(event.step):
                    self._print_step()
            case Stopped():
                self._print_step()
                self._lines.write(sentence(event))
            case RunStarted(total_steps=total_steps):
                self._total_steps, self._printed_step = total_steps, event.step
                self._lines.write(printable(sentence(event)))
            case _ if isinstance(event, REMARKABLE):
                self._print_step()
                self._printed_step = min(self._printed_step, event.step)
                self._lines.write(printable(sentence(event)))

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
        self._lines.write(f"{where}  {numbers(self._recent)}")


def numbers(recent: Recent) -> str:
    """Means over the last steps, in columns that do not jump."""
    losses = "  ".join(f"{label} {recent.mean(tag):>8.4f}" for tag, label in _LABELS.items())
    return f"{losses}  accuracy {recent.mean(ACCURACY):>6.1%}  {recent.images_per_second():>6,.0f} img/s"
