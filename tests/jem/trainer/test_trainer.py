"""Numbers of a run, which depend on settings and seed alone, not on pauses, single steps, resumptions or observers."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from jem_tui.events.commands import Advance, Pause, Reseed, Resume, SampleNow
from jem_tui.events.run import ACCURACY, NRG, TOTAL, XE, Diverged, Evaluated, Note, Paused, Samples, StepDone, Stopped
from tests.jem.runs import emitted, metrics, opener, run, small_config


def test_a_run_emits_its_events_in_order(straight):
    kinds = [type(e).__name__ for e in straight if type(e).__name__ not in ("Loading", "StepDone", "Sampling")]
    assert kinds == [
        *("RunStarted", "Note", "RealImages", "Samples", "Samples", "Samples", "Energies", "Evaluated", "Assessed"),
        *("Samples", "Samples", "Energies", "Evaluated", "Assessed", "Evaluated", "Saving", "Note", "Stopped"),
    ]
    assert [e.step for e in straight if isinstance(e, StepDone)] == list(range(1, 21))
    assert [e.images for e in straight if isinstance(e, StepDone)] == list(range(16, 321, 16))
    assert straight[-1].reason == "finished"


def test_total_is_xe_plus_nrg_and_nrg_is_the_difference_of_the_energies(straight):
    for m in metrics(straight):
        assert m[TOTAL] == pytest.approx(m[XE] + m[NRG], abs=1e-5)
        assert m[NRG] == pytest.approx(m["JEM/energy_data"] - m["JEM/energy_samples"], abs=1e-5)
        assert 0 <= m[ACCURACY] <= 1
        assert all(value == float(np.float32(value)) for value in m.values())


def test_the_gradient_norm_at_the_chains_is_emitted(straight):
    pulls = [step["sgld/gradient"] for step in metrics(straight)]
    assert len(set(pulls)) == len(pulls) and min(pulls) > 0 and max(pulls) < 10


def test_the_same_seed_gives_the_same_run_and_another_seed_another(straight, tmp_path):
    assert emitted(run(small_config(), tmp_path)) == emitted(straight)
    assert metrics(run(small_config("train.seed=5"), tmp_path))[0] != metrics(straight)[0]


def test_pausing_changes_nothing(straight, tmp_path):
    def pause_often(event, queue):
        if isinstance(event, StepDone) and event.step % 3 == 0:
            queue.put(Pause())
        if isinstance(event, Paused):
            queue.put(SampleNow())
            threading.Timer(0.01, queue.put, [Resume()]).start()

    events = run(small_config(), tmp_path, react=pause_often)
    assert sum(isinstance(e, Paused) for e in events) == 6
    assert emitted(events) == emitted(straight)


def test_stepping_changes_nothing(straight, tmp_path):
    def advance(event, queue):
        if isinstance(event, StepDone):
            queue.put(Advance(steps=2 if event.step % 4 else 1))

    assert emitted(run(small_config(), tmp_path, commands=[Advance()], react=advance)) == emitted(straight)


def test_reseeding_restarts_every_chain_and_emits_samples(tmp_path):
    events = run(small_config(max_steps=3), tmp_path, commands=[Reseed()])
    note = next(e for e in events if isinstance(e, Note) and e.kind == "reseed")
    picture = events[events.index(note) + 1]
    assert isinstance(picture, Samples)
    assert picture.requested
    assert picture.reseeds.tolist() == [1] * 9
    assert picture.age.tolist() == [0] * 9


def test_samples_are_read_only_copies(straight):
    samples = next(e for e in straight if isinstance(e, Samples))
    assert samples.tiles.shape == (9, 28, 28, 1)
    assert samples.tiles.dtype == np.uint8
    for array in (samples.tiles, samples.energy, samples.age, samples.predicted, samples.confidence, samples.reseeds):
        assert not array.flags.writeable
        assert array.flags.owndata or array.base is None or not array.base.flags.writeable
    assert samples.confidence.min() >= 0.1


def test_events_are_never_yielded_inside_a_torch_context(tmp_path):
    states = []
    run(
        small_config(max_steps=10),
        tmp_path,
        react=lambda e, q: states.append((torch.is_grad_enabled(), torch.is_inference_mode_enabled())),
    )
    assert set(states) == {(True, False)}


def test_pretraining_is_a_classifier_without_chains(tmp_path):
    config = small_config("train.pretrain_epochs=1", "train.epochs=1", max_steps=5)
    first = metrics(run(config, tmp_path))[0]
    assert first["sgld/steps"] == 0
    assert first[NRG] == 0
    assert first[TOTAL] == first[XE]
    assert "JEM/energy_samples" not in first and "sgld/gradient" not in first


def test_chains_start_after_pretraining_and_grow_with_the_epochs(tmp_path):
    config = small_config(
        *(
            "train.pretrain_epochs=1",
            "train.epochs=3",
            "data.validation=0.5",
            "sgld.steps_growth=2",
            "sgld.max_steps=5",
        ),
        *("train.batch_size=1600", "buffer.size=1600", "network.name=toy"),
        max_steps=0,
    )
    events = run(config, tmp_path)
    steps = [e.metrics["sgld/steps"] for e in events if isinstance(e, StepDone)]
    epochs = [e.epoch for e in events if isinstance(e, StepDone)]
    assert steps == [0] * 3 + [2] * 3 + [4] * 3 + [5] * 3
    assert epochs == [0] * 3 + [1] * 3 + [2] * 3 + [3] * 3
    assert [e.text for e in events if isinstance(e, Note) and e.kind == "epoch"] == [
        f"epoch {i} done" for i in (1, 2, 3, 4)
    ]


@pytest.mark.parametrize("words", [["optimizer.rate=1000", "optimizer.warmup=0", "objective.hinge=0"]])
def test_a_divergence_is_emitted_before_the_update(words, tmp_path):
    events = run(small_config(*words, max_steps=200), tmp_path)
    diverged, stopped = events[-2:]
    assert isinstance(diverged, Diverged)
    assert isinstance(stopped, Stopped)
    assert stopped.reason == "diverged"
    assert "diverged at step" in stopped.error
    assert "optimizer.rate" in stopped.error


def test_a_poisoned_weight_is_noticed_before_the_next_update(tmp_path):
    trainer = opener(small_config("stability.on_divergence=stop"), tmp_path)(lambda text, fraction: None)
    stream = trainer.events()
    while not isinstance(next(stream), StepDone):
        pass
    first = next(iter(trainer.learner.network.parameters()))
    with torch.no_grad():
        first[0] = float("nan")
    before = [p.clone() for p in trainer.learner.network.parameters()]
    assert isinstance(next(stream), Diverged)
    for now, then in zip(trainer.learner.network.parameters(), before, strict=True):
        torch.testing.assert_close(now, then, equal_nan=True, rtol=0, atol=0)


@pytest.mark.parametrize("preset", ["fast", "classic"])
@pytest.mark.parametrize("policy", ["independent", "ring", "epoch"])
def test_presets_and_buffer_policies_run(preset, policy, tmp_path):
    events = run(small_config(f"buffer.policy={policy}", "sgld.steps=3", max_steps=6, preset=preset), tmp_path)
    assert events[-1].reason == "finished"


def test_scores_are_of_images_that_were_not_trained_on(tmp_path):
    trainer = opener(small_config(), tmp_path)(lambda text, fraction: None)
    trained = {row.tobytes() for row in trainer.learner.batches.pixels.numpy()}
    for split in (trainer._run_events.validation, trainer._run_events.test):
        assert not trained & {row.tobytes() for row in split.pixels.numpy()}


@pytest.mark.exhaustive
def test_eight_epochs_learn_digits(tmp_path: Path):
    from jem_tui.config.load import make_config

    events = run(make_config("fast", None, ["train.epochs=8", "train.device=cpu"]), tmp_path)
    scores = [e.scores for e in events if isinstance(e, Evaluated)]
    assert scores[-1]["accuracy"] > 0.95
    samples = [e for e in events if isinstance(e, Samples)][-1]
    assert samples.confidence.mean() > 0.7
    assert len(np.unique(samples.predicted)) == 10
