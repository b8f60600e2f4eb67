"""The status line: device, seed, parameters and folder of the run; pending commands, and the cost of drawing."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from jem_tui.events.left_out import LeftOutReason
from jem_tui.events.recording import Health
from jem_tui.printable import printable
from jem_tui.tui.preferences.theme import FAINT, MUTED
from jem_tui.tui.repaint.changed_content import show_content
from jem_tui.tui.repaint.containment import contain_failures
from jem_tui.tui.state import text_formats
from jem_tui.tui.state.pending import PendingCommands
from jem_tui.tui.state.run_state import RunState, RunView
from jem_tui.tui.state.session import Session

_REASON_WORDS: dict[LeftOutReason, str] = {
    "replaced": "replaced",
    "rewound": "void",
    "too large": "too large",
    "too many": "beyond limits",
    "senseless": "malformed",
    "unreadable": "unreadable",
    "shortened": "shortened",
    "no place": "not shown",
}
"""Reasons for which records of a recording are left out, in a word or two."""
_MOST_REASONS = 2
"""Maximum number of reasons that are named; for more, the line displays the sum."""
SEPARATOR = " · "
ROOM_FOR_COST = 80
"""Minimum width of a terminal that displays the cost of drawing, in columns."""
FOREIGN = "log of another program"
MOST_OF_DEVICE = 40
"""Maximum number of columns for the name of a device."""


def cost_text(cost: float | None) -> str:
    """Return the share of a processor core that drawing takes, in a constant width; empty while unknown."""
    return "" if cost is None else f"   UI {cost * 100:2.0f} % CPU"


def health_text(health: Health | None) -> tuple[str, str]:
    """Return how many records of a recording were read, and what is missing; both empty without a recording."""
    if health is None:
        return "", ""
    lost = [f"{text_formats.count(health.skipped)} skipped"] if health.skipped else []
    lost += [f"{text_formats.count(health.gaps)} gap{'s' if health.gaps > 1 else ''}"] if health.gaps else []
    others = [(count, word) for reason, word in _REASON_WORDS.items() if (count := health.left_out.count(reason))]
    if len(others) > _MOST_REASONS:
        others = [(sum(count for count, _ in others), "left out")]
    lost += [f"{text_formats.count(count)} {word}" for count, word in others]
    lost += ["last record incomplete"] if health.waiting else []
    return f"  {text_formats.count(health.records)} records", "".join(f" · {part}" for part in lost)


@contain_failures
class StatusLine(Static):
    """Facts of the run at the left; at the right pending commands, the recording's condition and the cost of drawing."""

    def __init__(self, session: Session, cost: Callable[[], float | None], *, id: str | None = None) -> None:
        """Show facts of `session`; `cost` returns the share of a processor core that drawing takes."""
        super().__init__(id=id, markup=False)
        self._session = session
        self._cost = cost

    def stamp(self, run: RunView) -> Hashable:
        """Return a value that differs when the line differs."""
        state = self._session.state
        return (
            self._session.pending.displayed,
            cost_text(self._cost()),
            state.recording,
            state.connection,
            _rank_count(run),
            self.size,
        )

    def draw(self, run: RunView) -> None:
        """Draw the line with the newest cost of drawing."""
        self.show(self._session.state, self._session.pending, self._cost())

    def show(self, state: RunState, pending: PendingCommands, cost: float | None = None) -> None:
        """Draw `state` if the content differs from what is displayed; `cost` is a share of a processor core."""
        width = self.size.width
        if state.run is None or width == 0:
            return
        pending_text = _lost_text(state, width) or pending.displayed
        measured = cost_text(cost) if width >= ROOM_FOR_COST else ""
        health = state.recording.health if state.recording is not None else None
        read, lost = health_text(health)
        right = cell_len(pending_text) + len(read) + len(lost) + len(measured)
        facts = _facts(state, width - right - 3)
        gap = " " * max(1, width - 1 - cell_len(facts) - right - 1)
        parts = ((pending_text, "$text-warning"), (read, FAINT), (lost, "$text-warning"), (measured, FAINT))
        content = Content.assemble((" " + facts, MUTED), gap, *parts)
        show_content(self, content)


def _lost_text(state: RunState, width: int) -> str:
    """Return why the run of another process cannot be followed, in at most three quarters of the width; empty while it is followed."""
    if state.connection is None or not state.disconnected:
        return ""
    text, room = printable(state.connection.text), width * 3 // 4
    return text if cell_len(text) <= room else f"{text_formats.truncate(text, room - 1)}…"


def _rank_count(run: RunView) -> int:
    """Return the number of ranks, 0 for a run of one process."""
    return 0 if run.ranks is None else run.ranks.size


def _facts(state: RunState, width: int) -> str:
    """Return the facts in at most `width` columns; the run folder is shortened first, down to a third of the width."""
    if state.run is None:
        return ""
    facts = state.run.info
    device = text_formats.shorten(facts.device, MOST_OF_DEVICE)
    seed = f"seed {facts.seed}" if facts.seed >= 0 or not state.run.watched else ""
    ranks = f"{text_formats.count(_rank_count(state.run))} ranks" if _rank_count(state.run) else ""
    parts = [FOREIGN] if state.run.foreign else [part for part in (ranks, device, seed) if part]
    if facts.parameters:
        parts.append(f"{text_formats.count(facts.parameters)} parameters")
    if not facts.run_dir:
        return text_formats.shorten(SEPARATOR.join(parts), width)
    while len(parts) > 1 and width - cell_len(SEPARATOR.join([*parts, ""])) < min(cell_len(facts.run_dir), width // 3):
        parts.pop()
    head = SEPARATOR.join([*parts, ""]) if parts else ""
    return text_formats.truncate(head + text_formats.shorten(facts.run_dir, width - cell_len(head)), width)
