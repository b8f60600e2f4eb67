"""Steps of fixed shapes on a CPU, with the function that a GPU replays as a graph."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
import torch

from jem_tui.config.schema import RunConfig
from jem_tui.errors import InputError
from jem_tui.events.commands import Adjust, Advance, Pause, Reseed, Resume, RollBack, SampleNow, Stop
from jem_tui.events.run import ACCURACY, NRG, Diverged, Evaluated, Event, Note, Rewound, StepDone
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.stepping.cuda_graph import warm_up
from jem_tui.jem.stepping.device_stepper import DeviceStepper
from jem_tui.jem.stepping.stepper import MeasuredStep
from jem_tui.jem.trainer.build import open_trainer
from jem_tui.stream.drive import drive
from tests.jem.runs import emitted, metrics, run, small_config

NOISE = ("buffer.init=uniform", "buffer.noise_visits=0")
"""Chains that start from noise alone, which costs a small run less than the Gaussians of all classes."""

SPECTRAL_NORM = "network.name=tests.jem.model.own_networks:Normalised"
"""A network that changes its buffers in every pass."""


def fixed_config(*words: str, max_steps: int = 20) -> RunConfig:
    return small_config("train.graph=on", *NOISE, *words, max_steps=max_steps)


def taken(stepper: DeviceStepper, step: int, stop: int) -> MeasuredStep:
    """Return the quantities of a step, without the events inside the step."""
    events = stepper.take(step, stop)
    while True:
        try:
            next(events)
        except StopIteration as end:
            return end.value


def learner_of(tmp_path: Path, *words: str) -> Learner:
    return open_trainer(fixed_config(*words), tmp_path, False, lambda text, fraction: None).learner


def changed_state(learner: Learner) -> dict[str, Any]:
    """Return everything that a step changes except the order of batches, the random streams and the optimizer."""
    state = copy.deepcopy(learner.state_dict())
    return {name: part for name, part in state.items() if name not in ("batches", "generators", "optimizer")}


def tensors_of(state: object) -> list[torch.Tensor]:
    if isinstance(state, dict):
        return [leaf for key in state for leaf in tensors_of(state[key])]
    return [state] if isinstance(state, torch.Tensor) else []


def same(these: object, those: object) -> bool:
    pairs = list(zip(tensors_of(these), tensors_of(those), strict=True))
    return bool(pairs) and all(torch.equal(one.nan_to_num(), other.nan_to_num()) for one, other in pairs)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    return run(fixed_config("train.read_every=1"), tmp_path_factory.mktemp("fixed"))


@pytest.mark.parametrize("read_every", [0, 3, 256])
def test_how_often_the_device_is_read_changes_no_number(tmp_path, uninterrupted, read_every):
    assert emitted(run(fixed_config(f"train.read_every={read_every}"), tmp_path)) == emitted(uninterrupted)


@pytest.mark.parametrize(
    "command",
    [SampleNow(), Advance(steps=2), Reseed(worst=0), Adjust(name="optimizer.rate", increments=0)],
    ids=lambda command: type(command).__name__,
)
def test_a_command_finds_the_learner_at_the_step_that_was_emitted_last(tmp_path, uninterrupted, command):
    def react(event, queue):
        if isinstance(event, StepDone) and event.step in (2, 13):
            queue.put(Pause())
            queue.put(command)
            queue.put(Resume())

    events = run(fixed_config("train.read_every=4"), tmp_path, react=react)
    steps = [event.step for event in events if isinstance(event, StepDone)]
    assert steps == list(range(1, 21))
    if not isinstance(command, Reseed):
        assert metrics(events) == metrics(uninterrupted)


@pytest.mark.parametrize("moment", [3, 10, 17])
def test_a_run_saved_between_two_readings_resumes_identically(tmp_path, uninterrupted, moment):
    def stop(event, queue):
        if isinstance(event, StepDone) and event.step == moment:
            queue.put(Stop(save=True))

    config = fixed_config("train.read_every=4")
    first = run(config, tmp_path, react=stop)
    second = run(config, tmp_path, resume=True)
    assert metrics([*first, *second]) == metrics(uninterrupted)
    final = [
        event.scores for event in (*second, *uninterrupted) if isinstance(event, Evaluated) and event.split == "test"
    ]
    assert final[0] == final[1]


def test_a_run_can_resume_on_the_other_stepper(tmp_path):
    run(fixed_config(max_steps=6), tmp_path)
    run(small_config("train.graph=off", *NOISE, max_steps=12), tmp_path, resume=True)
    events = run(fixed_config(max_steps=18), tmp_path, resume=True)
    assert [event.step for event in events if isinstance(event, StepDone)] == list(range(13, 19))


def test_a_rollback_discards_launched_steps(tmp_path):
    def back(event, queue):
        if isinstance(event, StepDone) and event.step == 12 and not done:
            done.append(event)
            queue.put(RollBack())

    done: list[StepDone] = []
    config = fixed_config("train.read_every=8", "record.checkpoint_every=10")
    events = run(config, tmp_path, react=back)
    (rewound,) = (event for event in events if isinstance(event, Rewound))
    assert (rewound.step, rewound.from_step) == (10, rewound.from_step)
    assert 12 <= rewound.from_step <= 20
    after = [event.step for event in events[events.index(rewound) :] if isinstance(event, StepDone)]
    assert after == list(range(11, 21))


@pytest.mark.slow
@pytest.mark.parametrize(
    "words", [(), ("sgld.conditional=true",), ("buffer.init=mixture",), ("sgld.steps=0",), ("train.pretrain_epochs=1",)]
)
def test_the_device_stepper_learns_like_the_host_stepper(tmp_path, words):
    words = (*words, "network.width=8", "train.batch_size=32")
    runs = [run(small_config(f"train.graph={who}", *words, max_steps=80), tmp_path / who) for who in ("on", "off")]
    fixed, led = (metrics(events) for events in runs)
    assert [list(step) for step in fixed] == [list(step) for step in led]
    accuracy = [sum(step[ACCURACY] for step in steps[-20:]) / 20 for steps in (fixed, led)]
    assert accuracy[0] == pytest.approx(accuracy[1], abs=0.12)
    assert accuracy[0] > 0.3
    assert sum(step[NRG] for step in fixed[-20:]) / 20 == pytest.approx(sum(s[NRG] for s in led[-20:]) / 20, abs=2.0)


def test_values_that_are_not_finite_change_nothing(tmp_path):
    learner = learner_of(tmp_path, "train.read_every=4")
    stepper = DeviceStepper(learner)
    for step in range(4):
        taken(stepper, step, 4)
    learner.buffer.x.fill_(torch.nan)
    before, moments = changed_state(learner), copy.deepcopy(learner.optimizer.state_dict()["state"])
    losses = [taken(stepper, step, 8).loss for step in range(4, 8)]
    assert not any(abs(loss) < torch.inf for loss in losses)
    assert same(before, changed_state(learner))
    assert same(moments, learner.optimizer.state_dict()["state"])
    stepper.discard()
    learner.buffer.x.zero_()
    assert abs(taken(stepper, 8, 9).loss) < torch.inf
    assert not same(before["network"], learner.network.state_dict())


@pytest.mark.parametrize(("steps", "words"), [(0, ()), (2, ()), (2, (SPECTRAL_NORM,))])
def test_a_warm_up_before_the_last_batch_of_an_epoch_changes_nothing(tmp_path, steps, words):
    learner = learner_of(tmp_path, *words)
    stepper = DeviceStepper(learner)
    taken(stepper, 0, 1)
    feed, batch = stepper._feed, learner.config.train.batch_size
    feed.position.fill_(len(feed.order) - batch)
    before, moments = changed_state(learner), copy.deepcopy(learner.optimizer.state_dict()["state"])
    warm_up(learner, feed, steps)
    assert same(before, changed_state(learner))
    assert same(moments, learner.optimizer.state_dict()["state"])


def test_the_average_of_the_weights_has_the_buffers_of_the_network(tmp_path):
    learner = learner_of(tmp_path, SPECTRAL_NORM, "optimizer.ema=0.9", "train.read_every=4")
    before = [buffer.clone() for buffer in learner.network.buffers()]
    stepper = DeviceStepper(learner)
    for step in range(4):
        taken(stepper, step, 4)
    buffers = list(learner.network.buffers())
    assert buffers
    assert all(torch.equal(*pair) for pair in zip(buffers, learner.average.module.buffers(), strict=True))
    assert not all(torch.equal(*pair) for pair in zip(buffers, before, strict=True))


def test_after_a_divergence_the_device_stepper_rolls_back_and_continues(tmp_path):
    def poison(event, queue):
        if isinstance(event, StepDone) and event.step == 12 and not poisoned:
            poisoned.append(event)
            with torch.no_grad():
                next(iter(trainers[0].learner.network.parameters())).mul_(torch.inf)

    trainers, poisoned, events = [], [], []
    config = fixed_config("train.read_every=4", "stability.snapshot_every=5")

    def source(report):
        trainers.append(open_trainer(config, tmp_path, False, report))
        return trainers[0]

    queue = Queue()
    drive(source, lambda event: (events.append(event), poison(event, queue)), queue)
    (diverged,) = (event for event in events if isinstance(event, Diverged))
    (rewound,) = (event for event in events if isinstance(event, Rewound))
    assert 12 <= diverged.step <= 16
    assert rewound.step < diverged.step
    steps = [event.step for event in events[events.index(rewound) :] if isinstance(event, StepDone)]
    assert steps == list(range(rewound.step + 1, 21))
    assert all(abs(value) < torch.inf for step in metrics(events) for value in step.values())


@pytest.mark.parametrize("word", ["buffer.policy=ring", "buffer.policy=epoch", "stability.on_divergence=ignore"])
def test_unsupported_settings_of_graphs_are_refused(tmp_path, word):
    with pytest.raises(InputError, match=f"train.graph=on does not work with {word}"):
        learner_of(tmp_path, word)
    auto = replace(small_config(word), train=replace(small_config(word).train, graph="auto"))
    open_trainer(auto, tmp_path, False, lambda text, fraction: None)


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


def test_a_batch_can_have_fewer_chains_than_images(tmp_path):
    words = ("buffer.batch_share=0.25", "buffer.explorers=20", "buffer.explorer_share=0.25", "data.erase=4")
    learner = learner_of(tmp_path, *words)
    assert learner.chains_per_step == 4
    batch, chains = learner.next_batch(), learner.draw_chains()
    assert (len(batch.augmented), len(batch.plain), len(chains.x_hat)) == (16, 4, 4)
    terms, _ = learner.differentiate(batch, chains.x_hat, None)
    assert (len(terms.energy_data), len(terms.energy_samples), len(terms.energy_explorers)) == (4, 3, 1)
    measured = taken(DeviceStepper(learner), 0, 1)
    assert measured.slots.tolist()[-1] >= len(learner.buffer) > measured.slots.tolist()[0]
    assert len(measured.slots) == 4


def test_steps_with_decay_limit_and_smoothing_learn_on_either_stepper(tmp_path):
    words = ("optimizer.weight_decay=0.5", "optimizer.clip=1", "objective.label_smoothing=0.1", "data.erase=4")
    for graph in ("on", "off"):
        config = fixed_config(*words, "sgld.steps=0", "buffer.explorers=0", f"train.graph={graph}", max_steps=60)
        events = run(config, tmp_path / graph)
        curve = [step["JEM/xe"] for step in metrics(events)]
        assert sum(curve[-10:]) < 0.9 * sum(curve[:10])
