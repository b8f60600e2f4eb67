"""Presets: named recipes with their sources."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from jem_tui.config.objective import ObjectiveConfig
from jem_tui.config.optimizer import OptimizerConfig
from jem_tui.config.sampler_settings import SgldConfig
from jem_tui.config.schema import (
    BufferConfig,
    DataConfig,
    NetworkConfig,
    RunConfig,
    TrainConfig,
)


def fast() -> RunConfig:
    """Return a recipe that gives readable digits within minutes on a CPU: informative chain starts (JEM++, arXiv 2109.09032), few steps and plain images in E(x) (SADA-JEM, arXiv 2209.07959), a logistic energy term (arXiv 2510.13872)."""
    return RunConfig(preset="fast")


def classic() -> RunConfig:
    """Return the recipe of the paper (arXiv 1912.03263, appendix): uniform-noise chains, 20 steps of size 1, noise 0.01, Adam 1e-4."""
    return RunConfig(
        preset="classic",
        data=DataConfig(translate=0),
        sgld=SgldConfig(steps=20, step_size=1.0, noise_scale=0.01, grad_clamp=0.0, clip=False),
        buffer=BufferConfig(size=10_000, reinit_prob=0.05, init="uniform", noise_visits=0, explorers=0),
        objective=ObjectiveConfig(energy_loss="difference", energy_l2=0.0, hinge=0.0, adversarial=0.0),
        optimizer=OptimizerConfig(rate=1e-4, beta1=0.9, warmup=1000, decay="none", ema=0.0),
        train=TrainConfig(epochs=150, batch_size=64),
    )


def cifar() -> RunConfig:
    """Return a recipe that takes minutes on a GPU: WRN-16-4, class Gaussians and 10 clamped steps (JEM++), half as many chains as images and plain images in E(x) (SADA-JEM), erased squares (arXiv 1708.04552)."""
    small = cifar_small()
    return replace(
        small,
        preset="cifar",
        data=replace(small.data, erase=12),
        network=NetworkConfig(name="wrn", depth=16, widen=4, activation="silu"),
        sgld=replace(small.sgld, steps=10),
        buffer=replace(small.buffer, size=4000, explorers=0, batch_share=0.5),
        optimizer=replace(
            small.optimizer, rate=2e-3, beta1=0.9, beta2=0.99, weight_decay=0.1, clip=1.0, warmup=500, ema=0.999
        ),
        train=replace(small.train, epochs=60, batch_size=256, precision="bfloat16"),
        record=replace(
            small.record, samples_every=500, evaluate_every=1000, checkpoint_every=2000, half_precision=True
        ),
    )


def cifar_small() -> RunConfig:
    """Return a variant of `cifar` that is small enough for a CPU: WRN-10-2, 5 steps (SADA-JEM, arXiv 2209.07959), batches of 64, single precision."""
    base = fast()
    return replace(
        base,
        preset="cifar-small",
        data=replace(base.data, name="cifar10", validation=0.05, translate=4, flip=True),
        network=NetworkConfig(name="wrn", depth=10, widen=2, activation="silu"),
        sgld=replace(base.sgld, steps=5, step_size=1.0),
        buffer=replace(base.buffer, size=10_000, reinit_prob=0.05),
        objective=replace(base.objective, energy_loss="difference", adversarial=0.0),
        optimizer=replace(base.optimizer, rate=3e-4, beta1=0.0, warmup=200, decay="cosine", ema=0.99),
        train=replace(base.train, epochs=20, batch_size=64, precision="float32"),
    )


def classifier() -> RunConfig:
    """Return the classifier twin of `fast`: its network, images, optimizer and epochs with the cross-entropy as the only loss, without chains."""
    base = fast()
    return replace(
        base,
        preset="classifier",
        sgld=replace(base.sgld, steps=0, steps_growth=0.0),
        buffer=replace(base.buffer, size=max(16, base.train.batch_size), explorers=0),
        objective=replace(base.objective, adversarial=0.0),
    )


PRESETS: dict[str, Callable[[], RunConfig]] = {
    "fast": fast,
    "classic": classic,
    "classifier": classifier,
    "cifar": cifar,
    "cifar-small": cifar_small,
}
