"""The same runs under both steppers, which take their steps by one function."""

from __future__ import annotations

import pytest

from jem_tui.events.run import Note, StepDone
from jem_tui.jem.learner import optimizer
from tests.jem.runs import emitted, metrics, run, small_config
from tests.jem.stepping import test_cuda_graph
from tests.jem.stepping.steps import NOISE, fixed_config


def test_what_the_tests_of_graphs_replace_exists(monkeypatch):
    # Without a GPU these tests are skipped before their fixtures run.
    test_cuda_graph.choose_repeatable_kernels(monkeypatch)
    test_cuda_graph.without_graphs(monkeypatch)


def test_a_run_can_resume_on_the_other_stepper(tmp_path):
    run(fixed_config(max_steps=6), tmp_path)
    run(small_config("train.graph=off", *NOISE, max_steps=12), tmp_path, resume=True)
    events = run(fixed_config(max_steps=18), tmp_path, resume=True)
    assert [event.step for event in events if isinstance(event, StepDone)] == list(range(13, 19))


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("sgld.conditional=true", "buffer.init=mixture"),
        pytest.param(("buffer.policy=ring",), marks=pytest.mark.slow),
        pytest.param(("buffer.policy=epoch", "buffer.explorers=0"), marks=pytest.mark.slow),
        pytest.param(("stability.on_divergence=ignore",), marks=pytest.mark.slow),
        ("objective.energy_weight=0.5", "objective.energy_weight_end=0.1", "optimizer.cooldown=0.5"),
        ("train.pretrain_epochs=1", "train.batch_size=256", "buffer.size=300", "data.validation=0.5"),
    ],
)
def test_both_steppers_give_equal_numbers(tmp_path, words):
    words = ("train.read_every=3", *words)
    runs = [run(small_config(f"train.graph={who}", *words, max_steps=12), tmp_path / who) for who in ("on", "off")]
    assert emitted(runs[0]) == emitted(runs[1])
    assert len(metrics(runs[0])) == 12


@pytest.mark.slow
def test_notes_of_an_epoch_come_at_the_steps_of_the_host_stepper(tmp_path):
    words = (
        "train.batch_size=64",
        "data.validation=0.5",
        "train.epochs=1",
        "sgld.steps=1",
        "record.evaluate_every=1000",
    )
    runs = [run(small_config(f"train.graph={who}", *words, max_steps=0), tmp_path / who) for who in ("on", "off")]
    notes = [[(e.step, e.text) for e in events if isinstance(e, Note) and e.kind == "epoch"] for events in runs]
    assert notes[0] == notes[1] != []


@pytest.mark.slow
def test_steps_with_decay_limit_and_smoothing_learn_on_either_stepper(tmp_path):
    words = ("optimizer.weight_decay=0.5", "optimizer.clip=1", "objective.label_smoothing=0.1", "data.erase=4")
    for graph in ("on", "off"):
        plain = ("sgld.steps=0", "buffer.explorers=0", "optimizer.decay=none")
        config = fixed_config(*words, *plain, f"train.graph={graph}", max_steps=60)
        events = run(config, tmp_path / graph)
        curve = [step["JEM/xe"] for step in metrics(events)]
        assert sum(curve[-10:]) < 0.9 * sum(curve[:10])


def test_updates_in_pieces_as_on_a_gpu_equal_whole_updates(tmp_path, monkeypatch):
    words = ("train.graph=on", "optimizer.clip=1", "optimizer.weight_decay=0.1")
    whole = metrics(run(small_config(*words, max_steps=12), tmp_path / "whole"))
    monkeypatch.setattr(optimizer, "piece_length", lambda tensors: 100)
    pieces = metrics(run(small_config(*words, max_steps=12), tmp_path / "pieces"))
    assert len(pieces) == 12
    assert pieces == [pytest.approx(step, rel=1e-3, abs=1e-3) for step in whole]
