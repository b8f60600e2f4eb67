"""Dialogs of the browser: lines of text to enter, and a choice between a few actions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from jem_tui.errors import InputError
from jem_tui.tui.exiting.quit_screen import Choices, choice_row
from jem_tui.tui.keys import bindings_of
from jem_tui.tui.keys.remap import keyboard_of
from jem_tui.tui.supervision.steady_screen import SteadyScreen

Field = tuple[str, str]
"""Label and value of a line."""
Apply = Callable[[Sequence[str]], None]
"""A function that carries out what was entered. Raises InputError, whose sentence the dialog displays."""
Choice = tuple[str, str, str, str]
"""Result, name of the key, name and effect of an action."""
CANCEL: Choice = ("", "deletion-cancel", "Cancel", "Change nothing.")


class PromptScreen(SteadyScreen, ModalScreen[bool]):
    """A dialog with one line or several; it closes once `apply` accepts the text, or without a change."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("fields")]

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
        panel.border_title = self._title
        panel.border_subtitle = keyboard_of(self.app).fill(f"enter {self._action} · {{fields-cancel}} cancel")
        self.query(Input).first().focus()

    def action_cancel(self) -> None:
        """Close the dialog without a change."""
        self.dismiss(False)

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
    """A dialog whose result is that of the chosen action; the empty text if it is cancelled."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("deletion")]

    def __init__(self, title: str, text: str, choices: Sequence[Choice]) -> None:
        super().__init__()
        self._title, self._text, self._choices = title, text, [*choices, CANCEL]

    def compose(self) -> ComposeResult:
        keys = keyboard_of(self.app).by_name
        rows = [Option(choice_row(keys[key], name, effect)) for _, key, name, effect in self._choices]
        with Vertical(id="choice", classes="dialog"):
            yield Static(self._text, classes="prompt-text", markup=False)
            yield Choices(*rows)

    def on_mount(self) -> None:
        self.query_one("#choice").border_title = self._title
        choices = self.query_one(OptionList)
        choices.highlighted = len(self._choices) - 1
        choices.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._choices[event.option_index][0])

    def action_choose(self, result: str) -> None:
        """Close the dialog with the result of one of its actions."""
        if result in {known for known, *_ in self._choices}:
            self.dismiss(result)
