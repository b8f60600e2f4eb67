"""Inputs and outputs of recorded steps: everything that can change between two steps comes from the feed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from torch import Tensor

from jem_tui.jem.learner import step_metrics
from jem_tui.jem.learner.overrides import ADJUSTMENTS
from jem_tui.jem.learner.step_metrics import named_metrics
from jem_tui.jem.stepping import optimizer_step
from jem_tui.jem.stepping.device_stepper import DeviceStepper
from jem_tui.jem.stepping.optimizer_step import take_step
from tests.jem.runs import metrics, run
from tests.jem.stepping.steps import changed_state, fixed_config, learner_of, same, taken

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


@pytest.mark.parametrize("increments", [pytest.param(-1, marks=pytest.mark.slow), 1])
@pytest.mark.parametrize("name", ADJUSTMENTS)
def test_an_adjusted_setting_reaches_a_recorded_step_through_the_feed_alone(tmp_path, name, increments):
    before, after = Launched(tmp_path / "before"), Launched(tmp_path / "after")
    assert same(changed_state(before.learner), changed_state(after.learner))
    after.learner.overrides.add(name, increments)
    assert same(before.replay(), after.replay()), f"take_step reads {name} from the learner, which a graph cannot see"
    assert not same(before.next(), after.next()), f"DeviceStepper does not put {name} into the feed"


def test_steps_on_a_device_can_have_any_number_of_metrics(tmp_path, monkeypatch):
    def with_more(found: Mapping[str, Tensor], weight: Tensor, chains: Tensor | None) -> dict[str, Tensor]:
        return {**named_metrics(found, weight, chains), **{f"JEM/added_{i}": weight for i in range(40)}}

    for module in (step_metrics, optimizer_step):
        monkeypatch.setattr(module, "named_metrics", with_more)
    steps = metrics(run(fixed_config(max_steps=2), tmp_path))
    assert [sum(tag.startswith("JEM/added_") for tag in step) for step in steps] == [40, 40]
    assert all(step["JEM/added_39"] == step["JEM/added_0"] != 0 for step in steps)
