from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from jem_tui.config.schema import NetworkConfig, TrainConfig
from jem_tui.errors import InputError
from jem_tui.events.run import NRG, XE, Note, StepDone
from jem_tui.jem.checkpoint.load_checkpoint import load_newest_checkpoint
from jem_tui.jem.learner import execution
from jem_tui.jem.learner.execution import make_compute, without_gradients
from jem_tui.jem.model.networks import make_network
from jem_tui.jem.sampling.sgld import NetworkEnergy, energy_gradient
from tests.jem.runs import metrics, run, small_config

SHAPE = (8, 3, 16, 16)


@pytest.fixture
def network() -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        made = make_network(NetworkConfig(name="wrn", depth=10, widen=1), SHAPE[1:], 10)
        for p in made.parameters():
            p.data += 0.02 * torch.randn(p.shape)
    return made


@pytest.fixture
def x() -> Tensor:
    return torch.rand(SHAPE, generator=torch.Generator().manual_seed(1)) * 2 - 1


def test_single_precision_on_a_cpu_is_the_network_itself(network, x):
    made = make_compute(network, TrainConfig(), SHAPE)
    assert made.training is network
    torch.testing.assert_close(made.sampling(x), network(x), rtol=0, atol=0)
    assert not made.sampling(x).requires_grad
    exact, frozen = (energy_gradient(NetworkEnergy(way), x) for way in (network, made.sampling))
    torch.testing.assert_close(frozen, exact, rtol=0, atol=0)


def test_bfloat16_logits_are_near_single_precision_and_of_that_type(network, x):
    mixed = make_compute(network, TrainConfig(precision="bfloat16"), SHAPE)
    exact, near = network(x).detach(), mixed.training(x).detach()
    assert near.dtype == torch.float32
    assert 0 < float((near - exact).abs().max()) < 0.02 * float(exact.abs().max())
    exact_gradient = energy_gradient(NetworkEnergy(network), x)
    near_gradient = energy_gradient(NetworkEnergy(mixed.sampling), x)
    assert near_gradient.dtype == torch.float32
    assert float((near_gradient - exact_gradient).norm() / exact_gradient.norm()) < 0.02


def test_the_network_for_sampling_shares_weights_without_their_gradients(network, x):
    twin = without_gradients(network)
    assert not any(p.requires_grad for p in twin.parameters())
    assert all(p.requires_grad for p in network.parameters())
    with torch.no_grad():
        for p in network.parameters():
            p.mul_(1.5)
    torch.testing.assert_close(twin(x), network(x), rtol=0, atol=0)


def test_a_bfloat16_run_learns_and_its_checkpoint_fits_single_precision(tmp_path):
    folders = {name: tmp_path / name for name in ("float32", "bfloat16")}
    runs = {
        name: run(small_config("network.width=8", f"train.precision={name}", max_steps=20), folder)
        for name, folder in folders.items()
    }
    steps = {name: [e.metrics for e in events if isinstance(e, StepDone)] for name, events in runs.items()}
    for near, exact in zip(steps["bfloat16"], steps["float32"], strict=True):
        assert near[XE] == pytest.approx(exact[XE], rel=0.02)
        assert near[NRG] == pytest.approx(exact[NRG], rel=0.1, abs=0.01)
    assert steps["bfloat16"] != steps["float32"]
    states = [
        load_newest_checkpoint(folder, torch.device("cpu"))[0]["learner"]["network"] for folder in folders.values()
    ]
    assert {k: v.dtype for k, v in states[0].items()} == {k: v.dtype for k, v in states[1].items()}


def test_a_missing_compiler_is_an_input_error(network, monkeypatch):
    def fail(*_):
        raise RuntimeError("No working C++ compiler found\nand a long story")

    monkeypatch.setattr(execution, "compile_network", fail)
    with pytest.raises(
        InputError, match=r"does not work on this machine: No working C\+\+ compiler found.*train\.compile=true"
    ):
        make_compute(network, TrainConfig(compile=True), SHAPE)


@pytest.mark.slow
def test_a_compiled_run_emits_equal_events_and_resumes_uncompiled(tmp_path):
    words = ("network.name=toy", "train.compile=true")
    plain = run(small_config(words[0], max_steps=10), tmp_path / "plain")
    fast = run(small_config(*words, max_steps=10), tmp_path / "fast")
    for one, other in zip(metrics(plain), metrics(fast), strict=True):
        assert other == pytest.approx(one, rel=1e-3, abs=1e-3)
    keys = [
        load_newest_checkpoint(tmp_path / name, torch.device("cpu"))[0]["learner"]["network"].keys()
        for name in ("plain", "fast")
    ]
    assert keys[0] == keys[1]
    resumed = run(small_config(words[0], max_steps=12), tmp_path / "fast", resume=True)
    assert [e.step for e in resumed if isinstance(e, StepDone)] == [11, 12]
    assert [e.path for e in resumed if isinstance(e, Note) and e.kind == "checkpoint"]
