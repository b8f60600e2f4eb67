"""The help as a panel of a screen: next to its content where there is room, over it otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.style import Style
from textual.widget import Widget
from textual.widgets import Input, Static

from jem_tui.tui.help.help_entry import HelpPage, HelpSection, matches, rows_of
from jem_tui.tui.keys import bindings_of
from jem_tui.tui.keys.remap import keyboard_of
from jem_tui.tui.repaint.wrapped_text import WrappedText

ROOM_FOR_BOTH = 100
"""Minimum width of a terminal whose content stays visible next to the help, in columns."""
SHARE, FEWEST_COLUMNS, MOST_COLUMNS = 0.42, 48, 88
"""Share of the width, and minimum and maximum columns, of the help next to the content."""
HINT = "{help-before}{help-after} page · {help-up}{help-down} scroll · {help-search} search · {help-close} close"
SEARCH_HINT = "{filter-leave} keep · {filter-clear} end search"
"""Keys while the input of the search has the focus."""
NOTHING = "Nothing in the help contains this text."


def docked_columns(width: int) -> int:
    """Return the columns of the help next to the content of a terminal of some `width`; 0 if it covers the content."""
    return min(MOST_COLUMNS, max(FEWEST_COLUMNS, int(width * SHARE))) if width >= ROOM_FOR_BOTH else 0


class HelpQuery(Input):
    """Input of the search."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("filter")]

    class Ended(Message):
        """The end of the search, by the key that clears it."""

    def action_clear(self) -> None:
        """End the search."""
        self.post_message(self.Ended())


class HelpPanel(Vertical, can_focus=True):
    """Tabs, an input for the search, and the text of a page or the found entries; other keys of the screen still work."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("help")]
    DEFAULT_CSS = """
    HelpPanel {
        layer: over;
        dock: right;
        width: 100%;
        height: 100%;
        margin-bottom: 1;
        padding: 0 1;
        background: $surface;
        border: round $dialog-frame;
        border-title-color: $foreground;
        border-title-style: bold;
        border-subtitle-color: $text-muted;
        &:focus, &:focus-within { border: round $primary; }
        &.-docked { layer: default; }
        #help-tabs { height: 1; margin-bottom: 1; link-color: $text-muted; link-style: none; }
        #help-query { display: none; margin-bottom: 1; }
        #help-page { height: 1fr; scrollbar-size-vertical: 1; scrollbar-color: $foreground 30%; scrollbar-background: $surface; }
    }
    """

    def __init__(self, pages: Sequence[HelpPage], opened_from: Widget | None, closed: Callable[[], None]) -> None:
        """Display the first of `pages`; at the end, the focus returns to `opened_from`, and `closed` is called."""
        super().__init__()
        self._pages = pages
        self._number = 0
        self._opened_from = opened_from
        self._when_closed = closed
        self._tabs = Static(id="help-tabs")
        self._query = HelpQuery(placeholder="search all pages", compact=True, id="help-query")
        self._text = HelpText()

    def compose(self) -> ComposeResult:
        self.border_title = "help"
        yield self._tabs
        yield self._query
        with VerticalScroll(id="help-page", can_focus=False):
            yield self._text

    def on_mount(self) -> None:
        self._fit()
        self._show()
        self._state_keys()
        self.focus(scroll_visible=False)

    def on_resize(self, event: events.Resize) -> None:
        self._fit()

    def _fit(self) -> None:
        """Set the width: next to the content of the screen, or all of it where both would be too narrow."""
        columns = docked_columns(self.app.size.width)
        self.set_class(columns > 0, "-docked")
        self.styles.width = columns or "100%"

    def action_switch_page(self, by: int) -> None:
        """Switch to the next page or the previous one."""
        self._end_search()
        self._number = (self._number + by) % len(self._pages)
        self._show()

    def action_open(self, number: int) -> None:
        """Open a page by its number."""
        self.action_switch_page(number - self._number)

    def action_search(self) -> None:
        """Open the input of the search."""
        self._query.display = True
        self._query.focus()

    def action_scroll_rows(self, rows: int) -> None:
        """Scroll the page."""
        self.query_one(VerticalScroll).scroll_relative(y=rows, animate=False)

    def action_close(self) -> None:
        """Close the help."""
        back = self._opened_from
        self.remove()
        self.screen.set_focus(back if back is not None and back.is_on_screen else None)
        self._when_closed()

    def on_descendant_focus(self) -> None:
        self._state_keys()

    def on_descendant_blur(self) -> None:
        self._state_keys()

    def on_help_query_ended(self) -> None:
        self._end_search()
        self._show()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._show()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return the focus to the panel, whose keys then scroll the matches."""
        event.stop()
        self.focus()

    def _state_keys(self) -> None:
        """State the keys that work now in the frame."""
        self.border_subtitle = keyboard_of(self.app).fill(SEARCH_HINT if self._query.has_focus else HINT)

    def _end_search(self) -> None:
        if self._query.display:
            self._query.value = ""
            self._query.display = False
            self.focus()

    def _show(self) -> None:
        """Display the matches of the search, or the current page without a search."""
        query = self._query.value if self._query.display else ""
        self._tabs.update(Content("").join(self._tab(index, bool(query)) for index in range(len(self._pages))))
        self._text.show(matches(self._pages, query) if query.strip() else self._pages[self._number].sections)
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def _tab(self, index: int, searching: bool) -> Content:
        name = self._pages[index].name
        if index == self._number and not searching:
            return Content.styled(f"[{name}]", "bold $foreground")
        return Content(f" {name} ").stylize(Style.from_meta({"@click": f"screen.open_help_page({index})"}))


class HelpText(WrappedText):
    """All rows as one text, wrapped to the width; one widget for each row would take half a second to mount."""

    DEFAULT_CSS = "HelpText { width: 1fr; height: auto; margin-right: 1; }"

    def __init__(self) -> None:
        super().__init__()
        self._sections: Sequence[HelpSection] = ()
        self._wrapped: tuple[int, list[Content]] = (0, [])

    def show(self, sections: Sequence[HelpSection]) -> None:
        """Display `sections`."""
        self._sections = sections
        self._wrapped = (0, [])
        self.refresh(layout=True)

    def rows(self, width: int) -> list[Content]:
        """Return the rows, wrapped again only if the width has changed."""
        if self._wrapped[0] != width:
            self._wrapped = width, list(rows_of(self._sections, width)) or [Content.styled(NOTHING, "$text-muted")]
        return self._wrapped[1]
