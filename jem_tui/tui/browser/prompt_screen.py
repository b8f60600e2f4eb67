"""Dialogs of the browser: lines of text to enter, and a choice between a few actions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from jem_tui.errors import InputError
from jem_tui.tui.exiting.quit_screen import Choices
from jem_tui.tui.preferences.theme import MUTED
from jem_tui.tui.supervision.steady_screen import SteadyScreen

Field = tuple[str, str]
"""Label and value of a line."""
Apply = Callable[[Sequence[str]], None]
"""A function that carries out what was entered. Raises InputError, whose sentence the dialog displays."""
Choice = tuple[str, str, str]
"""Key, name and effect of an action."""


class PromptScreen(SteadyScreen, ModalScreen[bool]):
    """A dialog with one line or several; it closes once `apply` accepts the text, or without a change."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(False)", "Cancel", id="prompt-cancel", tooltip="Close without a change."),
        Binding("down", "app.focus_next", "Next line", id="prompt-next", tooltip="Move to the next line.", show=False),
        Binding("up", "app.focus_previous", "Previous line", id="prompt-previous", tooltip="Move back.", show=False),
    ]

    def __init__(self, title: str, text: str, fields: Sequence[Field], action: str, apply: Apply) -> None:
        """Prepare a dialog. `text` explains it, and `action` names in a word what enter does."""
        super().__init__()
        self._title, self._text, self._fields, self._action, self._apply = title, text, fields, action, apply

    def compose(self) -> ComposeResult:
        with Vertical(id="prompt", classes="dialog"):
            if self._text:
                yield Static(self._text, classes="prompt-text", markup=False)
            for label, value in self._fields:
                if label:
                    yield Static(label, classes="dialog-label", markup=False)
                yield Input(value, compact=True)
            yield Static("", id="prompt-error", markup=False)

    def on_mount(self) -> None:
        panel = self.query_one("#prompt")
        panel.border_title, panel.border_subtitle = self._title, f"enter: {self._action} · esc: cancel"
        self.query(Input).first().focus()

    def on_input_changed(self) -> None:
        self.query_one("#prompt-error", Static).update("")

    def on_input_submitted(self) -> None:
        try:
            self._apply([each.value for each in self.query(Input)])
        except InputError as error:
            self.query_one("#prompt-error", Static).update(str(error))
        else:
            self.dismiss(True)


class ChoiceScreen(SteadyScreen, ModalScreen[str]):
    """A dialog whose result is the key of the chosen action; the empty text if it is cancelled."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss('')", "Cancel", id="choice-cancel", tooltip="Close without a change."),
    ]

    def __init__(self, title: str, text: str, choices: Sequence[Choice]) -> None:
        super().__init__()
        self._title, self._text, self._choices = title, text, choices

    def compose(self) -> ComposeResult:
        rows = [Option(_line(*choice), id=choice[0]) for choice in self._choices]
        with Vertical(id="choice", classes="dialog"):
            yield Static(self._text, classes="prompt-text", markup=False)
            yield Choices(*rows, Option(_line("esc", "Cancel", "Change nothing."), id="esc"))

    def on_mount(self) -> None:
        self.query_one("#choice").border_title = self._title
        choices = self.query_one(OptionList)
        choices.highlighted = len(self._choices)
        choices.focus()

    def on_key(self, event: events.Key) -> None:
        if event.character in {key for key, *_ in self._choices}:
            event.stop()
            self.dismiss(event.character)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss("" if event.option_id in (None, "esc") else event.option_id)


def _line(key: str, name: str, effect: str) -> Content:
    return Content.assemble((f"{key:>3}", "bold $text-accent"), f"  {name:<17}", (effect, MUTED))
