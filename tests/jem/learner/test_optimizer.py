import subprocess
import sys
from collections.abc import Callable

import pytest
import torch

from jem_tui.config.optimizer import OptimizerConfig
from jem_tui.jem.learner.optimizer import Adam, make_optimizer
from jem_tui.jem.learner.pieces import piece_length, pieces_of


def trained(
    optimizer_of: Callable[[torch.nn.Module], torch.optim.Optimizer], steps: int = 5
) -> tuple[torch.nn.Module, torch.optim.Optimizer]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = torch.nn.Linear(4, 3)
        x = torch.randn(8, 4)
    optimizer = optimizer_of(network)
    for _ in range(steps):
        optimizer.zero_grad(set_to_none=True)
        network(x).square().mean().backward()
        optimizer.step()
    return network, optimizer


def test_the_optimizer_is_torchs_adam_bit_for_bit():
    config = OptimizerConfig()
    ours, optimizer = trained(lambda network: make_optimizer(network, config, torch.device("cpu")))
    betas = (config.beta1, config.beta2)
    theirs, other = trained(lambda n: torch.optim.Adam(n.parameters(), lr=config.rate, betas=betas, fused=True))
    torch.testing.assert_close(ours.weight, theirs.weight, rtol=0, atol=0)
    assert optimizer.state_dict()["param_groups"] == other.state_dict()["param_groups"]


@pytest.mark.slow
def test_a_step_imports_no_compiler():
    code = (
        "import sys, torch\nfrom jem_tui.config.optimizer import OptimizerConfig\n"
        "from jem_tui.jem.learner.optimizer import make_optimizer\nn = torch.nn.Linear(2, 2)\n"
        "o = make_optimizer(n, OptimizerConfig(), torch.device('cpu'))\no.zero_grad()\nn(torch.ones(1, 2)).sum().backward()\n"
        "o.step()\no.load_state_dict(o.state_dict())\n"
        "print(*{'torch._dynamo', 'sympy', 'torchvision'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == []


def make_adam(network: torch.nn.Module, **settings: float) -> Adam:
    return make_optimizer(network, OptimizerConfig(**settings), torch.device("cpu"))


def test_weight_decay_is_that_of_adamw_for_matrices_and_spares_biases():
    config = OptimizerConfig(rate=0.01, weight_decay=0.3)
    ours, _ = trained(lambda network: make_adam(network, rate=0.01, weight_decay=0.3))

    def theirs(network: torch.nn.Module) -> torch.optim.Optimizer:
        groups = [{"params": [network.weight]}, {"params": [network.bias], "weight_decay": 0.0}]
        betas = (config.beta1, config.beta2)
        return torch.optim.AdamW(groups, lr=config.rate, betas=betas, weight_decay=config.weight_decay, fused=True)

    other, _ = trained(theirs)
    torch.testing.assert_close(ours.weight, other.weight)
    assert torch.equal(ours.bias, other.bias)
    plain, _ = trained(lambda network: make_adam(network, rate=0.01))
    assert not torch.allclose(ours.weight, plain.weight)


@pytest.mark.parametrize("found", [0.0, 1.0])
def test_weight_decay_leaves_weights_of_a_halted_step_and_takes_a_rate_on_the_device(found):
    network = torch.nn.Linear(4, 3)
    network(torch.ones(2, 4)).sum().backward()
    before = network.weight.detach().clone()
    optimizer = make_adam(network, weight_decay=0.5)
    for group in optimizer.param_groups:
        group["lr"] = torch.tensor(0.1)
    optimizer.found_inf = torch.tensor(found)
    optimizer._shrink()
    torch.testing.assert_close(network.weight.detach(), before * (1.0 if found else 0.95))
    optimizer.step()
    assert torch.equal(network.weight, before) == bool(found)


@pytest.mark.parametrize(("clip", "expected"), [(0.0, 5.0), (1.0, 1.0), (7.0, 5.0)])
def test_a_gradient_beyond_the_limit_is_scaled_down_to_it(clip, expected):
    network = torch.nn.Linear(1, 1)
    network.weight.grad, network.bias.grad = torch.tensor([[3.0]]), torch.tensor([4.0])
    optimizer = make_adam(network, clip=clip)
    optimizer.prepare_gradients()
    found = torch.nn.utils.get_total_norm([network.weight.grad, network.bias.grad])
    torch.testing.assert_close(found, torch.tensor(expected))
    assert float(network.bias.grad / network.weight.grad) == pytest.approx(4 / 3)


def test_a_state_without_decay_continues_with_it():
    network, optimizer = trained(lambda network: make_adam(network))
    resumed = make_adam(network, weight_decay=0.5)
    resumed.load_state_dict(optimizer.state_dict())
    before = network.weight.detach().clone()
    resumed._shrink()
    torch.testing.assert_close(network.weight.detach(), before * (1 - 0.5 * OptimizerConfig().rate))


@pytest.mark.parametrize("found", [0.0, 1.0])
def test_a_step_in_pieces_is_that_of_whole_weights(found):
    def halves(network: torch.nn.Module) -> Adam:
        return make_adam(network, rate=0.01, beta1=0.9)

    (one, whole), (other, pieced) = trained(halves, 2), trained(halves, 2)
    for network, optimizer in ((one, whole), (other, pieced)):
        optimizer.zero_grad(set_to_none=True)
        network(torch.ones(2, 4)).square().sum().backward()
        optimizer.found_inf = torch.tensor(found)
    whole.step()
    pieced.step_in_pieces(5)
    for pair in zip(one.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(*pair)
    for name in ("step", "exp_avg", "exp_avg_sq"):
        states = zip(whole.state.values(), pieced.state.values(), strict=True)
        for a, b in states:
            torch.testing.assert_close(a[name], b[name])


@pytest.mark.parametrize("format", [torch.contiguous_format, torch.channels_last])
def test_pieces_are_views_of_all_numbers_of_weights_in_one_format(format):
    one, other = (torch.randn(6, 4, 3, 3).to(memory_format=format) for _ in range(2))
    product = (one * other).clone()
    parts = pieces_of(50, one, other)
    assert [len(part) for part, _ in parts] == [50, 50, 50, 50, 16]
    for part, factor in parts:
        part.mul_(factor)
    assert torch.equal(one, product)
    assert pieces_of(0, one, other) == [(one, other)]
    assert len(pieces_of(50, one, torch.randn(4, 6, 3, 3).transpose(0, 1))) == 1
    assert piece_length([one, other]) == 0, "on a CPU"


@pytest.mark.parametrize("fused", [False, True])
def test_every_kernel_leaves_out_a_step_that_is_not_to_be_made(fused):
    weight = torch.nn.Parameter(torch.ones(2, 2))
    optimizer = Adam([weight], lr=0.1, weight_decay=0.5, fused=fused)
    weight.grad = torch.full((2, 2), torch.nan)
    optimizer.found_inf = torch.tensor(1.0)
    optimizer.step()
    assert torch.equal(weight, torch.ones(2, 2))
    weight.grad = torch.ones(2, 2)
    optimizer.found_inf = torch.tensor(0.0)
    optimizer.step()
    assert torch.allclose(weight, torch.full((2, 2), 0.95 - 0.1))
