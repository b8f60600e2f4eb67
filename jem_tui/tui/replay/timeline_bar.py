"""Timeline of a replay: position, event marks and speed."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from textual import events
from textual.content import Content
from textual.widgets import Static

from jem_tui.events.recording import Mark, MarkKind
from jem_tui.tui.preferences.theme import MUTED
from jem_tui.tui.repaint.changed_content import show_content
from jem_tui.tui.repaint.containment import contain_failures
from jem_tui.tui.replay.goto_screen import GoToScreen
from jem_tui.tui.state import text_formats
from jem_tui.tui.state.run_state import WAITING, RunState, RunView
from jem_tui.tui.state.session import Session

PLAYING, RESTING, WAITS = "▶", "‖", "…"
MARK, HEAD = "┃", "●"
TONES: dict[MarkKind, str] = {
    "warning": "$warning",
    "outage": "$error",
    "divergence": "$error",
    "rewind": "$warning",
    "checkpoint": "$success",
    "reseed": "$secondary",
    "epoch": "$foreground 35%",
    "pause": "$accent",
}
PLAIN = "$foreground 60%"
LOUD: tuple[MarkKind, ...] = ("divergence", "rewind", "outage", "warning", "reseed", "checkpoint", "pause")
"""Kinds of marks by priority: the first kind in a column is displayed."""
AS_RECORDED = "as recorded"
MOST_IN_TOOLTIP = 4
"""Maximum number of marks in a tooltip."""
LEFT = 3
"""Columns before the slider."""


@dataclass(frozen=True, slots=True)
class Slider:
    """Position of the slider in the widget, and the steps of its ends."""

    start: int
    width: int
    first: int
    last: int

    def column(self, step: int) -> int:
        """Return the column of `step`, counted from the start of the slider."""
        share = (step - self.first) / max(1, self.last - self.first)
        return round(min(1.0, max(0.0, share)) * (self.width - 1))

    def step(self, x: int) -> int:
        """Return the step at column `x` of the widget."""
        share = (x - self.start) / max(1, self.width - 1)
        return self.first + round(min(1.0, max(0.0, share)) * (self.last - self.first))

    def holds(self, x: int) -> bool:
        """Return whether column `x` of the widget is on the slider."""
        return self.start <= x < self.start + self.width


@contain_failures
class TimelineBar(Static):
    """Row with a play or pause sign, the slider with its marks, the step and the speed; sign and slider can be clicked."""

    ALLOW_SELECT = False

    def __init__(self, session: Session, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._session = session
        self._held = False

    def stamp(self, run: RunView) -> Hashable:
        """Return a value that differs when the bar differs."""
        controls, state = self._session.replay_controls, self._session.state
        return (controls.step, controls.span, len(controls.marks), state.status, state.speed, self.size)

    def draw(self, run: RunView) -> None:
        """Draw the position of the replay."""
        self.show()

    def show(self) -> None:
        """Update the row if its content has changed."""
        content = self._content()
        show_content(self, content)

    def action_speed(self, factor: float) -> None:
        self._session.replay_controls.multiply_speed(factor)

    def action_as_recorded(self) -> None:
        self._session.replay_controls.play_as_recorded()

    def action_seek_by(self, steps: int) -> None:
        self._session.replay_controls.seek_by(steps)

    def action_seek_start(self) -> None:
        self._session.replay_controls.seek(self._session.replay_controls.span[0])

    def action_seek_end(self) -> None:
        self._session.replay_controls.seek(self._session.replay_controls.span[1])

    def action_seek_mark(self, ahead: bool) -> None:
        self._session.replay_controls.seek_mark(ahead)

    def action_go_to(self) -> None:
        """Open the dialog that asks for a step."""
        self.app.push_screen(GoToScreen(self._session.replay_controls.span), self._go)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        event.stop()
        slider = self._slider()
        if slider.holds(event.x):
            self._held = True
            self.capture_mouse()
            self._session.replay_controls.drag_to(slider.step(event.x))
            self.show()
        elif event.x < slider.start and self._session.can("pause"):
            self._session.toggle_pause()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        slider = self._slider()
        if self._held:
            self._session.replay_controls.drag_to(slider.step(event.x))
            self.show()
        else:
            self.tooltip = self._tooltip_at(slider, event.x)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        self._held = False
        self.release_mouse()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_seek_by(-10)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_seek_by(10)

    def _go(self, step: int | None) -> None:
        if step is not None:
            self._session.replay_controls.seek(step)

    def _slider(self) -> Slider:
        first, last = self._session.replay_controls.span
        return Slider(LEFT, max(1, self.size.width - LEFT - len(self._right()) - 2), first, last)

    def _right(self) -> str:
        """Format step and speed in a width that is constant during the replay."""
        controls, state = self._session.replay_controls, self._session.state
        last = text_formats.count(controls.span[1])
        return f"{text_formats.count(controls.step):>{len(last)}}/{last}  {speed_text(state):<{len(AS_RECORDED)}}"

    def _content(self) -> Content:
        controls, slider = self._session.replay_controls, self._slider()
        sign = _sign(self._session.state)
        drawn = _draw_slider(slider, slider.column(controls.step), controls.marks)
        return Content.assemble(f" {sign} ", drawn, "  ", (self._right(), MUTED))

    def _tooltip_at(self, slider: Slider, x: int) -> Content | None:
        """Return a tooltip for the marks at column `x`, or None without marks."""
        near = [mark for mark in self._session.replay_controls.marks if slider.start + slider.column(mark.step) == x]
        lines = [f"step {text_formats.count(mark.step)}: {mark.text}" for mark in near[:MOST_IN_TOOLTIP]]
        if len(near) > MOST_IN_TOOLTIP:
            lines.append(f"and {len(near) - MOST_IN_TOOLTIP} more")
        return Content("\n".join(lines)) if lines else None


def speed_text(state: RunState) -> str:
    """Format the speed of a replay."""
    if state.as_recorded:
        return AS_RECORDED
    return text_formats.times(state.speed)


def _sign(state: RunState) -> str:
    if state.status == WAITING:
        return WAITS
    return PLAYING if state.active else RESTING


def _draw_slider(slider: Slider, head: int, marks: Iterable[Mark]) -> Content:
    """Draw the slider: bright before the head, dim after it, marks in the colour of their kind, the head on top."""
    tones: dict[int, tuple[int, str]] = {}
    for mark in marks:
        rank = LOUD.index(mark.kind) if mark.kind in LOUD else len(LOUD)
        column = slider.column(mark.step)
        tones[column] = min(tones.get(column, (len(LOUD) + 1, "")), (rank, TONES.get(mark.kind, PLAIN)))
    cells = [("━", "$primary")] * head + [("─", "$foreground 25%")] * (slider.width - head)
    for column, (_, tone) in tones.items():
        cells[column] = (MARK, tone)
    cells[head] = (HEAD, "bold $foreground")
    runs = groupby(cells, key=itemgetter(1))
    return Content.assemble(*[("".join(glyph for glyph, _ in run), tone) for tone, run in runs])
