"""The line of facts that do not change: device, seed, size of the network, run folder."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from jem_tui.tui import formats
from jem_tui.tui.asked import Asked
from jem_tui.tui.state import RunState
from jem_tui.tui.theme import MUTED

SEPARATOR = " · "


class StatusLine(Static):
    """Facts at the left, what is under way at the right."""

    def show(self, state: RunState, asked: Asked) -> None:
        """Draw anew if anything that is shown has changed."""
        width = self.size.width
        if state.run is None or width == 0:
            return
        errand = f"{asked.errand} …" if asked.errand else ""
        facts = _facts(state, width - len(errand) - 3)
        gap = " " * max(1, width - 1 - len(facts) - len(errand) - 1)
        content = Content.assemble((" " + facts, MUTED), gap, (errand, "$text-warning"))
        if content != self.content:
            self.update(content, layout=False)


def _facts(state: RunState, width: int) -> str:
    """The facts in at most `width` columns; the run folder gives way first, to a third of the width."""
    if state.run is None:
        return ""
    facts = state.run.facts
    parts = [facts.device, f"seed {facts.seed}"]
    if facts.parameters:
        parts.append(f"{formats.count(facts.parameters)} parameters")
    if not facts.run_dir:
        return formats.shorten(SEPARATOR.join(parts), width)
    while len(parts) > 1 and width - len(SEPARATOR.join([*parts, ""])) < min(len(facts.run_dir), width // 3):
        parts.pop()
    head = SEPARATOR.join([*parts, ""])
    return head + formats.shorten(facts.run_dir, width - len(head))
