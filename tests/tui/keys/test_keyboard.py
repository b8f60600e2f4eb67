"""Assigned keys, and the help that lists them."""

from __future__ import annotations

import inspect
import sys

import pytest
from textual.actions import parse

from jem_tui.events.commands import Adjust, Pause, Stop
from jem_tui.tui.app import JemApp
from jem_tui.tui.browser.browser_screen import BrowserFilter, BrowserScreen
from jem_tui.tui.browser.command_screen import CommandScreen
from jem_tui.tui.browser.comparison.compare_screen import CompareScreen
from jem_tui.tui.browser.prompt_screen import ChoiceScreen, PromptScreen
from jem_tui.tui.charts.charts_pane import ChartsPane
from jem_tui.tui.draw.draw_screen import DrawScreen
from jem_tui.tui.exiting.failure_screen import FailureScreen
from jem_tui.tui.exiting.quit_screen import Choices, QuitScreen
from jem_tui.tui.help.help_panel import HelpPanel
from jem_tui.tui.keys import COMMANDS, KEYS
from jem_tui.tui.keys.remap import remap_keys
from jem_tui.tui.keys.training_keys import describe_command
from jem_tui.tui.panes.console_pane import ConsoleOutput
from jem_tui.tui.panes.distributions_pane import DistributionsPane
from jem_tui.tui.panes.notes_pane import NoteList
from jem_tui.tui.panes.ranks_pane import RanksPane
from jem_tui.tui.panes.workspace import Workspace
from jem_tui.tui.preferences.preferences import Preferences
from jem_tui.tui.replay.run_list import RunList
from jem_tui.tui.replay.timeline_bar import TimelineBar
from jem_tui.tui.samples.samples_pane import SamplesPane
from jem_tui.tui.screens.run_screen import RunScreen
from jem_tui.tui.screens.settings_screen import SettingsScreen
from jem_tui.tui.screens.summary_screen import SummaryScreen
from jem_tui.tui.state.run_handle import RunHandle, driving
from jem_tui.tui.supervision.styled_app import MOST_WARNINGS
from tests.tui.sources import FakeSource, screen_rows, shows, text_of, until


def keys_of(name: str, wanted: dict[str, object]) -> str:
    return next(key.keys for key in remap_keys(KEYS, wanted).keys if key.id == name)


def test_every_id_is_there_once_and_no_key_is_taken_twice():
    assert len({key.id for key in KEYS}) == len(KEYS)
    assert remap_keys(KEYS, {key.id: key.keys for key in KEYS}).errors == ()


def test_keys_are_written_as_people_do():
    assert keys_of("pause", {"pause": "f6, f5"}) == "f6,f5"
    assert keys_of("help", {"help": "f5,!"}) == "f5,exclamation_mark"


def test_two_keys_can_change_places():
    board = remap_keys(KEYS, {"step": "s", "save": "n"})
    assert board.errors == ()
    assert board.changed == {"step": "s", "save": "n"}


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"puase": "x"}, ("puase", "Did you mean pause?")),
        ({"pause": "q"}, ("pause", "q is already the key of quit")),
        ({"pause": "f6", "step": "f6"}, ("f6 is already the key of",)),
        ({"quit-save": "enter"}, ("enter is already the key of choice-take",)),
        ({"choice-up": "x"}, ("x is already the key of",)),
        ({"choice-up": "Y"}, ("Y is already the key of copy",)),
        ({"pause": "ctrl+c"}, ("ctrl+c cannot be assigned",)),
        ({"pause": "hyper+z"}, ("is not a key", "f5")),
        ({"pause": 7}, ("in quotes",)),
        ({"pause": ""}, ("in quotes",)),
    ],
)
def test_an_invalid_assignment_is_reported_in_one_sentence(wanted, words):
    board = remap_keys(KEYS, wanted)
    assert len(board.errors) == 1
    assert all(word in board.errors[0] for word in words)
    assert "pause" not in board.changed or "step" not in board.changed


def test_a_rejected_assignment_frees_its_key():
    board = remap_keys(KEYS, {"step": "s", "save": "q"})
    assert board.changed == {}
    assert len(board.errors) == 2


