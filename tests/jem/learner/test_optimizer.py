import subprocess
import sys
from collections.abc import Callable

import torch

from jem_tui.config.schema import OptimizerConfig
from jem_tui.jem.learner.optimizer import make_optimizer


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


def test_a_step_imports_no_compiler():
    code = (
        "import sys, torch\nfrom jem_tui.config.schema import OptimizerConfig\n"
        "from jem_tui.jem.learner.optimizer import make_optimizer\nn = torch.nn.Linear(2, 2)\n"
        "o = make_optimizer(n, OptimizerConfig(), torch.device('cpu'))\no.zero_grad()\nn(torch.ones(1, 2)).sum().backward()\n"
        "o.step()\no.load_state_dict(o.state_dict())\n"
        "print(*{'torch._dynamo', 'sympy', 'torchvision'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == []
