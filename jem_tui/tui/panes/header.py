"""The header: state, progress and speed of the run, and the resources that the program uses."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from time import monotonic

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from jem_tui.tui.preferences.theme import MUTED
from jem_tui.tui.repaint.changed_content import show_content
from jem_tui.tui.repaint.containment import contain_failures
from jem_tui.tui.state import text_formats
from jem_tui.tui.state.pending import PendingCommands
from jem_tui.tui.state.run_state import ENDED, PAUSED, RECOVERING, UNREACHABLE, RunState, RunView
from jem_tui.tui.state.screen_role import Attachment
from jem_tui.tui.state.session import Session
from jem_tui.tui.terminal.resource_usage import ResourceMeter, ResourceUsage, usage_text

NAME = "jem-tui"
BADGE_WIDTH = 13
UNRECORDED = "NOT RECORDED"
TONES = {
    "TRAINING": "$success",
    "REPLAYING": "$success",
    PAUSED: "$warning",
    RECOVERING: "$warning",
    UNREACHABLE: "$warning",
    "FINISHED": "$primary",
    ENDED: "$primary",
    "FAILED": "$error",
    "DIVERGED": "$error",
}
LOST = "connection lost, reconnecting"
ROOM_FOR_BAR = 20
"""Minimum width of the bar of the run next to the state of an attachment, in columns."""
SMALLEST_FRACTION = 1e-9
"""Smallest share of a run from which its number of images is extrapolated."""
ROOM_FOR_BARS = 48
"""Minimum width with the bars of run and epoch side by side, in columns."""
READING_SECONDS = 2.0
"""Seconds between two readings of the resources in use."""
GAP = "   "
SHORT_GAP = "  "


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A number of the header with its label and unit, each in full and abbreviated."""

    value: str
    label: str = ""
    short: str = ""
    unit: str = ""
    short_unit: str = ""
    rank: int
    """Order of omission: the field with the highest rank is left out first."""


def badge(state: RunState, pending: PendingCommands) -> Content:
    """Return the state, or the pending command, as a word on a coloured ground."""
    if pending.word and state.stopped is None and not state.disconnected:
        return Content.styled(f"{pending.word:^{BADGE_WIDTH}}", "bold $text-warning on $panel")
    tone = TONES.get(state.status, "$foreground")
    word = text_formats.shorten(state.status, BADGE_WIDTH - 2)
    return Content.styled(f"{word:^{BADGE_WIDTH - cell_len(word) + len(word)}}", f"bold $on-{tone[1:]} on {tone}")


def alarm(run: RunView) -> list[Content]:
    """Return a warning while a live run cannot be recorded; a replay reports past outages in its notes only."""
    if not run.not_recorded or not run.live:
        return []
    return [Content(" "), Content.styled(f" {UNRECORDED} ", "bold $on-error on $error")]


def fields(state: RunState, run: RunView) -> list[Field]:
    """Return the numbers of the header in order; the width of each stays constant during a run."""
    facts = run.info
    if run.foreign:
        return _foreign_fields(state, run)
    ahead = 1 / run.fraction if run.fraction > SMALLEST_FRACTION else 1.0
    widest = max(7, len(text_formats.count(round(run.images * ahead))))
    found = [
        Field(value=text_formats.of_total(_epoch_number(run), run.epochs), label="epoch", short="ep", rank=4),
        Field(value=text_formats.of_total(run.step, facts.total_steps), label="step", short="step", rank=0),
        Field(value=f"{text_formats.count(run.images):>{widest}}", label="images", short_unit=" img", rank=5),
        _pace(run),
    ]
    if state.stopped is None or "speed" in facts.abilities:
        found.append(_speed(state.speed) if "speed" in facts.abilities else _eta(state.seconds_left))
    if run.watched:
        found = [field for field in found if field.label not in _unknown(run)]
    if run.sampling is not None:
        found.append(
            Field(value=text_formats.of_total(run.sampling.k, run.sampling.of), label="SGLD", short="SGLD", rank=6)
        )
    return found


def _foreign_fields(state: RunState, run: RunView) -> list[Field]:
    """Return the numbers for another program's log, which has steps of its own but no images or epochs."""
    last = max((int(points.images[-1]) for points in run.recorded.values() if len(points)), default=run.images)
    return [
        Field(value=text_formats.of_total(run.images, last), label="step", short="step", rank=0),
        _pace(run),
        _speed(state.speed),
    ]


def line(found: Sequence[Field], width: int) -> Content:
    """Return the fields in at most `width` columns: in full, else abbreviated, else without those of the highest ranks."""
    for candidates in (found, *(_without(found, dropped) for dropped in range(len(found)))):
        abbreviated = candidates is not found
        content = Content(SHORT_GAP if abbreviated else GAP).join(
            [_field(field, abbreviated=abbreviated) for field in candidates]
        )
        if content.cell_length <= width:
            return content
    return Content("")


