"""Dialogs of the browser: lines of text to enter, and a choice between a few actions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from jem_tui.tui.browser.file_work import work_on_files
from jem_tui.tui.exiting.quit_screen import Choices, choice_row
from jem_tui.tui.keys import bindings_of
from jem_tui.tui.keys.remap import keyboard_of
from jem_tui.tui.supervision.steady_screen import SteadyScreen

Field = tuple[str, str]
"""Label and value of a line."""
Apply = Callable[[Sequence[str]], Any]
"""A function that carries out what was entered, on a thread. Raises InputError, whose sentence the dialog displays."""
Done = Callable[[Any], None]
"""A function that receives the result of `Apply` on the event loop."""
Choice = tuple[str, str, str, str]
"""Result, name of the key, name and effect of an action."""
CANCEL: Choice = ("", "deletion-cancel", "Cancel", "Change nothing.")


class PromptScreen(SteadyScreen, ModalScreen[bool]):
    """A dialog with one line or several; it closes once `apply` accepts the text, or without a change."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("fields")]

    def __init__(
        self,
        title: str,
        text: str,
        fields: Sequence[Field],
        action: str,
        apply: Apply,
        done: Done = lambda result: None,
    ) -> None:
        """Prepare a dialog. `text` explains it, and `action` names in a word what enter does."""
        super().__init__()
        self._title, self._text, self._fields, self._action = title, text, fields, action
        self._apply, self._done = apply, done
        self._working = False
        """True once the entered text is applied, until a refusal; the dialog can then neither be closed nor applied again."""
        self._applied = False
        """True once the entered text has been applied."""

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
        self.query_one("#prompt").border_title = self._title
        self._offer()
        self.query(Input).first().focus()

    def _offer(self) -> None:
        """State what the keys of the dialog do now."""
        keys = f"{self._action} …" if self._working else f"enter {self._action} · {{fields-cancel}} cancel"
        self.query_one("#prompt").border_subtitle = keyboard_of(self.app).fill(keys)

    def action_cancel(self) -> None:
        """Close the dialog without a change."""
        if not self._working:
            self.dismiss(False)

    def on_input_changed(self) -> None:
        self.query_one("#prompt-error", Static).update("")

    def on_input_submitted(self) -> None:
        if not self._working:
            self._working = True
            self._offer()
            work = partial(self._apply, [each.value for each in self.query(Input)])
            work_on_files(self.app, work, self._finish, self._refuse)

    def on_screen_resume(self) -> None:
        # a palette can cover the dialog while the text is applied
        if self._applied:
            self.dismiss(True)

    def _finish(self, result: Any) -> None:
        self._applied = True
        self._done(result)
        self.dismiss(True)

    def _refuse(self, sentence: str) -> None:
        self._working = False
        if self.is_attached:
            self._offer()
            self.query_one("#prompt-error", Static).update(sentence)


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
