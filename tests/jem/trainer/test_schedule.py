"""The schedule of the learning rate, which ends where the run ends."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jem_tui.config.optimizer import OptimizerConfig
from jem_tui.events.run import StepDone
from jem_tui.jem.learner.schedule import rate_at
from tests.jem.runs import run, small_config

DECAYS = ("linear", "cosine", "cooldown")
PLAIN = OptimizerConfig(rate=1.0, warmup=0)


def rates_of(events: list[object]) -> list[float]:
    return [event.metrics["optimizer/rate"] for event in events if isinstance(event, StepDone)]


@pytest.mark.parametrize("decay", DECAYS)
def test_a_run_of_a_few_steps_ends_at_a_rate_of_almost_zero(decay, tmp_path):
    words = ("optimizer.rate=1", "optimizer.warmup=0", "objective.hinge=1", "stability.on_divergence=ignore")
    rates = rates_of(run(small_config(*words, f"optimizer.decay={decay}", max_steps=20), tmp_path))
    assert rates[0] == pytest.approx(1, abs=1e-6)
    assert rates[-1] <= 1 / (0.3 * 20) + 1e-6
    assert rates == sorted(rates, reverse=True)


@pytest.mark.parametrize("bound", ["epochs", "steps"])
def test_the_last_step_has_the_last_part_of_the_schedule(bound, tmp_path):
    words = ("train.batch_size=1600", "buffer.size=1600", "sgld.steps=0", "data.validation=0.5")
    words = (*words, "optimizer.warmup=0", "optimizer.decay=linear")
    epochs, steps = (2, 0) if bound == "epochs" else (100, 6)
    rates = rates_of(run(small_config(*words, f"train.epochs={epochs}", max_steps=steps), tmp_path))
    assert rates == pytest.approx([1.5e-3 * (1 - step / 6) for step in range(6)])


def test_cooldown_keeps_the_rate_until_the_last_share_of_the_run():
    rates = [rate_at(step, step / 100, replace(PLAIN, decay="cooldown")) for step in range(101)]
    assert rates[:71] == pytest.approx([1] * 71)
    assert rates[71:] == pytest.approx([(100 - step) / 30 for step in range(71, 101)])
    sooner = replace(PLAIN, decay="cooldown", cooldown=0.5)
    assert rate_at(75, 0.75, sooner) == pytest.approx(0.5)


@given(st.sampled_from(DECAYS), st.floats(0, 2), st.floats(0.01, 1), st.integers(0, 100), st.integers(0, 200))
def test_every_decay_falls_with_progress_to_zero(decay, progress, cooldown, warmup, step):
    config = replace(PLAIN, decay=decay, cooldown=cooldown, warmup=warmup)
    rate, later = rate_at(step, progress, config), rate_at(step, progress + 0.01, config)
    assert 0 <= later <= rate <= 1
    assert rate_at(step, 1.0, config) == 0
