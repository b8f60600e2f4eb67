"""Optimizer steps as CUDA graphs; skipped without a GPU."""

from __future__ import annotations

from pathlib import Path
from queue import Queue

import pytest
import torch

from jem_tui.config.schema import RunConfig
from jem_tui.events.commands import Adjust, Command, Reseed, RollBack, Stop
from jem_tui.events.run import Adjusted, Evaluated, Event, Rewound, StepDone
from jem_tui.jem.stepping.device_stepper import DeviceStepper
from jem_tui.jem.stepping.optimizer_step import take_step
from jem_tui.jem.trainer import automatic_settings
from jem_tui.jem.trainer.build import open_trainer
from tests.jem.runs import metrics, run, small_config

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")

WORDS = (
    "train.device=cuda",
    "train.graph=on",
    "network.width=8",
    "train.batch_size=32",
    "buffer.size=400",
    "buffer.explorers=40",
    "optimizer.warmup=20",
    "record.samples_every=50",
    "record.evaluate_every=100",
    "record.checkpoint_every=60",
    "stability.snapshot_every=50",
)
REGULARISED = (
    "data.erase=6",
    "objective.label_smoothing=0.1",
    "objective.denoising=0.02",
    "optimizer.beta1=0.9",
    "optimizer.weight_decay=0.1",
    "optimizer.clip=1",
    "buffer.batch_share=0.5",
)
COMMANDS = {
    30: Adjust(name="optimizer.rate", increments=1),
    70: Adjust(name="sgld.step_size", increments=-1),
    90: Reseed(fraction=0.1),
    130: RollBack(),
    150: Adjust(name="sgld.steps", increments=1),
}


def cuda_config(*words: str, max_steps: int = 40) -> RunConfig:
    return small_config(*WORDS, *words, max_steps=max_steps)


@pytest.fixture(autouse=True)
def repeatable(monkeypatch: pytest.MonkeyPatch) -> None:
    choose_repeatable_kernels(monkeypatch)


def choose_repeatable_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Choose kernels that give equal bits in every run, in full single precision."""
    monkeypatch.setattr(automatic_settings, "prepare", lambda device: None)
    monkeypatch.setattr(torch.backends.cudnn, "deterministic", True)
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", False)


def without_graphs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take steps by calls of `take_step` instead of graphs."""
    monkeypatch.setattr(DeviceStepper, "_runner", lambda self, k: lambda: take_step(self._learner, self._feed, k))


def steered(folder: Path) -> list[Event]:
    """Return the events of a run of 200 steps with a command of each kind on the way."""
    due = dict(COMMANDS)

    def react(event: Event, queue: Queue[Command]) -> None:
        if isinstance(event, StepDone) and event.step in due:
            queue.put(due.pop(event.step))

    return run(cuda_config("train.read_every=1", max_steps=200), folder, react=react)


def test_graphs_and_function_agree_over_200_steps_with_commands(tmp_path, monkeypatch):
    graphed = steered(tmp_path / "graph")
    without_graphs(monkeypatch)
    eager = steered(tmp_path / "eager")
    for events in (graphed, eager):
        assert sum(isinstance(event, Rewound) for event in events) == 1
        assert sum(isinstance(event, Adjusted) for event in events) == 3
    ones, others = metrics(graphed), metrics(eager)
    assert len(ones) == len(others) > 200
    worst = max(abs(one[tag] - other[tag]) for one, other in zip(ones, others, strict=True) for tag in one)
    print(f"largest difference of a metric over {len(ones)} steps: {worst:g}")
    for one, other in zip(ones, others, strict=True):
        assert one == pytest.approx(other, rel=1e-3, abs=1e-3)


def test_graph_and_function_agree_with_every_regulariser(tmp_path, monkeypatch):
    graphed = metrics(run(cuda_config(*REGULARISED), tmp_path / "graph"))
    without_graphs(monkeypatch)
    eager = metrics(run(cuda_config(*REGULARISED), tmp_path / "eager"))
    assert graphed == [pytest.approx(step, rel=1e-3, abs=1e-3) for step in eager]


@pytest.mark.parametrize("read_every", [7, 0])
def test_how_often_the_device_is_read_changes_no_number(tmp_path, read_every):
    straight = run(cuda_config("train.read_every=1"), tmp_path / "straight")
    windows = run(cuda_config(f"train.read_every={read_every}"), tmp_path / "windows")
    assert metrics(windows) == [pytest.approx(step, rel=1e-4, abs=1e-4) for step in metrics(straight)]


def test_a_saved_run_resumes_identically(tmp_path):
    def stop(event: Event, queue: Queue[Command]) -> None:
        if isinstance(event, StepDone) and event.step == 21:
            queue.put(Stop(save=True))

    straight = run(cuda_config(), tmp_path / "straight")
    halves = [*run(cuda_config(), tmp_path / "halves", react=stop), *run(cuda_config(), tmp_path / "halves", True)]
    assert metrics(halves) == [pytest.approx(step, rel=1e-4, abs=1e-4) for step in metrics(straight)]


def steered_at_an_epoch_end(folder: Path) -> list[dict[str, float]]:
    """Return the metrics of a run that is saved one batch before its first epoch ends, and resumed with another K.

    A command of one step takes effect after the next step, so the saving is asked for two batches before the end.
    """
    words = ("train.read_every=1", "data.validation=0.5", "train.batch_size=128")
    trainer = open_trainer(cuda_config(*words), folder, False, lambda text, fraction: None)
    epoch = trainer.learner.batches.steps_per_epoch
    config = cuda_config(*words, max_steps=epoch + 5)

    def stop(event: Event, queue: Queue[Command]) -> None:
        if isinstance(event, StepDone) and event.step == epoch - 2:
            queue.put(Stop(save=True))

    first = run(config, folder, react=stop)
    second = run(config, folder, resume=True, commands=[Adjust(name="sgld.steps", increments=1)])
    assert [event.step for event in second if isinstance(event, StepDone)] == list(range(epoch, epoch + 6))
    return metrics([*first, *second])


def test_a_graph_with_another_k_can_be_recorded_at_the_last_batch_of_an_epoch(tmp_path, monkeypatch):
    graphed = steered_at_an_epoch_end(tmp_path / "graph")
    without_graphs(monkeypatch)
    eager = steered_at_an_epoch_end(tmp_path / "eager")
    assert [step["sgld/steps"] for step in graphed[-7:]] == [2, 3, 3, 3, 3, 3, 3]
    assert graphed == [pytest.approx(step, rel=1e-3, abs=1e-3) for step in eager]


@pytest.mark.parametrize("graph", ["on", "off"])
def test_a_run_learns_on_the_device_with_graphs_and_without(tmp_path, graph):
    events = run(cuda_config(f"train.graph={graph}", max_steps=300), tmp_path)
    last = [event.scores["accuracy"] for event in events if isinstance(event, Evaluated)][-1]
    assert last > 0.8


@pytest.mark.parametrize(
    "words",
    [
        ("network.name=wrn", "network.widen=1", "train.precision=bfloat16", "data.flip=true", "data.translate=2"),
        ("sgld.conditional=true", "buffer.init=mixture"),
        ("buffer.explorers=0", "objective.adversarial=0", "optimizer.ema=0"),
        ("sgld.steps=0",),
        REGULARISED,
        ("train.pretrain_epochs=1", "data.validation=0.5", "train.batch_size=256"),
    ],
)
def test_every_part_of_a_step_can_be_recorded(tmp_path, words):
    steps = metrics(run(cuda_config(*words), tmp_path))
    assert len(steps) == 40
    assert all(abs(value) < torch.inf for step in steps for value in step.values())
