"""Samplers of the user: their argument, the checks of what they yield, and what they cannot change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

from jem_tui.config.sampler_settings import SgldConfig
from jem_tui.jem.sampling.sampler import SamplingTask, sampling_task, states
from jem_tui.jem.sampling.sgld import energy_gradient, sgld_step
from jem_tui.plugins.kinds import SAMPLER
from jem_tui.plugins.plugged import PluginError
from tests.jem.own_code import plugged

SHAPE = (6, 1, 4, 4)


def quadratic(x: Tensor) -> Tensor:
    return x.square().flatten(1).sum(1)


def seeded() -> torch.Generator:
    return torch.Generator().manual_seed(3)


def task(steps: int = 3, **settings: Any) -> SamplingTask:
    x = torch.rand(SHAPE, generator=seeded())
    return sampling_task(x, quadratic, steps, SgldConfig(**settings), seeded())


def moved(
    function: Callable[..., Any], steps: int = 3, args: dict[str, object] | None = None, **settings: Any
) -> list[Tensor]:
    return list(states(plugged(SAMPLER, function, **(args or {})), task(steps, **settings)))


def langevin(task: SamplingTask) -> Iterator[Tensor]:
    x = task.x
    for _ in range(task.steps):
        x = x - task.step_size * task.gradient(x).clamp(-1, 1) + task.noise_scale * task.normal()
        x = x.clamp(-1, 1)
        yield x


def test_a_sampler_with_the_arithmetic_of_sgld_gives_its_states():
    x, generator = task().x, seeded()
    for state in moved(langevin, noise_scale=0.3):
        x = sgld_step(quadratic, x, SgldConfig(noise_scale=0.3), generator)
        torch.testing.assert_close(state, x)


def test_arguments_of_the_settings_reach_the_sampler():
    def shifted(task, by):
        yield task.x + by

    (state,) = moved(shifted, 1, {"by": 0.25}, clip=False)
    assert torch.equal(state, task().x + 0.25)


def test_energy_and_gradient_agree_with_one_call_each():
    one = task()
    energy, gradient = one.energy_and_gradient(one.x)
    assert torch.equal(energy, quadratic(one.x)) and not energy.requires_grad
    assert torch.equal(gradient, energy_gradient(quadratic, one.x))
    assert torch.equal(one.gradient(one.x), gradient)


def test_the_last_gradient_is_observed():
    seen: list[torch.Tensor] = []
    x = task().x
    one = sampling_task(x, quadratic, 2, SgldConfig(), seeded(), seen.append)
    list(states(plugged(SAMPLER, langevin), one))
    assert len(seen) == 2 and seen[0].shape == SHAPE


def test_states_are_clipped_only_if_the_settings_clip():
    def far(task):
        yield task.x + 5

    assert moved(far, 1)[0].max() == 1
    assert moved(far, 1, clip=False)[0].min() >= 5


def test_a_sampler_that_overwrites_its_tensors_changes_no_earlier_state():
    start = torch.rand(SHAPE, generator=seeded())

    def in_place(task):
        for _ in range(task.steps):
            task.x.mul_(0.5)
            yield task.x

    first, second = states(plugged(SAMPLER, in_place), sampling_task(start, quadratic, 2, SgldConfig(), seeded()))
    assert torch.equal(start, torch.rand(SHAPE, generator=seeded()))
    assert torch.equal(first, start / 2) and torch.equal(second, start / 4)


def returns_tensor(task: SamplingTask) -> Any:
    return task.x


def returns_nothing(task: SamplingTask) -> Any:
    pass


def ends_early(task: SamplingTask) -> Any:
    yield task.x


def of_another_shape(task: SamplingTask) -> Any:
    yield task.x[:2]


def of_another_type(task: SamplingTask) -> Any:
    yield task.x.double()


def of_numpy(task: SamplingTask) -> Any:
    yield task.x.numpy()


def raises(task: SamplingTask) -> Any:
    yield task.x
    raise ValueError("too steep")


def leaves(task: SamplingTask) -> Any:
    raise SystemExit(3)
    yield


def asks_for_a_wrong_energy(task: SamplingTask) -> Any:
    yield task.gradient(task.x.numpy())


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        (returns_tensor, "returned an object of type Tensor; it must yield the chains after each step"),
        (returns_nothing, "returned an object of type NoneType; it must yield"),
        (ends_early, "ended after 1 of 3 steps; it must yield the chains after each step"),
        (
            of_another_shape,
            r"gave a float32 tensor of shape \(2, 1, 4, 4\) on cpu instead of a float32 tensor of shape \(6,",
        ),
        (of_another_type, "gave a float64 tensor of shape"),
        (of_numpy, "gave an object of type ndarray instead of"),
        (raises, r"raised ValueError: too steep \(.*test_own_sampler\.py, line \d+\)"),
        (leaves, r"raised SystemExit: 3 \(.*test_own_sampler\.py, line \d+\)"),
        (asks_for_a_wrong_energy, r"raised AttributeError: .* \(.*test_own_sampler\.py, line \d+\)"),
        (lambda task: langevin(task, 1), "raised TypeError: .*positional argument"),
    ],
    ids=lambda case: getattr(case, "__name__", ""),
)
def test_each_fault_is_one_sentence_with_the_name_of_the_sampler(function, sentence):
    with pytest.raises(PluginError, match=rf"^The sampler mine:\S+ {sentence}"):
        moved(function)


def test_a_sampler_changes_no_mode_of_the_thread_while_it_is_suspended():
    def careless(task):
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            for _ in range(task.steps):
                yield task.x * 0.5

    walk = states(plugged(SAMPLER, careless), task())
    for _ in range(2):
        state = next(walk)
        assert torch.is_grad_enabled() and not torch.is_inference_mode_enabled()
        assert not torch.is_autocast_enabled("cpu") and not state.is_inference()
    walk.close()
    assert torch.is_grad_enabled() and not torch.is_autocast_enabled("cpu")


def test_a_sampler_that_is_stopped_within_its_steps_is_closed_and_may_fail_there():
    closed: list[bool] = []

    def untidy(task):
        try:
            for _ in range(task.steps):
                yield task.x
        finally:
            closed.append(True)
            raise ValueError("a fault while closing")

    walk = states(plugged(SAMPLER, untidy), task())
    next(walk)
    walk.close()
    assert closed == [True]
