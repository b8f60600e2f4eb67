"""Inputs and outputs of recorded steps: everything that can change between two steps comes from the feed."""

from __future__ import annotations

from pathlib import Path

import pytest

from jem_tui.jem.learner.overrides import ADJUSTMENTS
from jem_tui.jem.stepping.device_stepper import DeviceStepper
from jem_tui.jem.stepping.fixed_shape_step import take_step
from tests.jem.stepping.test_fixed_shape_step import changed_state, learner_of, same, taken

LAUNCHED = 2
"""Steps that are launched before a setting is adjusted."""


class Launched:
    """A stepper on the CPU after its first steps, whose function `take_step` stands for a graph."""

    def __init__(self, folder: Path) -> None:
        self.learner = learner_of(folder, "train.read_every=1", "sgld.noise_scale=0.1")
        self.stepper = DeviceStepper(self.learner)
        for step in range(LAUNCHED):
            taken(self.stepper, step, LAUNCHED)

    def replay(self) -> dict[str, object]:
        """Take a step like a graph recorded before the adjustment, with the feed as it was filled for the last step."""
        self.stepper._feed.row.zero_()
        take_step(self.learner, self.stepper._feed, steps=2)
        return changed_state(self.learner)

    def next(self) -> dict[str, object]:
        """Take the next step, for which the stepper fills the feed."""
        taken(self.stepper, LAUNCHED, LAUNCHED + 1)
        return changed_state(self.learner)


@pytest.mark.parametrize("increments", [-1, 1])
@pytest.mark.parametrize("name", ADJUSTMENTS)
def test_an_adjusted_setting_reaches_a_recorded_step_through_the_feed_alone(tmp_path, name, increments):
    before, after = Launched(tmp_path / "before"), Launched(tmp_path / "after")
    assert same(changed_state(before.learner), changed_state(after.learner))
    after.learner.overrides.add(name, increments)
    assert same(before.replay(), after.replay()), f"take_step reads {name} from the learner, which a graph cannot see"
    assert not same(before.next(), after.next()), f"DeviceStepper does not put {name} into the feed"
