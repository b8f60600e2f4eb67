"""Arrangement of the panes in columns: visibility, widths and focus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual import events
from textual.app import ComposeResult
from textual.widget import Widget

from jem_tui.tui.panes.divider import Divider
from jem_tui.tui.panes.tab_bar import TabBar
from jem_tui.tui.preferences.pane_layout import (
    DEFAULT_SHARE,
    LEFT,
    LOWER,
    MOST_SHARE,
    PANES,
    STEP,
    USUALLY_EMPTY,
    PaneLayout,
    PaneName,
)
from jem_tui.tui.preferences.preferences import SavePreferences
from jem_tui.tui.repaint.fast_strips import BareContainer

SIDE_BY_SIDE = 100
"""Minimum width of a terminal with panes side by side instead of tabs, in columns."""
LEAST_CHARTS = 31
"""Minimum width of the charts next to samples on a narrow terminal, in columns."""
THREE_TILES, THREE_SMALL_TILES = 46, 29
"""Widths of a pane with three digits in a row, and with three of half the size, in columns."""


class Workspace(BareContainer):
    """Panes side by side, or one at a time behind tabs on a narrow terminal."""

    def __init__(self, panes: Mapping[PaneName, Widget], comparison: Widget, tabs: TabBar, layout: PaneLayout) -> None:
        """Arrange `panes` by `layout`. `comparison` replaces the samples in a replay of several runs; `tabs` names the panes."""
        super().__init__(id="workspace")
        self.arrangement = layout
        self._panes = panes
        self._comparison = comparison
        self._tabs = tabs
        self._names = tuple(name for name in PANES if name in panes)
        self._tab: PaneName | None = None
        """Pane of a narrow terminal; None for the overview."""
        self._empty = USUALLY_EMPTY
        self._brief = False
        """True while a small console displays all output."""
        self._compared = False

    def compose(self) -> ComposeResult:
        # Before there are panes: each later change of a class computes the styles of all panes again
        self._hide_others(self.shown)
        with BareContainer(id="left"):
            yield self._panes["curves"]
            yield self._panes["notes"]
        yield Divider(id="divider")
        with BareContainer(id="right"):
            yield self._panes["samples"]
            yield self._comparison
            with BareContainer(id="lower"):
                yield from (self._panes[name] for name in LOWER if name in self._panes)
            yield self._panes["ranks"]
            yield self._panes["sampler"]
            yield self._panes["console"]

    @property
    def narrow(self) -> bool:
        """True if panes are behind tabs."""
        return self.app.size.width < SIDE_BY_SIDE

    @property
    def shown(self) -> tuple[PaneName, ...]:
        """Names of the panes on the screen, in the order of their keys."""
        if self.narrow:
            return self._overview if self._tab is None else (self._tab,)
        wanted = self.arrangement.shown(*self.app.size, self._empty)
        return tuple(name for name in self._names if name in wanted)

    @property
    def _overview(self) -> tuple[PaneName, ...]:
        """Panes that a narrow terminal displays before a tab is chosen; runs are compared by their curves."""
        return self.arrangement.overview(self._empty | ({"samples"} if self._compared else set()))

    @property
    def _names_with_tabs(self) -> tuple[PaneName, ...]:
        """Names of the panes behind tabs."""
        return tuple(name for name in self._names if name not in self._empty & USUALLY_EMPTY)

    def on_mount(self) -> None:
        self.apply_layout()

    def on_resize(self, event: events.Resize) -> None:
        self.apply_layout()

    def apply_layout(self) -> None:
        """Set the CSS classes that show and place the panes at this size."""
        shown = self.shown
        left, right = self._hide_others(shown)
        share = self.arrangement.share
        if (
            self._brief
            and "console" in shown
            and set(shown).isdisjoint(("samples", "ranks", "sampler", *LOWER))
            and share == DEFAULT_SHARE
        ):
            share = MOST_SHARE
        self.query_one("#left").styles.width = self._left_width(share) if left and right else "1fr"
        self._tabs.show(shown if self.narrow else (), self._names_with_tabs)
        self._release_hidden_focus()

    def _left_width(self, share: float) -> str:
        """Return the width of the left column; by default a narrow terminal leaves three tiles at the right."""
        width = self.app.size.width
        if not self.narrow or share != DEFAULT_SHARE:
            return f"{share:.1%}"
        tiles = THREE_TILES if width > LEAST_CHARTS + THREE_TILES else THREE_SMALL_TILES
        return str(width - tiles - 1)

    def _hide_others(self, shown: Sequence[PaneName]) -> tuple[bool, bool]:
        """Set the CSS classes that hide all panes but those `shown`; return whether the left and the right column hold a pane."""
        left, right = (any((name in LEFT) is side for name in shown) for side in (True, False))
        hidden = {f"-no-{name}": name not in shown for name in self._names}
        lower = any(name in LOWER for name in shown)
        self.update_classes({**hidden, "-no-left": not left, "-no-right": not right, "-no-lower": not lower})
        return left, right

    def fit_content(self, empty: frozenset[PaneName], *, brief: bool, compared: bool) -> None:
        """Hide panes that this run leaves empty, unless the user has chosen them; keep a console small while its output is `brief`."""
        if (empty, brief, compared) != (self._empty, self._brief, self._compared):
            self._empty, self._brief, self._compared = empty, brief, compared
            if self.is_mounted:
                self.apply_layout()

    def action_pane(self, name: PaneName) -> None:
        """Show or hide a pane; on a narrow terminal, switch to its tab, or from its tab back to the overview."""
        if self.narrow:
            self._tab = None if self._tab == name else name
            self.apply_layout()
        else:
            self._choose(self.arrangement.toggled(name, *self.app.size, self._empty))

    def reveal(self, name: PaneName) -> None:
        """Show a pane without changing the user's layout on disk."""
        if name in self.shown:
            return
        if self.narrow:
            self._tab = name
        else:
            self.arrangement = self.arrangement.toggled(name, *self.app.size, self._empty)
        self.apply_layout()

    @property
    def arranged(self) -> tuple[PaneLayout, PaneName | None]:
        """The layout, and the pane of the current tab."""
        return self.arrangement, self._tab

    def rearrange(self, arranged: tuple[PaneLayout, PaneName | None]) -> None:
        """Restore an earlier value of `arranged`."""
        self.arrangement, self._tab = arranged
        self.apply_layout()

    def action_next(self, by: int) -> None:
        """Move the focus by `by` panes; on a narrow terminal, switch tabs, from the overview to the first or the last."""
        names = self._names_with_tabs if self.narrow else tuple(name for name in self.shown if self._target(name))
        if not names:
            return
        at = names.index(self._focused()) if self._focused() in names else -1 if by > 0 else 0
        name = names[(at + by) % len(names)]
        if self.narrow:
            self._tab = name
            self.apply_layout()
        target = self._target(name)
        if target is not None:
            self.screen.set_focus(target, scroll_visible=False)

    def action_widen(self, steps: int) -> None:
        """Widen the left column by `steps` times `STEP`."""
        self._choose(self.arrangement.widened(steps * STEP))

    def action_reset(self) -> None:
        """Restore the default panes and widths."""
        self._choose(PaneLayout())

    def on_divider_dragged(self, event: Divider.Dragged) -> None:
        """Follow the mouse, and save the width when the button is released."""
        event.stop()
        layout = self.arrangement.widened(event.x / max(1, self.size.width) - self.arrangement.share)
        if event.done:
            self._choose(layout)
        else:
            self.arrangement = layout
            self.apply_layout()

    def _choose(self, layout: PaneLayout) -> None:
        self.arrangement = layout
        self.apply_layout()
        self.post_message(SavePreferences("layout", layout.stored()))

    def _focused(self) -> PaneName | None:
        """Return the pane that has the focus, or the pane of the current tab."""
        if self.narrow:
            return self._tab
        focused = self.screen.focused
        inside = (
            name for name in self._names if focused is not None and self.place(name) in focused.ancestors_with_self
        )
        return next(inside, None)

    def place(self, name: PaneName) -> Widget:
        """Return the widget in the place of a pane."""
        return self._comparison if name == "samples" and not self._panes[name].display else self._panes[name]

    def _target(self, name: PaneName) -> Widget | None:
        """Return the first focusable widget of a pane; None if there is none."""
        place = self.place(name)
        return next((widget for widget in place.walk_children(Widget, with_self=True) if widget.can_focus), None)

    def _release_hidden_focus(self) -> None:
        """Take the focus from a pane that is hidden."""
        focused = self.screen.focused
        if focused is not None and not all(node.display for node in focused.ancestors_with_self):
            self.screen.set_focus(None)