def progress_bar(fraction: float, width: int, tone: str = "$primary") -> Content:
    """Return a thin bar of `width` columns with a resolution of half a column."""
    halves = round(min(1.0, max(0.0, fraction)) * 2 * max(0, width))
    done = "━" * (halves // 2) + "╸" * (halves % 2)
    return Content.assemble((done, tone), ("─" * (width - len(done)), "$foreground 15%"))


def progress(run: RunView, use: str, width: int) -> Content:
    """Return the bars of the run and its epoch, followed by the resources in use if there is room."""
    if use and width - len(use) >= ROOM_FOR_BARS:
        tail = Content.styled(f"  {use} ", MUTED)
        return Content.assemble(_bars(run, width - tail.cell_length), tail)
    return _bars(run, width)


def progress_with_attachment(run: RunView, state: Content, width: int) -> Content:
    """Return the bars of the run and its epoch, followed by the state of an attachment."""
    return Content.assemble(_bars(run, width - state.cell_length), state)


def attachment_state(attachment: Attachment, state: RunState, width: int) -> Content:
    """Return the state of an attachment: a filled dot while the run is followed, a hollow one while the connection is lost.

    The text is shortened so that a bar fits next to it in `width` columns; it is empty after the end of the run.
    """
    if state.stopped is not None:
        return Content("")
    dot, tone, text = ("○", "$warning", LOST) if state.disconnected else ("●", "$success", attachment.text)
    text = text_formats.shorten(text, max(1, width - ROOM_FOR_BAR - 5))
    return Content.assemble((f"  {dot} ", tone), (f"{text} ", "$text-warning" if state.disconnected else MUTED))


def _bars(run: RunView, width: int) -> Content:
    """Return the bar of the run, followed by the bar of the epoch if the run has several epochs."""
    if run.watched and not run.info.total_steps:
        return Content(" " * width)
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
    """Two rows: badge and numbers, then bars of progress and the resources in use."""

    def __init__(self, session: Session, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._session = session
        # A viewer does not use the resources of the run
        self._meter = ResourceMeter() if session.role.attachment is None else None
        self._use: ResourceUsage | None = None
        self._reading: int | None = None
        """Number of the interval of `READING_SECONDS` in which resources were read last."""

    def stamp(self, run: RunView) -> Hashable:
        """Return a value that differs when the header differs, or when resources are to be read again."""
        state, pending = self._session.state, self._session.pending
        reading = int(monotonic() / READING_SECONDS)
        shown = (state.status, state.disconnected, pending.word, state.speed, self.size)
        return (run.step, run.images, run.sampling, *shown, reading)

    def draw(self, run: RunView) -> None:
        """Draw the header with resources that are at most `READING_SECONDS` old."""
        reading = int(monotonic() / READING_SECONDS)
        if self._meter is not None and reading != self._reading:
            self._reading, self._use = reading, self._meter.read()
        self.show(self._session.state, self._session.pending)

    def show(self, state: RunState, pending: PendingCommands) -> None:
        """Draw `state` if the content differs from what is displayed."""
        width = self.size.width
        if state.run is None or width == 0:
            return
        name = Content.styled(f" {NAME}  ", "bold") if width >= 100 else Content("")
        top = Content.assemble(name, badge(state, pending), *alarm(state.run), GAP)
        numbers = line(fields(state, state.run), width - top.cell_length)
        content = Content.assemble(top, numbers, "\n", self._second_row(state, state.run, width))
        show_content(self, content)

    def _second_row(self, state: RunState, run: RunView, width: int) -> Content:
        """Return the bars with the resources of this process, or with the state of the attachment to another process."""
        attachment = self._session.role.attachment
        if attachment is None:
            return progress(run, usage_text(self._use), width)
        return progress_with_attachment(run, attachment_state(attachment, state, width), width)


def _speed(factor: float) -> Field:
    return Field(value=f"{text_formats.times(factor):<6}", label="speed", rank=1)


def _pace(run: RunView) -> Field:
    """Return the speed in images, or in steps where the run does not count images."""
    units = (" images/s", " img/s") if run.counts_images else (" steps/s", " /s")
    return Field(value=text_formats.rate(run.speedometer.images_per_second), unit=units[0], short_unit=units[1], rank=2)


def _unknown(run: RunView) -> set[str]:
    """Return the labels of the numbers that a watched loop does not state."""
    known = {"epoch": run.info.steps_per_epoch > 0, "images": run.counts_images, "ETA": run.info.total_steps > 0}
    return {label for label, is_known in known.items() if not is_known}


def _eta(seconds: float | None) -> Field:
    return Field(value=text_formats.duration(seconds), label="ETA", short="ETA", rank=3)


def _epoch_number(run: RunView) -> int:
    """Return the number of the epoch, counted from 1."""
    return min(run.epoch + 1, run.epochs) if run.epochs else run.epoch + 1


def _without(found: Sequence[Field], dropped: int) -> list[Field]:
    ranks = sorted((field.rank for field in found), reverse=True)[:dropped]
    return [field for field in found if field.rank not in ranks]


def _field(field: Field, *, abbreviated: bool) -> Content:
    label, unit = (field.short, field.short_unit) if abbreviated else (field.label, field.unit)
    return Content.assemble((f"{label} " if label else "", MUTED), field.value, (unit, MUTED))
