"""Named recipes. Each says where it comes from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from jem_tui.config.schema import (
    BufferConfig,
    ObjectiveConfig,
    OptimizerConfig,
    RunConfig,
    SgldConfig,
    TrainConfig,
)


def fast() -> RunConfig:
    """Minutes to readable digits on a CPU: informative chain starts (JEM++, arXiv 2109.09032), few steps (SADA-JEM, arXiv 2209.07959)."""
    return RunConfig(preset="fast")


def classic() -> RunConfig:
    """The recipe of the paper (arXiv 1912.03263, appendix): uniform-noise chains, 20 steps of size 1, noise 0.01, Adam 1e-4."""
    return RunConfig(
        preset="classic",
        sgld=SgldConfig(steps=20, step_size=1.0, noise_scale=0.01, grad_clamp=0.0, clip=False),
        buffer=BufferConfig(size=10_000, reinit_prob=0.05, init="uniform", noise_visits=0),
        objective=ObjectiveConfig(energy_l2=0.0, hinge=0.0),
        optimizer=OptimizerConfig(rate=1e-4, beta1=0.9, warmup=1000, decay="none", ema=0.0),
        train=TrainConfig(epochs=150, batch_size=64),
    )


def classifier() -> RunConfig:
    """The twin that `fast` is compared with: the same network, images, optimizer and epochs on cross-entropy alone, without chains."""
    base = fast()
    return replace(
        base,
        preset="classifier",
        sgld=replace(base.sgld, steps=0, steps_growth=0.0),
        buffer=replace(base.buffer, size=max(16, base.train.batch_size)),
    )


PRESETS: dict[str, Callable[[], RunConfig]] = {"fast": fast, "classic": classic, "classifier": classifier}
