"""Short runs on the built-in digits, each broken by a few settings on purpose, next to a healthy run."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from results.training import trained

COMMON = (
    *("--device", "cpu", "-s", "train.threads=1", "-s", "network.width=16", "-s", "objective.adversarial=0"),
    *("-s", "stability.on_divergence=ignore"),
)
"""Words of `jem-tui train` of every run: a small network, and a watchdog that reports a divergence without acting on it."""
RECORDED = ("-s", "record.samples_every=25", "-s", "record.evaluate_every=50", "-s", "record.tiles=40")
"""Words that decide only what is recorded."""


@dataclass(frozen=True, kw_only=True)
class BrokenRun:
    """A run with settings that break it."""

    name: str
    title: str
    settings: Sequence[str] = ()
    """Settings as SECTION.NAME=VALUE."""
    steps: int = 900

    @property
    def words(self) -> list[str]:
        """Words of `jem-tui train` that repeat the run, apart from what is recorded."""
        return [
            *COMMON,
            "--max-steps",
            str(self.steps),
            *(word for setting in self.settings for word in ("-s", setting)),
        ]

    @property
    def command(self) -> str:
        """The command line that repeats the run."""
        return f"jem-tui train {shlex.join(self.words)}"

    def train(self, work: Path) -> Path:
        """Train the run unless it is finished, and return its folder. An interrupted run is resumed."""
        return trained(work / self.name, [*self.words, *RECORDED])


HEALTHY = BrokenRun(name="healthy", title="a healthy run")
BROKEN = (
    BrokenRun(
        name="energies-run-away",
        title="energies run away",
        settings=(
            *(
                "objective.energy_loss=difference",
                "optimizer.rate=0.004",
                "sgld.step_size=0.05",
                "objective.energy_l2=0",
                "objective.hinge=0",
            ),
            *("buffer.init=uniform", "buffer.reinit_prob=0.3", "buffer.explorers=0"),
        ),
    ),
    BrokenRun(
        name="rate-too-high", title="learning rate too high", settings=("optimizer.rate=0.05", "optimizer.warmup=0")
    ),
    BrokenRun(name="chains-lag", title="chains lag behind", settings=("sgld.steps=1", "sgld.step_size=0.02")),
    BrokenRun(
        name="short-chains",
        title="one step from noise, without a buffer",
        settings=(
            *("sgld.steps=1", "buffer.init=uniform", "buffer.reinit_prob=1"),
            *("buffer.explorers=0", "buffer.noise_visits=0"),
        ),
    ),
    BrokenRun(name="step-too-large", title="step size too large", settings=("sgld.step_size=20",)),
    BrokenRun(name="chains-collapse", title="chains collapse", settings=("sgld.step_size=100",)),
    BrokenRun(name="noise-too-high", title="noise too high", settings=("sgld.noise_scale=0.3",)),
    BrokenRun(
        name="explorers-missing", title="explorers missing", settings=("buffer.explorers=0", "buffer.init=informative")
    ),
)
