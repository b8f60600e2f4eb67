"""The optimizer step on a CPU, taken by the host and by the stepper that replays it as a graph on a GPU."""

from __future__ import annotations

import copy
from queue import Queue

import pytest
import torch

from jem_tui.events.commands import Adjust, Advance, Pause, Reseed, Resume, RollBack, SampleNow, Stop
from jem_tui.events.run import Diverged, Evaluated, Event, Rewound, StepDone
from jem_tui.jem.stepping.cuda_graph import warm_up
from jem_tui.jem.stepping.device_stepper import DeviceStepper
from jem_tui.jem.trainer.build import open_trainer
from jem_tui.stream.drive import drive
from tests.jem.runs import emitted, metrics, run
from tests.jem.stepping.steps import (
    SPECTRAL_NORM,
    batch_of,
    changed_state,
    fixed_config,
    learner_of,
    same,
    taken,
)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    return run(fixed_config("train.read_every=1"), tmp_path_factory.mktemp("fixed"))


@pytest.mark.parametrize(
    "read_every", [pytest.param(0, marks=pytest.mark.slow), 3, pytest.param(256, marks=pytest.mark.slow)]
)
def test_how_often_the_device_is_read_changes_no_number(tmp_path, uninterrupted, read_every):
    assert emitted(run(fixed_config(f"train.read_every={read_every}"), tmp_path)) == emitted(uninterrupted)


@pytest.mark.parametrize(
    "command",
    [
        SampleNow(),
        Reseed(worst=0),
        pytest.param(Advance(steps=2), marks=pytest.mark.slow),
        pytest.param(Adjust(name="optimizer.rate", increments=0), marks=pytest.mark.slow),
    ],
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


@pytest.mark.parametrize(
    "moment", [pytest.param(3, marks=pytest.mark.slow), 10, pytest.param(17, marks=pytest.mark.slow)]
)
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


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (0, ()),
        (2, ()),
        (2, (SPECTRAL_NORM,)),
        (2, ("stability.on_divergence=ignore",)),
        (2, ("objective.denoising=0.02",)),
    ],
)
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


def test_a_device_that_ignores_divergences_skips_only_unusable_updates(tmp_path):
    learner = learner_of(tmp_path, "train.read_every=4", "stability.on_divergence=ignore", "buffer.explorers=0")
    stepper = DeviceStepper(learner)
    taken(stepper, 0, 1)
    learner.buffer.x.fill_(torch.nan)
    before = copy.deepcopy(learner.network.state_dict())
    assert not abs(taken(stepper, 1, 2).loss) < torch.inf
    assert same(before, learner.network.state_dict())
    assert learner.buffer.x.isfinite().flatten(1).all(1).sum() == 16, "the chains of the batch have restarted"
    learner.buffer.x.nan_to_num_()
    assert abs(taken(stepper, 2, 3).loss) < torch.inf
    assert not same(before, learner.network.state_dict())


def test_what_is_read_after_the_steps_keeps_no_graph(tmp_path):
    stepper = DeviceStepper(learner_of(tmp_path, "train.read_every=2"))
    taken(stepper, 0, 2)
    assert not stepper._feed.numbers.requires_grad


def test_an_optimizer_keeps_the_kernel_of_its_device_when_it_loads_a_state(tmp_path):
    learner = learner_of(tmp_path)
    for group in learner.optimizer.param_groups:
        group["fused"] = False
    stepper = DeviceStepper(learner)
    before = copy.deepcopy(learner.network.state_dict())
    taken(stepper, 0, 1)
    assert learner.optimizer.param_groups[0]["fused"]
    assert not same(before, learner.network.state_dict())


def test_a_batch_can_have_fewer_chains_than_images(tmp_path):
    words = ("buffer.batch_share=0.25", "buffer.explorers=20", "buffer.explorer_share=0.25", "data.erase=4")
    learner = learner_of(tmp_path, *words)
    assert learner.chains_per_step == 4
    batch, x = batch_of(learner), learner.chain_pool.draw(4).chains.x
    assert (len(batch.augmented), len(batch.plain), len(x)) == (16, 4, 4)
    terms = learner.loss_terms(batch, x, None)
    assert (len(terms.energy_data), len(terms.energy_samples), len(terms.energy_explorers)) == (4, 3, 1)
    measured = taken(DeviceStepper(learner), 0, 1)
    assert measured.slots.tolist()[-1] >= len(learner.buffer) > measured.slots.tolist()[0]
    assert len(measured.slots) == 4
