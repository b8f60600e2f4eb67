"""Settings of the section [optimizer]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jem_tui.config.setting import setting


@dataclass(frozen=True, kw_only=True)
class OptimizerConfig:
    """Adam, its schedule, and the weight average that evaluation uses."""

    rate: float = setting(1.5e-3, "learning rate", 0, 1000)
    beta1: float = setting(0.0, "Adam's decay of the gradient average", 0, 0.9999)
    beta2: float = setting(0.999, "Adam's decay of the squared gradient average", 0, 0.999999)
    weight_decay: float = setting(
        0.0,
        "weight decay as in AdamW: each step multiplies convolutions and matrices by 1 − rate · weight_decay; 0: none",
        0,
        100,
    )
    clip: float = setting(
        0.0, "largest L2 norm of the loss's gradient; a larger gradient is scaled down to it; 0: no limit", 0, 1e6
    )
    warmup: int = setting(200, "optimizer steps over which the learning rate rises linearly from 0", 0, 1_000_000)
    decay: Literal["none", "linear", "cosine", "cooldown"] = setting(
        "cooldown",
        "decay of the learning rate towards 0 at the end of the run: none, linear, cosine, cooldown (constant, then linear)",
    )
    cooldown: float = setting(
        0.3,
        "last share of the run, over which decay=cooldown lowers the learning rate and objective.energy_weight_end the energy term",
        0.01,
        1,
    )
    ema: float = setting(
        0.99, "decay of the exponential moving average of the weights used for evaluation; 0: off", 0, 0.99999
    )