async def test_a_remapped_key_works_and_is_shown_and_the_old_one_does_not():
    source = FakeSource()
    wanted = Preferences(sections={"keys": {"pause": "f6", "nonsense": "y"}})
    app = JemApp(RunHandle(driving(source.open, lambda event: None)), label="fake", preferences=wanted)
    async with app.run_test(size=(120, 35), notifications=True) as pilot:
        await until(pilot, lambda: "TRAINING" in text_of(app, "#header"))
        await until(pilot, lambda: shows(app, "there is no such action"))
        await until(pilot, lambda: "f6 pause" in screen_rows(app)[-1])
        await pilot.press("p")
        await pilot.pause()
        assert source.commands_of(Pause) == [] and "TRAINING" in text_of(app, "#header")
        await pilot.press("f6")
        await until(pilot, lambda: "PAUSED" in text_of(app, "#header"))
        await until(pilot, lambda: "f6 resume" in screen_rows(app)[-1])


async def test_many_invalid_assignments_are_reported_in_few_toasts():
    wanted = Preferences(sections={"keys": {f"k{row}": "x" for row in range(2_000)}})
    source = FakeSource()
    app = JemApp(RunHandle(driving(source.open, lambda event: None)), label="fake", preferences=wanted)
    async with app.run_test(size=(120, 35), notifications=True) as pilot:
        await until(pilot, lambda: shows(app, "further assignments are not applied"))
        assert len(app._notifications) == MOST_WARNINGS + 1
        assert f"{2_000 - MOST_WARNINGS:,} further" in list(app._notifications)[-1].message


ACTING = {
    "curves": ChartsPane,
    "samples": SamplesPane,
    "timeline": TimelineBar,
    "workspace": Workspace,
}
"""Widgets to which the run screen passes keys that always work, by the name of its action."""
FOCUSED = {
    "curves": ChartsPane,
    "samples": SamplesPane,
    "distributions": DistributionsPane,
    "notes": NoteList,
    "console": ConsoleOutput,
    "ranks": RanksPane,
    "runs": RunList,
    "tour": RunScreen,
    "draw": DrawScreen,
    "browser": BrowserScreen,
    "compare": CompareScreen,
    "summary": SummaryScreen,
    "help": HelpPanel,
    "settings": SettingsScreen,
    "quit": QuitScreen,
    "deletion": ChoiceScreen,
    "failure": FailureScreen,
    "output": CommandScreen,
    "fields": PromptScreen,
    "filter": BrowserFilter,
    "choices": Choices,
}
NOT_IN_THE_TABLE = {"interrupt", "suspend", *(f"draw-class-{digit}" for digit in range(10))}
"""Names of bindings that cannot be assigned: ctrl+c, ctrl+z and the digits of the draw screen."""


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.id)
def test_the_action_of_every_key_exists_and_takes_its_parameters(key):
    namespace, name, parameters = parse(key.textual_action)
    owner = JemApp if namespace == "app" else FOCUSED[key.focus] if key.focus else RunScreen
    if owner is RunScreen and name in ACTING:
        owner, (name, *parameters) = ACTING[name], parameters
    inspect.signature(getattr(owner, f"action_{name}")).bind(None, *parameters)


def test_every_binding_of_the_program_is_in_the_table():
    modules = [name for name in sys.modules if name.startswith("jem_tui.tui.")]
    classes = {value for name in modules for value in vars(sys.modules[name]).values() if isinstance(value, type)}
    own = [kind for kind in classes if kind.__module__.startswith("jem_tui.tui.") and "BINDINGS" in vars(kind)]
    assert {BrowserScreen, QuitScreen, HelpPanel, SamplesPane} <= set(own)
    names = {binding.id for kind in own for binding in kind.BINDINGS}
    assert names - NOT_IN_THE_TABLE <= {key.id for key in KEYS}


@pytest.mark.parametrize("key", [key for key in KEYS if not isinstance(key.action, str)], ids=lambda key: key.id)
def test_the_words_of_a_key_are_those_of_its_command(key):
    assert (key.label, key.tooltip) == describe_command(key.action)
    assert COMMANDS[key.id] is key.action


@pytest.mark.parametrize("command", [Stop(), Adjust(name="sgld.steps", increments=2)], ids=repr)
def test_a_command_without_a_key_has_no_words(command):
    with pytest.raises(ValueError, match="has no key"):
        describe_command(command)
