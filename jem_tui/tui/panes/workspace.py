"""The panes in their columns: which are shown, how wide, and which one has the focus."""

from __future__ import annotations

from collections.abc import Mapping

from textual import events
from textual.app import ComposeResult
from textual.widget import Widget

from jem_tui.tui.panes.divider import Divider
from jem_tui.tui.panes.tab_bar import TabBar
from jem_tui.tui.preferences.pane_layout import LEFT, LOWER, PANES, STEP, PaneLayout, PaneName
from jem_tui.tui.preferences.preferences import SavePreferences
from jem_tui.tui.repaint.fast_strips import BareContainer

SIDE_BY_SIDE = 100
"""Columns from which panes are side by side; below, there are tabs."""


class Workspace(BareContainer):
    """Panes side by side, or one at a time behind tabs where it is narrow."""

    def __init__(self, panes: Mapping[PaneName, Widget], several: Widget, tabs: TabBar, layout: PaneLayout) -> None:
        """`several` stands in for the samples in a replay of several runs; `tabs` is told which pane is shown."""
        super().__init__(id="workspace")
        self.arrangement = layout
        self._panes = panes
        self._several = several
        self._tabs = tabs
        self._names = tuple(name for name in PANES if name in panes)
        self._tab: PaneName = PANES[0]
        self._lacks: frozenset[PaneName] = frozenset()

    def compose(self) -> ComposeResult:
        with BareContainer(id="left"):
            yield self._panes["curves"]
            yield self._panes["notes"]
        yield Divider(id="divider")
        with BareContainer(id="right"):
            yield self._panes["samples"]
            yield self._several
            with BareContainer(id="lower"):
                yield from (self._panes[name] for name in LOWER if name in self._panes)

    @property
    def narrow(self) -> bool:
        return self.app.size.width < SIDE_BY_SIDE

    @property
    def shown(self) -> tuple[PaneName, ...]:
        """The panes on the screen, in the order of their keys."""
        if self.narrow:
            return (self._tab,)
        wanted = self.arrangement.shown(*self.app.size, self._lacks)
        return tuple(name for name in self._names if name in wanted)

    def on_mount(self) -> None:
        self.lay_out()

    def on_resize(self, event: events.Resize) -> None:
        self.lay_out()

    def lay_out(self) -> None:
        """Show what is to be shown at this size; the style sheet knows where."""
        shown = self.shown
        for name in self._names:
            self.set_class(name not in shown, f"-no-{name}")
        left, right = (any((name in LEFT) is side for name in shown) for side in (True, False))
        self.set_class(not left, "-no-left")
        self.set_class(not right, "-no-right")
        self.set_class(not any(name in LOWER for name in shown), "-no-lower")
        self.query_one("#left").styles.width = f"{self.arrangement.share:.1%}" if left and right else "1fr"
        self._tabs.show(self._tab, self._names)
        self._keep_focus_in_sight()

    def lack(self, names: frozenset[PaneName]) -> None:
        """Do without panes that this run leaves empty, where they were not chosen."""
        if names != self._lacks:
            self._lacks = names
            if self.is_mounted:
                self.lay_out()

    def action_pane(self, name: PaneName) -> None:
        """Show or hide a pane; behind tabs: go to it."""
        if self.narrow:
            self._tab = name
            self.lay_out()
        else:
            self._choose(self.arrangement.toggled(name, *self.app.size, self._lacks))

    def action_next(self, by: int) -> None:
        """Give the focus to the next pane; behind tabs, show that one."""
        names = self._names if self.narrow else tuple(name for name in self.shown if self._target(name))
        if not names:
            return
        at = names.index(self._focused()) if self._focused() in names else -1 if by > 0 else 0
        name = names[(at + by) % len(names)]
        if self.narrow:
            self._tab = name
            self.lay_out()
        target = self._target(name)
        if target is not None:
            self.screen.set_focus(target, scroll_visible=False)

    def action_widen(self, steps: int) -> None:
        """Move the line between the columns."""
        self._choose(self.arrangement.widened(steps * STEP))

    def action_reset(self) -> None:
        """Back to the panes and widths that the program starts with."""
        self._choose(PaneLayout())

    def on_divider_dragged(self, event: Divider.Dragged) -> None:
        """Follow the mouse, and remember where it let go."""
        event.stop()
        layout = self.arrangement.widened(event.x / max(1, self.size.width) - self.arrangement.share)
        if event.done:
            self._choose(layout)
        else:
            self.arrangement = layout
            self.lay_out()

    def _choose(self, layout: PaneLayout) -> None:
        self.arrangement = layout
        self.lay_out()
        self.post_message(SavePreferences("layout", layout.stored()))

    def _focused(self) -> PaneName | None:
        """The pane that has the focus, or the one that is shown alone."""
        if self.narrow:
            return self._tab
        focused = self.screen.focused
        inside = (
            name for name in self._names if focused is not None and self._place(name) in focused.ancestors_with_self
        )
        return next(inside, None)

    def _place(self, name: PaneName) -> Widget:
        """What stands where the pane belongs."""
        return self._several if name == "samples" and not self._panes[name].display else self._panes[name]

    def _target(self, name: PaneName) -> Widget | None:
        """What in the pane takes the focus; None if nothing does."""
        place = self._place(name)
        return next((widget for widget in place.walk_children(Widget, with_self=True) if widget.can_focus), None)

    def _keep_focus_in_sight(self) -> None:
        """A pane that has gone has no focus."""
        focused = self.screen.focused
        if focused is not None and not all(node.display for node in focused.ancestors_with_self):
            self.screen.set_focus(None)
