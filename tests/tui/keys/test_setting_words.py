"""Words for adjusted settings in notes."""

from __future__ import annotations

from typing import get_args

import pytest

from jem_tui.events.commands import Adjustable
from jem_tui.events.run import Adjusted
from jem_tui.tui.keys.setting_words import SETTING_WORDS, with_setting_words
from jem_tui.tui.state.run_view import RunView
from tests.tui.sources import run_started


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("sgld.steps 5 → 6", "K 5 → 6"),
        ("optimizer.rate 1e-05 → 1.25e-05", "learning rate 1e−05 → 1.25e−05"),
        ("changing optimizer.rate failed", "changing learning rate failed"),
        ("sgld.step_size is unchanged: it is 0", "step size is unchanged: it is 0"),
        ("the run diverged: use -s optimizer.rate=1e-4", "the run diverged: use -s optimizer.rate=1e-4"),
        ("optimizer.rates 1 → 2", "optimizer.rates 1 → 2"),
        ("own.knob -1 → 2", "own.knob -1 → 2"),
    ],
)
def test_only_the_setting_of_a_note_is_written_in_words(text, shown):
    assert with_setting_words(text) == shown


def test_every_setting_that_keys_adjust_has_words():
    assert set(SETTING_WORDS) == set(get_args(Adjustable))


def test_a_run_displays_an_adjustment_with_the_words_of_the_key_and_keeps_its_knob_by_name():
    run = RunView(run_started())
    run.add_adjustment(Adjusted(step=1, images=64, time=1.0, name="sgld.step_size", old=0.4, new=0.5))
    assert run.notes[-1].text == "step size 0.4 → 0.5" and run.marks[-1].text == "step size 0.4 → 0.5"
    assert run.knobs == {"sgld.step_size": 0.5}
