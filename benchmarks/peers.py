"""Training with two other libraries compared with jem-tui: `python -m benchmarks.peers [--device cuda] [--batch N] [--rounds N] [--steps N]`.

With `--accuracy`, the time until accuracies on held-out images is measured instead of the time of a step.

Needs `pip install ebmkit torchebm`. Network, K, step size, noise, batch, buffer size, images on the device and optimizer are the
same for all; chains start from a buffer and the loss has a cross-entropy and an energy term.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from benchmarks.interleaved import Spread, clock, interleaved
from benchmarks.quality.peers import torchebm
from benchmarks.report import Row, at_least, markdown, plain
from benchmarks.subject import QUIET, recorded, subject
from benchmarks.time_to_quality import EVERY, LONGEST, accuracy_of
from benchmarks.training import PLAIN
from jem_tui.jem.data.datasets import load_data
from jem_tui.jem.data.image_set import as_input
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.learner.optimizer import make_optimizer

AIM = {"cuda": 10.0}
"""Target for the step time of another library over that of jem-tui, by device."""
ACCURACIES = (0.95, 0.98)
LONGER = 10
"""Steps of jem-tui for one step of another library, on a GPU: a timed call must be long compared with synchronization."""


def inputs(learner: Learner) -> tuple[Tensor, Tensor]:
    """Return all training images (n, channels, height, width) in [−1, 1] and their labels (n,), on the device."""
    return as_input(learner.batches.pixels), learner.batches.labels


def ebmkit_steps(learner: Learner, count: int) -> Callable[[], object]:
    """Return a call that trains `count` steps with the trainer, JEM loss, buffer and sampler of ebmkit."""
    from ebm.buffer import ReplayBuffer
    from ebm.jem import ClassifierEnergy, JEMLoss
    from ebm.losses.cd import ContrastiveDivergence
    from ebm.samplers.langevin import LangevinDynamics
    from ebm.training import Trainer

    config, data = learner.config, inputs(learner)
    sgld = config.sgld
    sampler = LangevinDynamics(sgld.step_size, sgld.steps, sgld.noise_scale, sgld.grad_clamp, (-1, 1))
    chains = ReplayBuffer(config.buffer.size, tuple(data[0].shape[1:]), config.buffer.reinit_prob)
    loss = JEMLoss(ContrastiveDivergence(sampler, chains, config.objective.energy_l2))
    optimizer = make_optimizer(learner.network, config.optimizer, data[0].device)
    trainer = Trainer(ClassifierEnergy(learner.network), loss, optimizer, device=data[0].device)
    return lambda: trainer.fit(data, steps=count, batch_size=config.train.batch_size, verbose=False)


def torchebm_steps(learner: Learner, count: int) -> Callable[[], object]:
    """Return a call that trains `count` steps with the sampler and persistent contrastive divergence of torchebm."""
    peer = torchebm(learner)

    def run() -> None:
        for _ in range(count):
            peer.train()

    return run


def rows(device: str, batch: int, rounds: int, steps: int) -> Iterator[Row]:
    """Yield the step time of each library, and its ratio to that of jem-tui."""
    words = (f"train.device={device}", f"train.batch_size={batch}", "train.epochs=100000")
    calm = (*QUIET, "stability.snapshot_every=1000000", *words)
    ours = steps * LONGER if device == "cuda" else steps
    lengths = {"recipe": ours, "ours": ours, "ebmkit": steps, "torchebm": steps}
    calls = {
        "recipe": recorded(subject(*calm), ours),
        "ours": recorded(subject(*calm, *PLAIN), ours),
        "ebmkit": ebmkit_steps(subject(*words, *PLAIN).learner, steps),
        "torchebm": torchebm_steps(subject(*words, *PLAIN).learner, steps),
    }
    seconds = {name: [time / lengths[name] for time in found] for name, found in interleaved(calls, rounds).items()}
    for name in ("ours", "ebmkit", "torchebm"):
        yield plain(f"batch {batch}: {name}, ms a step", Spread.of([1e3 * each for each in seconds[name]]))
    yield plain(
        "… ours with all of the default recipe, ms a step", Spread.of([1e3 * each for each in seconds["recipe"]])
    )
    for name in ("ebmkit", "torchebm"):
        over = Spread.of([theirs / mine for theirs, mine in zip(seconds[name], seconds["ours"], strict=True)])
        label = f"… {name} over ours"
        yield at_least(label, over, AIM[device]) if device in AIM else plain(label, over)


def times_to_accuracy(device: str, batch: int, longest: int = LONGEST) -> Iterator[Row]:
    """Yield the seconds and steps in which each library reaches 95 % and 98 % on held-out images of the built-in digits.

    The time of the measurements does not count. jem-tui measures the average of its weights, the other libraries have none.
    """
    words = (f"train.device={device}", f"train.batch_size={batch}", "train.epochs=100000")
    default, same = subject(*QUIET, *words), subject(*QUIET, *words, *PLAIN)
    others = {"ebmkit": ebmkit_steps, "torchebm": torchebm_steps}
    runs: dict[str, tuple[Learner, nn.Module, Callable[[], object]]] = {
        "jem-tui, default recipe": (default.learner, default.learner.evaluated, recorded(default, EVERY)),
        "jem-tui": (same.learner, same.learner.evaluated, recorded(same, EVERY)),
    }
    for name, steps in others.items():
        learner = subject(*words, *PLAIN).learner
        runs[name] = (learner, learner.network, steps(learner, EVERY))
    for name, (learner, network, train) in runs.items():
        data = load_data(learner.config.data, learner.config.train.seed, lambda text, fraction: None)
        yield from reached(name, train, accuracy_of(learner, network, data), longest)


def reached(name: str, train: Callable[[], object], accuracy: Callable[[], float], longest: int) -> Iterator[Row]:
    """Yield seconds and steps of calls of `train` until each accuracy is reached."""
    goals, seconds, now = list(ACCURACIES), 0.0, clock()
    for count in range(EVERY, longest + 1, EVERY):
        began = now()
        train()
        seconds += now() - began
        found = accuracy()
        while goals and found >= goals[0]:
            yield plain(f"{name}: time to {goals.pop(0):.0%}", f"{seconds:.0f} s, {count:,} steps")
        if not goals:
            return
    yield from (plain(f"{name}: time to {goal:.0%}", f"not in {longest:,} steps, {found:.1%}") for goal in goals)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description="Compare with other libraries.")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--batch", type=int, nargs="+", default=[64])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=10, help="of another library in one timed call")
    parser.add_argument("--accuracy", action="store_true", help="measure the time to accuracies instead")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    tables = (
        times_to_accuracy(asked.device, batch)
        if asked.accuracy
        else rows(asked.device, batch, asked.rounds, asked.steps)
        for batch in asked.batch
    )
    found = [row for table in tables for row in table]
    print("\n".join(markdown(found)))


if __name__ == "__main__":
    main()
