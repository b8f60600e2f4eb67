"""Runs with samplers, initial distributions and metrics of the user, good and bad."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence

import pytest
import torch
from torch import Tensor

from jem_tui.events.commands import Reseed
from jem_tui.events.run import Diverged, Event, Note, Rewound, RunStarted, StepDone, Stopped
from jem_tui.jem.learner.training_step import TrainingStep
from jem_tui.jem.sampling.own_initial_distribution import InitialDraw
from jem_tui.jem.sampling.sampler import SamplingTask
from jem_tui.run_files import sorted_checkpoints
from tests.jem.own_code import define
from tests.jem.runs import emitted, metrics, run, small_config

SAMPLER, INIT, METRICS = "sgld.sampler=mine:move", "buffer.init=mine:start", "record.metrics=mine:look"


def langevin(task: SamplingTask) -> Iterator[Tensor]:
    """Move chains with the arithmetic of SGLD."""
    x = task.x
    for _ in range(task.steps):
        noise = task.normal()
        gradient = task.gradient(x).clamp(-task.grad_clamp, task.grad_clamp)
        scale, rate = torch.tensor(task.noise_scale), torch.tensor(task.step_size)
        x = torch.addcmul(x, noise, scale).addcmul_(gradient, rate, value=-1).clamp_(-1, 1)
        yield x


def noise(draw: InitialDraw) -> Tensor:
    return draw.uniform()


def texts(events: Sequence[Event], kind: str = "warning") -> list[str]:
    return [event.text for event in events if isinstance(event, Note) and event.kind == kind]


def ending(events: Sequence[Event]) -> Stopped:
    assert isinstance(events[-1], Stopped)
    return events[-1]


@pytest.mark.parametrize("words", [(), ("sgld.conditional=true", "data.translate=2")])
def test_sgld_as_a_sampler_of_the_user_gives_equal_numbers(words, tmp_path, monkeypatch, straight):
    define(monkeypatch, move=langevin)
    own = run(small_config(SAMPLER, *words), tmp_path / "own")
    built_in = straight if not words else run(small_config(*words), tmp_path / "built-in")
    assert emitted(own) == emitted(built_in)


def test_uniform_noise_as_an_initial_distribution_of_the_user_gives_equal_numbers(tmp_path, monkeypatch):
    define(monkeypatch, start=noise)
    words = ("buffer.noise_visits=0", "buffer.reinit_prob=0.5")
    own, built_in = (run(small_config(word, *words), tmp_path / word[-5:]) for word in (INIT, "buffer.init=uniform"))
    assert emitted(own) == emitted(built_in)


def hostile(step: TrainingStep) -> dict[str, float]:
    """Overwrite everything that a metric gets, and fail in half of the steps."""
    torch.manual_seed(step.step)
    torch.set_grad_enabled(True)
    for tensor in (step.images, step.labels, step.logits, step.energies, step.starts, step.chains, step.chain_logits):
        tensor.zero_()
    for tensor in (*step.weights.values(), *step.gradients.values(), step.chain_energies):
        tensor.fill_(torch.nan)
    for parameter in step.network().parameters():
        parameter.data.zero_()
    step.metrics.clear()
    step.step = step.loss = -1
    if torch.rand(()) < 0.5:
        raise ValueError("enough")
    return {"nan": torch.nan, "one": 1}


def test_a_hostile_metric_changes_no_number_of_the_run(tmp_path, monkeypatch, straight):
    define(monkeypatch, look=hostile, leave=lambda step: exit(2))
    torch.manual_seed(1)
    before = torch.random.get_rng_state()
    events = run(small_config(f"{METRICS},mine:leave"), tmp_path)
    assert torch.equal(before, torch.random.get_rng_state()) and torch.is_grad_enabled()
    own = {"metric/look/one"}
    assert [{tag: v for tag, v in each.items() if tag not in own} for each in metrics(events)] == metrics(straight)
    assert {tag for each in metrics(events) for tag in each} - {
        tag for each in metrics(straight) for tag in each
    } == own
    warnings = texts(events)
    assert [text.split()[2] for text in warnings] == ["mine:look", "mine:leave"]
    assert ending(events).reason == "finished"


def test_a_metric_gets_the_quantities_of_its_step(tmp_path, monkeypatch):
    seen = []

    def look(step):
        network = step.network()
        with torch.no_grad():
            again = network(step.images)
        torch.testing.assert_close(again, step.logits)
        torch.testing.assert_close(network(step.chains), step.chain_logits)
        torch.testing.assert_close(-step.chain_logits.logsumexp(1), step.chain_energies)
        assert len(step.chains) == len(step.starts) == 16 and step.explorers == 2
        assert not torch.equal(step.chains, step.starts)
        assert (step.metrics["JEM/energy_samples"] - step.chain_energies[:-2].mean()).abs() < 1e-5
        assert (step.metrics["JEM/energy_data"] - step.energies.mean()).abs() < 1e-5
        norm = torch.stack([gradient.norm() for gradient in step.gradients.values()]).norm()
        assert step.weights.keys() == step.gradients.keys()
        seen.append(step.step)
        return {
            "norm": norm,
            "loss": step.loss,
            "epoch": step.epoch,
            "correct": (step.logits.argmax(1) == step.labels).sum(),
        }

    define(monkeypatch, look=look)
    events = run(small_config(METRICS, max_steps=4), tmp_path)
    assert texts(events) == [] and seen == [0, 1, 2, 3]
    for each in metrics(events):
        assert each["metric/look/norm"] == pytest.approx(each["optimizer/gradient"], rel=1e-5)
        assert each["metric/look/correct"] == each["JEM/accuracy"] * 16


def test_a_step_without_chains_has_none_for_a_metric(tmp_path, monkeypatch):
    def look(step):
        assert step.starts.shape == step.chains.shape == (0, 1, 28, 28)
        assert step.chain_energies.shape == (0,) and step.chain_logits.shape == (0, 10)
        return step.images.shape[0]

    define(monkeypatch, look=look)
    events = run(small_config(METRICS, "sgld.steps=0", max_steps=2), tmp_path)
    assert texts(events) == [] and [each["metric/look"] for each in metrics(events)] == [16, 16]


@pytest.mark.parametrize(
    ("functions", "word", "sentence"),
    [
        ({"move": lambda task: iter(())}, SAMPLER, "The sampler mine:move ended after 0 of 2 steps"),
        ({"move": lambda task: iter([task.x * 9] * 2)}, SAMPLER, r"gave pixels from -\S+ to \S+, beyond the \[-1, 1\] of sgld.clip=true, after step 1 of 2"),
        ({"move": lambda task: iter([task.x, task.x / 0])}, SAMPLER, "gave pixels that are not finite numbers after step 2 of 2"),
        ({"move": langevin, "start": lambda draw: None}, INIT, "The initial distribution mine:start gave an object of type NoneType"),
        ({"move": 3}, SAMPLER, "The sampler mine:move is of type int, which cannot be called"),
        ({}, METRICS, "mine has no attribute look"),
    ],
)  # fmt: skip
def test_a_faulty_function_is_refused_before_training(functions, word, sentence, tmp_path, monkeypatch):
    define(monkeypatch, **functions)
    events = run(small_config(word), tmp_path)
    assert not any(isinstance(event, RunStarted | StepDone) for event in events)
    assert ending(events).reason == "refused"
    assert re.search(sentence, ending(events).error)
    assert not sorted_checkpoints(tmp_path)


def failing_after(calls: int) -> Callable[[SamplingTask], Iterator[Tensor]]:
    """Return a sampler that fails in the second step of a later call."""
    count = itertools.count()

    def move(task: SamplingTask) -> Iterator[Tensor]:
        late = next(count) >= calls
        for k, x in enumerate(langevin(task)):
            if late and k == 1:
                raise ValueError("a bug for rare chains")
            yield x

    return move


def test_a_sampler_that_fails_in_training_leaves_the_last_step_in_a_checkpoint(tmp_path, monkeypatch):
    define(monkeypatch, move=failing_after(8))
    events = run(small_config(SAMPLER), tmp_path)
    last = ending(events)
    assert last.reason == "failed" and last.step == 7
    assert "The sampler mine:move raised ValueError: a bug for rare chains (" in last.error
    assert "test_own_code.py, line" in last.error and last.error.endswith("continue with --resume.")
    assert "Traceback" in last.details
    assert [path.name for path in sorted_checkpoints(tmp_path)] == ["step_000007.pt"]
    define(monkeypatch, move=langevin)
    resumed = run(small_config(SAMPLER), tmp_path, resume=True)
    assert ending(resumed).reason == "finished" and len(metrics(resumed)) == 13


def failing_starts(calls: int) -> Callable[[InitialDraw], Tensor]:
    """Return an initial distribution that fails in all but the first calls."""
    count = itertools.count()

    def start(draw: InitialDraw) -> Tensor:
        assert next(count) < calls, "no more starts"
        return draw.uniform()

    return start


def test_starts_that_fail_in_training_leave_a_checkpoint(tmp_path, monkeypatch):
    define(monkeypatch, start=failing_starts(3))
    events = run(small_config(INIT, "buffer.reinit_prob=1", "buffer.noise_visits=0"), tmp_path)
    assert ending(events).reason == "failed" and ending(events).step == 2
    assert "initial distribution mine:start raised AssertionError: no more starts" in ending(events).error
    assert [path.name for path in sorted_checkpoints(tmp_path)] == ["step_000002.pt"]


def test_starts_that_fail_on_a_command_restart_no_chain_and_end_nothing(tmp_path, monkeypatch, straight):
    define(monkeypatch, start=failing_starts(1))
    words = (INIT, "buffer.reinit_prob=0", "buffer.noise_visits=0")
    events = run(small_config(*words), tmp_path, commands=[Reseed(worst=3)])
    (warning,) = texts(events)
    assert warning.startswith("no chain was restarted. The initial distribution mine:start raised AssertionError:")
    assert ending(events).reason == "finished"


def test_numbers_that_are_not_finite_are_a_divergence_and_no_failure(tmp_path, monkeypatch):
    count = itertools.count()

    def move(task):
        for x in langevin(task):
            yield x * torch.nan if next(count) == 13 else x

    define(monkeypatch, move=move)
    events = run(small_config(SAMPLER), tmp_path)
    assert sum(isinstance(event, Diverged) for event in events) == 1
    assert any(isinstance(event, Rewound) for event in events)
    assert ending(events).reason == "finished"


def test_a_resumed_run_has_the_numbers_of_one_without_a_break(tmp_path, monkeypatch):
    define(monkeypatch, move=langevin, start=lambda draw: draw.images(), look=lambda step: step.chains.mean())
    words = (SAMPLER, INIT, METRICS, "buffer.reinit_prob=0.3", "optimizer.decay=none")
    whole = run(small_config(*words), tmp_path / "whole")
    first = run(small_config(*words, max_steps=10), tmp_path / "parts")
    rest = run(small_config(*words), tmp_path / "parts", resume=True)
    assert metrics(first) + metrics(rest) == metrics(whole)
    assert all("metric/look" in each for each in metrics(whole))
