"""The line of facts that do not change: device, seed, size of the network, run folder."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from jem_tui.events.left_out import LeftOutReason
from jem_tui.events.recording import Health
from jem_tui.tui.preferences.theme import FAINT, MUTED
from jem_tui.tui.repaint.containment import contain_failures
from jem_tui.tui.state import text_formats
from jem_tui.tui.state.pending import PendingCommands
from jem_tui.tui.state.run_state import RunState

_WORDS: dict[LeftOutReason, str] = {
    "replaced": "replaced",
    "rewound": "void",
    "too large": "too large",
    "too many": "beyond limits",
    "senseless": "senseless",
    "unreadable": "unreadable",
    "shortened": "shortened",
    "no place": "not shown",
}
"""What is left out of a recording apart from its damage, in a word."""
_MOST_REASONS = 2
"""Reasons that are named; of more, the sum is shown."""
SEPARATOR = " · "
ROOM_FOR_COST = 80
FOREIGN = "log of another program"
MOST_OF_DEVICE = 40
"""Columns of the name of a device."""


def cost_text(cost: float | None) -> str:
    """What the screen takes of a core, in a width that stays; empty before it is known."""
    return "" if cost is None else f"   screen {cost:4.1%}"


def health_text(health: Health | None) -> tuple[str, str]:
    """What was read of a recording, and what was lost or is still waited for; empty where there is no recording."""
    if health is None:
        return "", ""
    lost = [f"{text_formats.count(health.skipped)} skipped"] if health.skipped else []
    lost += [f"{text_formats.count(health.gaps)} gap{'s' if health.gaps > 1 else ''}"] if health.gaps else []
    others = [(count, word) for reason, word in _WORDS.items() if (count := health.left_out.count(reason))]
    if len(others) > _MOST_REASONS:
        others = [(sum(count for count, _ in others), "left out")]
    lost += [f"{text_formats.count(count)} {word}" for count, word in others]
    lost += ["waiting for the rest of one"] if health.waiting else []
    return f"  {text_formats.count(health.records)} records", "".join(f" · {part}" for part in lost)


@contain_failures
class StatusLine(Static):
    """Facts at the left; at the right what is under way, and what the screen costs."""

    def show(self, state: RunState, pending: PendingCommands, cost: float | None = None) -> None:
        """Draw anew if anything that is shown has changed; `cost` is the share of a core that the screen takes."""
        width = self.size.width
        if state.run is None or width == 0:
            return
        pending_text = f"{pending.pending_text} …" if pending.pending_text else ""
        told = cost_text(cost) if width >= ROOM_FOR_COST else ""
        health = state.outlook.health if state.outlook is not None else None
        read, lost = health_text(health)
        right = len(pending_text) + len(read) + len(lost) + len(told)
        facts = _facts(state, width - right - 3)
        gap = " " * max(1, width - 1 - cell_len(facts) - right - 1)
        parts = ((pending_text, "$text-warning"), (read, FAINT), (lost, "$text-warning"), (told, FAINT))
        content = Content.assemble((" " + facts, MUTED), gap, *parts)
        if content != self.content:
            self.update(content, layout=False)


def _facts(state: RunState, width: int) -> str:
    """The facts in at most `width` columns; the run folder gives way first, to a third of the width."""
    if state.run is None:
        return ""
    facts = state.run.info
    device = text_formats.shorten(facts.device, MOST_OF_DEVICE)
    parts = [FOREIGN] if state.run.foreign else [device, f"seed {facts.seed}"]
    if facts.parameters:
        parts.append(f"{text_formats.count(facts.parameters)} parameters")
    if not facts.run_dir:
        return text_formats.shorten(SEPARATOR.join(parts), width)
    while len(parts) > 1 and width - cell_len(SEPARATOR.join([*parts, ""])) < min(cell_len(facts.run_dir), width // 3):
        parts.pop()
    head = SEPARATOR.join([*parts, ""])
    return text_formats.cut(head + text_formats.shorten(facts.run_dir, width - cell_len(head)), width)
