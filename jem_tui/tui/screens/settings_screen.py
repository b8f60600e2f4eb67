"""The dialog of the settings of a run: those that can be adjusted with their current values, then all settings of its start."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from jem_tui.events.commands import Adjust
from jem_tui.minus_sign import minus_signs
from jem_tui.tui.exiting.quit_screen import Choices
from jem_tui.tui.keys import bindings_of, export_bindings
from jem_tui.tui.keys.remap import keyboard_of
from jem_tui.tui.preferences.theme import FAINT, MUTED
from jem_tui.tui.state import text_formats
from jem_tui.tui.state.refused_keys import why_unchangeable
from jem_tui.tui.state.session import Session
from jem_tui.tui.supervision.steady_screen import SteadyScreen
from jem_tui.watched_settings import loop_settings

if TYPE_CHECKING:
    from jem_tui.tui.state.copied_text import Copied

REFRESH_SECONDS = 0.125
CHANGES = "{choice-up}{choice-down} choose · {settings-less}{settings-more} adjust · "
"""Keys of settings that can be adjusted."""
NAME_WIDTH, VALUE_WIDTH = 34, 12
"""Columns of a name and of a value."""
MOST_ROWS = 400
"""Maximum number of settings of the start that are displayed."""


class SettingsScreen(SteadyScreen, ModalScreen[None]):
    """A dialog in which settings are chosen with the arrow keys and changed in increments while the run continues."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("settings"), *export_bindings()]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._drawn: Hashable = None
        self._names: list[str] = []
        """Names of the settings that can be adjusted, by row."""
        self._able: bool | None = None
        """True if the settings can be changed now; None before the first drawing."""

    def compose(self) -> ComposeResult:
        with Vertical(id="settings", classes="dialog"):
            yield Choices()
            with VerticalScroll():
                yield Static("at the start", classes="dialog-label")
                yield Static(id="settings-start", markup=False)

    def on_mount(self) -> None:
        self.query_one("#settings").border_title = "settings of the run"
        run = self._session.state.run
        rows = list(setting_rows(loop_settings(run.info.config))) if run is not None else []
        self.query_one("#settings-start", Static).update(Content("\n").join(rows))
        self.query_one(VerticalScroll).display = bool(rows)
        self._draw()
        self.set_interval(REFRESH_SECONDS, self._draw)

    def copied(self) -> Copied | None:
        """Return the settings with all digits: those that can be adjusted with their current values, then those at the start."""
        from jem_tui.tui.state.copied_text import copied_table

        run = self._session.state.run
        if run is None:
            return None
        now = ((name, f"{value:.9g}", "now") for name, value in run.knobs.items())
        at_the_start = ((name, value, "at the start") for name, value in _flat(loop_settings(run.info.config), ""))
        return copied_table("the settings", [("setting", "value", "when"), *now, *at_the_start])

    def action_adjust(self, increments: int) -> None:
        """Change the chosen setting by some increments, or state why that is impossible now."""
        reason, row = why_unchangeable(self._session), self.query_one(Choices).highlighted
        if reason:
            self.notify(f"{reason[:1].upper()}{reason[1:]}.", markup=False)
            return
        if row is None or row >= len(self._names):
            return
        command = Adjust(name=self._names[row], increments=increments)
        if self._session.accepts(command):
            self._session.send(command)
            self._draw()

    def _draw(self) -> None:
        """Draw the values and pending changes if they differ from what is displayed."""
        run, pending, reason = self._session.state.run, self._session.pending, why_unchangeable(self._session)
        knobs = dict(run.knobs) if run is not None else {}
        stamp = (reason, *((name, value, pending.increments(name)) for name, value in knobs.items()))
        if stamp == self._drawn:
            return
        self._drawn = stamp
        rows = [knob_row(name, value, pending.increments(name)) for name, value in knobs.items()]
        choices = self.query_one(Choices)
        choices.display = bool(knobs)
        if list(knobs) != self._names:
            self._names = list(knobs)
            choices.set_options(Option(row) for row in rows)
        else:
            for index, row in enumerate(rows):
                choices.replace_option_prompt_at_index(index, row)
        self._offer_changes(not reason and bool(knobs))
        keys = f"{reason} · " if reason else CHANGES if knobs else ""
        self.query_one("#settings").border_subtitle = keyboard_of(self.app).fill(f"{keys}{{settings-close}} close")

    def _offer_changes(self, able: bool) -> None:
        """Highlight a setting, and let the list have the focus, only while settings can be changed."""
        choices = self.query_one(Choices)
        choices.highlighted = (choices.highlighted or 0) if able else None
        if able is not self._able:
            self._able, choices.disabled = able, not able
            self.set_focus(choices if able else self.query_one(VerticalScroll))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()


def knob_row(name: str, value: float, increments: int) -> Content:
    """Return the row of a setting that can be adjusted, with the increments that have not been answered."""
    waiting = minus_signs(f"  {increments:+d} …") if increments else ""
    shown = minus_signs(f"{value:.4g}").rjust(VALUE_WIDTH)
    return Content.assemble(_fitted(name), (shown, "bold"), (waiting, "$text-warning"))


def setting_rows(settings: Mapping[str, Any], prefix: str = "") -> Iterator[Content]:
    """Yield a row for each setting, nested ones under dotted names, at most `MOST_ROWS`."""
    for number, (name, value) in enumerate(_flat(settings, prefix)):
        if number == MOST_ROWS:
            yield Content.styled("…", FAINT)
            return
        yield Content.assemble((_fitted(name), MUTED), "  ", text_formats.shorten(_text(value), 200))


def _flat(settings: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in settings.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else minus_signs(f"{value:.6g}" if isinstance(value, float) else str(value))


def _fitted(name: str) -> str:
    short = text_formats.shorten(name, NAME_WIDTH)
    return short + " " * (NAME_WIDTH - cell_len(short))
