"""The top of the screen: the state in a word, how far the run is, how fast it goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from jem_tui.tui.preferences.theme import MUTED
from jem_tui.tui.repaint.containment import contain_failures
from jem_tui.tui.state import text_formats
from jem_tui.tui.state.pending import PendingCommands
from jem_tui.tui.state.run_state import ENDED, PAUSED, RECOVERING, RunState, RunView
from jem_tui.tui.terminal.resource_usage import ResourceUsage, usage_text

NAME = "jem-tui"
BADGE_WIDTH = 13
UNRECORDED = "NOT RECORDED"
TONES = {
    "TRAINING": "$success",
    "REPLAYING": "$success",
    PAUSED: "$warning",
    RECOVERING: "$warning",
    "FINISHED": "$primary",
    ENDED: "$primary",
    "FAILED": "$error",
    "DIVERGED": "$error",
}
ROOM_FOR_BARS = 48
"""Columns of bars that leave them readable."""
GAP = "   "
SHORT_GAP = "  "


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A number of the headline with its name, in full and abbreviated."""

    value: str
    label: str = ""
    short: str = ""
    unit: str = ""
    short_unit: str = ""
    rank: int
    """The field with the highest rank is left out first."""


def badge(state: RunState, pending: PendingCommands) -> Content:
    """The state, or what is being done about it, as a word on a coloured ground."""
    if pending.word and state.stopped is None:
        return Content.styled(f"{pending.word:^{BADGE_WIDTH}}", "bold $warning on $panel")
    tone = TONES.get(state.status, "$foreground")
    word = text_formats.shorten(state.status, BADGE_WIDTH - 2)
    return Content.styled(f"{word:^{BADGE_WIDTH - cell_len(word) + len(word)}}", f"bold $background on {tone}")


def alarm(run: RunView) -> list[Content]:
    """What must not be missed for as long as it lasts: nothing is being recorded. Of a recording it is only told in the notes."""
    if not run.unrecorded or "save" not in run.info.abilities:
        return []
    return [Content(" "), Content.styled(f" {UNRECORDED} ", "bold $background on $error")]


def fields(state: RunState, run: RunView) -> list[Field]:
    """The numbers in their order; each keeps its width while the run goes on."""
    facts = run.info
    if run.foreign:
        return _foreign_fields(state, run)
    ahead = facts.total_steps / run.step if run.step else 1.0
    widest = max(7, len(text_formats.count(round(run.images * ahead))))
    pace = run.pace.images_per_second
    found = [
        Field(value=text_formats.of_total(_ordinal(run), run.epochs), label="epoch", short="ep", rank=4),
        Field(value=text_formats.of_total(run.step, facts.total_steps), label="step", short="step", rank=0),
        Field(value=f"{text_formats.count(run.images):>{widest}}", label="images", short_unit=" img", rank=5),
        Field(value=text_formats.rate(pace), unit=" images/s", short_unit=" img/s", rank=2),
        _speed(state.speed) if "speed" in facts.abilities else _eta(state.seconds_left),
    ]
    if run.sampling is not None:
        found.append(
            Field(value=text_formats.of_total(run.sampling.k, run.sampling.of), label="SGLD", short="SGLD", rank=6)
        )
    return found


def _foreign_fields(state: RunState, run: RunView) -> list[Field]:
    """List the numbers of another program's log, which counts its own steps and nothing else."""
    last = max((int(points.images[-1]) for points in run.ahead.values() if len(points)), default=run.images)
    return [
        Field(value=text_formats.of_total(run.images, last), label="step", short="step", rank=0),
        Field(value=text_formats.rate(run.pace.images_per_second), unit=" steps/s", short_unit=" /s", rank=2),
        _speed(state.speed),
    ]


def line(found: Sequence[Field], width: int) -> Content:
    """As much of the fields as fits: first in full, then abbreviated, then without the least important."""
    for candidates in (found, *(_without(found, dropped) for dropped in range(len(found)))):
        abbreviated = candidates is not found
        content = Content(SHORT_GAP if abbreviated else GAP).join(
            [_field(field, abbreviated=abbreviated) for field in candidates]
        )
        if content.cell_length <= width:
            return content
    return Content("")


def progress_bar(fraction: float, width: int, tone: str = "$primary") -> Content:
    """A thin bar of `width` columns, to half a column."""
    halves = round(min(1.0, max(0.0, fraction)) * 2 * max(0, width))
    done = "━" * (halves // 2) + "╸" * (halves % 2)
    return Content.assemble((done, tone), ("─" * (width - len(done)), "$foreground 15%"))


def progress(run: RunView, use: str, width: int) -> Content:
    """The bars of the run and of its epoch, and what the program takes of the machine, as room allows."""
    if use and width - len(use) >= ROOM_FOR_BARS:
        tail = Content.styled(f"  {use} ", MUTED)
        return Content.assemble(_bars(run, width - tail.cell_length), tail)
    return _bars(run, width)


def _bars(run: RunView, width: int) -> Content:
    """The run's bar, with that of the epoch beside it if the run has several."""
    if run.epochs < 2 or width < ROOM_FOR_BARS:
        return progress_bar(run.fraction, width)
    epoch = round(width / 4)
    label = Content.styled("  epoch ", MUTED)
    return Content.assemble(
        progress_bar(run.fraction, width - epoch - label.cell_length),
        label,
        progress_bar(run.epoch_fraction, epoch, "$secondary"),
    )


@contain_failures
class RunHeader(Static):
    """Two rows: badge and numbers; the bars of progress and the use of the machine."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.use: ResourceUsage | None = None
        """The newest reading."""

    def show(self, state: RunState, pending: PendingCommands) -> None:
        """Draw anew if anything that is shown has changed."""
        width = self.size.width
        if state.run is None or width == 0:
            return
        name = Content.styled(f" {NAME}  ", "bold") if width >= 100 else Content("")
        top = Content.assemble(name, badge(state, pending), *alarm(state.run), GAP)
        numbers = line(fields(state, state.run), width - top.cell_length)
        content = Content.assemble(top, numbers, "\n", progress(state.run, usage_text(self.use), width))
        if content != self.content:
            self.update(content, layout=False)


def _speed(factor: float) -> Field:
    return Field(value=f"{text_formats.times(factor):<6}", label="speed", rank=1)


def _eta(seconds: float | None) -> Field:
    return Field(value=text_formats.duration(seconds), label="ETA", short="ETA", rank=3)


def _ordinal(run: RunView) -> int:
    """The epoch counted from 1."""
    return min(run.epoch + 1, run.epochs) if run.epochs else run.epoch + 1


def _without(found: Sequence[Field], dropped: int) -> list[Field]:
    ranks = sorted((field.rank for field in found), reverse=True)[:dropped]
    return [field for field in found if field.rank not in ranks]


def _field(field: Field, *, abbreviated: bool) -> Content:
    label = field.short if abbreviated else field.label
    unit = field.short_unit if abbreviated else field.unit
    return Content.assemble((f"{label} " if label else "", MUTED), field.value, (unit, MUTED))
