"""The dialog that asks whether to save before quitting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from jem_tui.tui.keys import bindings_of
from jem_tui.tui.keys.remap import keyboard_of
from jem_tui.tui.preferences.theme import MUTED
from jem_tui.tui.supervision.steady_screen import SteadyScreen

QuitChoice = Literal["save", "now", "detach", "cancel"]
Choice = tuple[QuitChoice, str, str, str]
"""A choice with the name of its key, its own name and its effect."""
OF_SCRIPT: tuple[Choice, ...] = (
    ("save", "quit-save", "Stop and save", "saves, then ends"),
    ("now", "quit-now", "Quit without saving", "interrupts the script"),
    ("cancel", "quit-cancel", "Keep running", ""),
)
"""Choices for a script that this process has started."""
OF_VIEWER: tuple[Choice, ...] = (
    ("detach", "quit-detach", "Detach", "the run continues"),
    ("save", "quit-save", "Stop and save", "saves and ends the run"),
    ("cancel", "quit-cancel", "Stay attached", ""),
)
"""Choices for a run of another process."""
NAME = 20
"""Columns of the name of a choice."""


def choices_of_owner(step: int, saved: int | None) -> tuple[Choice, ...]:
    """Return the choices for a run of this process at `step`, whose newest checkpoint is of the step `saved`."""
    if saved is None:
        loss = f"loses all {step:,} steps" if step else "nothing is lost"
    else:
        loss = f"loses steps since {saved:,}" if step > saved else f"step {saved:,} is saved"
    return (
        ("save", "quit-save", "Stop and save", "saves a checkpoint"),
        ("now", "quit-now", "Quit without saving", loss),
        ("cancel", "quit-cancel", "Keep training", ""),
    )


class Choices(OptionList, inherit_bindings=False):
    """The list of choices."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("choices")]


class QuitScreen(SteadyScreen, ModalScreen[QuitChoice]):
    """A dialog with three choices: stop and save, quit without saving or detach, stay."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("quit")]

    def __init__(self, title: str, choices: Sequence[Choice]) -> None:
        super().__init__()
        self._title = title
        self._choices = choices

    def compose(self) -> ComposeResult:
        with Vertical(id="quit", classes="dialog"):
            keys = keyboard_of(self.app).by_name
            yield Choices(
                *[Option(choice_row(keys[key], name, effect), id=choice) for choice, key, name, effect in self._choices]
            )

    def on_mount(self) -> None:
        self.query_one("#quit").border_title = self._title

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.action_choose(event.option_id or "cancel")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether an action belongs to one of the choices; keys of other choices do nothing."""
        return action != "choose" or parameters[0] in {known for known, *_ in self._choices}

    def action_move(self, direction: str) -> None:
        """Highlight the choice above or below."""
        choices = self.query_one(OptionList)
        (choices.action_cursor_up if direction == "up" else choices.action_cursor_down)()

    def action_choose(self, choice: str) -> None:
        """Close the dialog with a choice."""
        self.dismiss(next((known for known, *_ in self._choices if known == choice), "cancel"))


def choice_row(key: str, name: str, effect: str) -> Content:
    """Return the row of a choice: its key, its name and its effect."""
    return Content.assemble((f"{key:>3}", "bold $text-accent"), f"  {name:<{NAME}}", (effect, MUTED))
