"""The progress display of a run without a screen, for a terminal's stderr."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from jem_tui.events.describe import ranks_sentence, sentence
from jem_tui.events.run import Event, Loading, RankStates, Rewound, RunStarted, Sampling, StepDone, Stopped
from jem_tui.printable import printable
from jem_tui.stream.console.line_output import NOTABLE, numbers
from jem_tui.stream.console.running_means import RunningMeans

REFRESH_SECONDS = 0.2


class ProgressDisplay:
    """A sink that draws a bar and the latest numbers at the bottom of a terminal, from the first `Loading` to `Stopped`, with notes above."""

    def __init__(self, console: Console, now: Callable[[], float] = time.monotonic) -> None:
        self._live = Live(console=console, auto_refresh=False, transient=True, redirect_stdout=False)
        self._now = now
        self._recent = RunningMeans()
        self._run: RunStarted | None = None
        self._ranks = 0
        self._epoch = 0
        self._step = 0
        self._shown_at = -math.inf

    def __call__(self, event: Event) -> None:
        self._recent(event)
        match event:
            case Loading(text=text, fraction=fraction):
                bar = ProgressBar(total=1.0, completed=fraction) if fraction is not None else ""
                self._show(_line(printable(text), bar, ""))
            case StepDone(step=step, epoch=epoch):
                self._step, self._epoch = step, epoch
                self._show_run("")
            case Sampling(k=k, of=of):
                self._show_run(f"chain step {k}/{of}  ")
            case RankStates() if event.size > 1 and event.size != self._ranks:
                self._ranks = event.size
                self._print(ranks_sentence(event))
            case Stopped():
                self.close()
            case _ if isinstance(event, NOTABLE):
                self._print_event(event)

    def close(self) -> None:
        """Remove the lines and restore the cursor; a second call does nothing."""
        self._live.stop()

    def _print_event(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self._run, self._step = event, event.step
            self._epoch = event.step // event.steps_per_epoch if event.steps_per_epoch > 0 else 0
        if isinstance(event, Rewound):
            self._step = event.step
        self._print(sentence(event))

    def _print(self, words: str) -> None:
        self._live.console.print(Text(printable(words)))

    def _show_run(self, chain: str) -> None:
        if self._run is None:
            return
        total = f"/{self._run.total_steps:,}" if self._run.total_steps else ""
        where = f"epoch {self._epoch_of(self._run)}  step {self._step:,}{total}"
        left = f"{chain}{_duration(self._recent.seconds_left(self._run))} left"
        bar = _line(where, ProgressBar(total=1.0, completed=self._recent.share_done(self._run, self._step)), left)
        self._show(Group(bar, Text(numbers(self._recent), no_wrap=True, overflow="ellipsis")))

    def _epoch_of(self, run: RunStarted) -> str:
        """Return the epoch counted from 1, with the number of epochs if that is known."""
        if run.steps_per_epoch <= 0 or not run.total_steps:
            return f"{self._epoch + 1}"
        epochs = math.ceil(run.total_steps / run.steps_per_epoch)
        return f"{min(self._epoch + 1, epochs)}/{epochs}"

    def _show(self, content: RenderableType) -> None:
        if self._now() - self._shown_at < REFRESH_SECONDS:
            return
        self._shown_at = self._now()
        self._live.start()
        self._live.update(content, refresh=True)


def _line(before: str, bar: ProgressBar | str, after: str) -> Table:
    line = Table.grid(expand=True, padding=(0, 2, 0, 0))
    line.add_column(no_wrap=True)
    line.add_column(ratio=1)
    line.add_column(no_wrap=True, justify="right")
    line.add_row(Text(before), bar, Text(after))
    return line


def _duration(seconds: float) -> str:
    """Format hours, minutes and seconds as 1:02:03 or 2:03; dashes while unknown."""
    if math.isinf(seconds):
        return "-:--"
    hours, rest = divmod(round(seconds), 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
