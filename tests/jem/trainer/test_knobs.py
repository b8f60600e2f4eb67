"""The settings that a training run offers to adjust."""

from __future__ import annotations

import pytest

from jem_tui.events.commands import Adjust
from jem_tui.events.run import Note, RunStarted
from jem_tui.jem.learner.overrides import ADJUSTMENTS
from tests.jem.runs import opener, small_config


@pytest.mark.parametrize(
    ("words", "names"),
    [([], set(ADJUSTMENTS)), (["sgld.steps=0"], {"optimizer.rate"})],
    ids=["with chains", "without chains"],
)
def test_a_run_states_the_settings_that_can_be_adjusted_with_their_values(tmp_path, words, names):
    trainer = opener(small_config(*words, preset="classifier" if words else "fast"), tmp_path / "run", False)(print)
    started = next(event for event in trainer.events() if isinstance(event, RunStarted))
    assert set(started.knobs) == names
    assert started.knobs == {name: trainer.learner.adjustable_value(name, 0) for name in names}


def test_an_unknown_setting_is_refused_with_a_note(tmp_path):
    trainer = opener(small_config(), tmp_path / "run", False)(print)
    (note,) = trainer.apply(Adjust(name="rate of interest", increments=1))
    assert isinstance(note, Note)
    assert (note.kind, note.text) == ("warning", "rate of interest is unchanged: this run has no such setting")
