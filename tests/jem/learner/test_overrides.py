"""Commands that change settings and chains during a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch

from jem_tui.events.commands import Adjust, Adjustable, Command, EvaluateNow, Reseed, RollBack, SampleNow, SaveNow
from jem_tui.events.run import Adjusted, Assessed, Energies, Evaluated, Note, Rewound, Samples, StepDone
from jem_tui.jem.learner.overrides import ADJUSTMENTS, Overrides
from jem_tui.jem.sampling.sgld import SgldScalars
from jem_tui.jem.trainer.trainer import Trainer
from tests.jem.runs import opener, small_config

INCREMENT_FACTOR, MOST_INCREMENTS = 1.25, 16
"""Factor on a rate or a step size for one increment, and the largest number of increments."""


def trainer_of(tmp_path: Path, *words: str, resume: bool = False, **options: Any) -> Trainer:
    return opener(small_config(*words, **options), tmp_path / "run", resume)(lambda text, fraction=None: None)


def advance(trainer: Trainer, steps: int) -> list[object]:
    """Return the events of the next `steps` optimizer steps."""
    emitted, events, done = [], trainer.events(), 0
    while done < steps:
        emitted.append(next(events))
        done += isinstance(emitted[-1], StepDone)
    events.close()
    return emitted


def after(trainer: Trainer, *commands: Command) -> list[object]:
    return [event for command in commands for event in trainer.apply(command)]


def samples(trainer: Trainer) -> Samples:
    (found,) = trainer.apply(SampleNow())
    return found


def test_chosen_chains_restart_and_no_others(tmp_path):
    trainer = trainer_of(tmp_path)
    advance(trainer, 20)
    before = samples(trainer)
    note, view = after(trainer, Reseed(chains=(2, 5, 2, 99)))
    assert note.text == "restarted 2 chains: number 3, 6"
    assert note.kind == "reseed"
    changed = [i for i in range(9) if not np.array_equal(view.tiles[i], before.tiles[i])]
    assert changed == [2, 5]
    assert (view.reseeds - before.reseeds).tolist() == [0, 0, 1, 0, 0, 1, 0, 0, 0]
    assert view.age[[2, 5]].tolist() == [0, 0]


def test_the_worst_chains_are_those_of_the_highest_energy(tmp_path):
    from jem_tui.jem.model.inference import logits_in_chunks
    from jem_tui.jem.model.networks import energy

    trainer = trainer_of(tmp_path)
    advance(trainer, 10)
    buffer = trainer.learner.buffer
    energies = energy(logits_in_chunks(trainer.learner.network, buffer.x))
    worst = set(energies.argsort(descending=True)[:7].tolist())
    reseeds = buffer.reseeds.clone()
    note, _ = after(trainer, Reseed(worst=7))
    assert "7 chains" in note.text
    assert set((buffer.reseeds > reseeds).nonzero().squeeze(1).tolist()) == worst


@pytest.mark.parametrize(("fraction", "count"), [(0.25, 16), (1.0, 64), (0.001, 1)])
def test_a_fraction_of_the_buffer_restarts(tmp_path, fraction, count):
    trainer = trainer_of(tmp_path)
    after(trainer, Reseed(fraction=fraction))
    assert int((trainer.learner.buffer.reseeds > 0).sum()) == count


def test_without_a_choice_all_chains_restart_from_noise(tmp_path):
    trainer = trainer_of(tmp_path)
    note, _ = after(trainer, Reseed())
    assert note.text == "restarted all 64 chains from uniform noise"
    assert bool((trainer.learner.buffer.reseeds == 1).all())


def test_chains_that_a_user_restarts_cause_no_divergence(tmp_path):
    trainer = trainer_of(tmp_path)
    after(trainer, Reseed(fraction=0.5))
    assert trainer.state_dict()["recovery"]["watchdog"]["excused"] == 0
    after(trainer, Reseed())
    assert trainer.state_dict()["recovery"]["watchdog"]["excused"] > 0


def read_rate(event: StepDone) -> float:
    return event.metrics["optimizer/rate"]


def read_steps(event: StepDone) -> float:
    return event.metrics["sgld/steps"]


@pytest.mark.parametrize(
    ("command", "read", "change"),
    [
        (Adjust(name="optimizer.rate", increments=1), read_rate, lambda old: old * INCREMENT_FACTOR),
        (Adjust(name="optimizer.rate", increments=-2), read_rate, lambda old: old / INCREMENT_FACTOR**2),
        (Adjust(name="sgld.steps", increments=3), read_steps, lambda old: old + 3),
        (Adjust(name="sgld.steps", increments=-9), read_steps, lambda old: 1),
    ],
)
def test_overrides_act_from_the_next_step(
    tmp_path, command: Adjust, read: Callable[[StepDone], float], change: Callable[[float], float]
):
    changed, plain = trainer_of(tmp_path / "a"), trainer_of(tmp_path / "b")
    advance(changed, 5), advance(plain, 5)
    (emitted,) = after(changed, command)
    assert isinstance(emitted, Adjusted)
    step, unchanged = (next(e for e in advance(t, 1) if isinstance(e, StepDone)) for t in (changed, plain))
    assert read(step) == pytest.approx(change(read(unchanged)), rel=1e-6)
    assert emitted.new == pytest.approx(read(step), rel=1e-6)
    assert emitted.old == pytest.approx(read(unchanged), rel=1e-6)


def test_the_step_size_changes_where_chains_go(tmp_path):
    changed, plain = trainer_of(tmp_path / "a"), trainer_of(tmp_path / "b")
    (emitted,) = after(changed, Adjust(name="sgld.step_size", increments=4))
    assert emitted.new == pytest.approx(emitted.old * INCREMENT_FACTOR**4)
    advance(changed, 3), advance(plain, 3)
    assert not np.array_equal(samples(changed).tiles, samples(plain).tiles)


def test_an_override_stops_at_the_end_of_its_range(tmp_path):
    trainer = trainer_of(tmp_path)
    (emitted,) = after(trainer, Adjust(name="optimizer.rate", increments=100))
    assert emitted.new == pytest.approx(emitted.old * INCREMENT_FACTOR**MOST_INCREMENTS)
    (note,) = after(trainer, Adjust(name="optimizer.rate", increments=1))
    assert isinstance(note, Note)
    assert "limit of its range" in note.text


def test_a_classifier_refuses_adjustments_of_the_sampler(tmp_path):
    trainer = trainer_of(tmp_path, "sgld.steps=0", preset="classifier")
    (note,) = after(trainer, Adjust(name="sgld.step_size", increments=1))
    assert note.kind == "warning"


def test_every_adjustable_setting_has_an_adjustment_and_a_name_in_checkpoints():
    assert set(ADJUSTMENTS) == set(get_args(Adjustable))
    assert len({adjustment.saved_as for adjustment in ADJUSTMENTS.values()}) == len(ADJUSTMENTS)


def test_every_unscheduled_setting_is_a_scalar_of_sgld():
    settings = {name for name, adjustment in ADJUSTMENTS.items() if not adjustment.scheduled}
    assert settings <= {f"sgld.{field.name}" for field in fields(SgldScalars)}


def test_checkpoints_name_the_overrides_as_ever():
    overrides = Overrides()
    overrides.add("optimizer.rate", -3)
    overrides.add("sgld.steps", 2)
    written = {"rate": -3, "step_size": 0, "steps": 2}
    assert written.items() <= overrides.state_dict().items()
    read = Overrides()
    read.load_state_dict(written)
    assert read == overrides


@pytest.mark.parametrize("name", ADJUSTMENTS)
def test_every_adjustment_changes_its_setting_both_ways_and_is_exact_without_increments(tmp_path, name):
    learner = trainer_of(tmp_path).learner
    configured = learner.adjustable_value(name, 10)
    learner.overrides.add(name, 1)
    assert learner.adjustable_value(name, 10) > configured
    learner.overrides.add(name, -2)
    assert learner.adjustable_value(name, 10) < configured
    learner.overrides.add(name, 1)
    assert learner.adjustable_value(name, 10) == configured


def test_overrides_survive_a_checkpoint(tmp_path):
    trainer = trainer_of(tmp_path)
    advance(trainer, 5)
    after(trainer, Adjust(name="sgld.steps", increments=2), Adjust(name="optimizer.rate", increments=-3), SaveNow())
    resumed = trainer_of(tmp_path, resume=True)
    assert resumed.learner.overrides == trainer.learner.overrides
    assert resumed.learner.sgld_steps(5) == trainer.learner.sgld_steps(5) == 4


def test_a_requested_evaluation_emits_the_events_of_a_scheduled_one(tmp_path):
    trainer = trainer_of(tmp_path)
    advance(trainer, 3)
    kinds = [type(event) for event in after(trainer, EvaluateNow())]
    assert kinds == [Energies, Evaluated, Assessed]
    energies = next(e for e in after(trainer, EvaluateNow()) if isinstance(e, Energies))
    assert energies.train.sum() == 1000
    assert energies.samples.sum() == 64


def test_an_assessment_is_a_diagram_and_an_auroc_for_each_set(tmp_path):
    trainer = trainer_of(tmp_path)
    (emitted,) = (e for e in after(trainer, EvaluateNow()) if isinstance(e, Assessed))
    assert sum(emitted.share) == pytest.approx(1)
    assert len(emitted.share) == len(emitted.accuracy) == len(emitted.confidence) == 16
    assert list(emitted.auroc) == ["uniform noise", "constant", "inverted", "shuffled 4×4", "mean of two", "letters"]
    assert all(0 <= value <= 1 for value in emitted.auroc.values())


def test_a_requested_rollback_continues_from_the_checkpoint_with_other_random_numbers(tmp_path):
    trainer = trainer_of(tmp_path)
    advance(trainer, 6)
    after(trainer, SaveNow())
    weights = [p.clone() for p in trainer.learner.network.parameters()]
    first = advance(trainer, 5)
    rewound, view = after(trainer, RollBack())
    assert isinstance(rewound, Rewound)
    assert (rewound.from_step, rewound.step, rewound.attempt) == (11, 6, 0)
    assert isinstance(view, Samples)
    assert all(torch.equal(a, b) for a, b in zip(weights, trainer.learner.network.parameters(), strict=True))
    second = advance(trainer, 5)
    assert trainer.step == 11
    assert _losses(first) != _losses(second)


def _losses(events: Iterable[object]) -> list[float]:
    return [event.metrics["JEM/total"] for event in events if isinstance(event, StepDone)]


def test_a_rollback_without_a_checkpoint_gives_a_warning(tmp_path):
    trainer = trainer_of(tmp_path)
    advance(trainer, 2)
    (note,) = after(trainer, RollBack())
    assert (note.kind, note.text) == ("warning", "there is no checkpoint to roll back to; save one first")
    assert trainer.step == 2
