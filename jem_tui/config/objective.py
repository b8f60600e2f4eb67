"""Settings of the section [objective]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jem_tui.config.setting import setting

EnergyLoss = Literal["difference", "logistic"]


@dataclass(frozen=True, kw_only=True)
class ObjectiveConfig:
    """Terms of the loss beyond JEM/xe + JEM/nrg."""

    energy_loss: EnergyLoss = setting(
        "logistic",
        "energy term: difference (mean E(x) − mean E(x̂)), logistic (s · mean softplus(E(x) / s) + s · mean softplus(−E(x̂) / s) with s = energy_scale)",
        former="difference",
    )
    energy_scale: float = setting(
        3.0,
        "scale s of the logistic energy term, in nats: gradients of images have the weight σ(E(x) / s), those of chains σ(−E(x̂) / s)",
        0.01,
        1e4,
    )
    energy_l2: float = setting(0.005, "weight of mean(E²) over images and samples", 0, 10)
    hinge: float = setting(
        10.0,
        "energy in nats above the images' mean energy beyond which a chain receives no gradient; 0: no limit",
        0,
        1e4,
    )
    energy_weight: float = setting(1.0, "weight of the energy term in the loss, energy_l2 included", 0, 100)
    energy_weight_end: float = setting(
        1.0,
        "factor on energy_weight at the end of the run, approached linearly over the last share optimizer.cooldown of the run",
        0,
        1,
    )
    label_smoothing: float = setting(
        0.0, "share of each label that the loss spreads evenly over all classes; JEM/xe is logged without it", 0, 0.9
    )
    adversarial: float = setting(
        0.2, "largest L∞ radius of adversarial training images, for pixels in [0, 1]; 0: no such images", 0, 1
    )
    adversarial_share: float = setting(0.5, "number of adversarial images per image of the batch", 0.01, 1)
    denoising: float = setting(
        0.0,
        "weight of the denoising term, mean ‖α∇E(x + σε) − 0.1σε‖² / (0.05 + σ)² with α = sgld.step_size; 0: no term",
        0,
        1000,
    )
    denoising_share: float = setting(0.25, "number of images in the denoising term per chain of the batch", 0.01, 1)
    denoising_noise: float = setting(
        0.3, "largest noise σ of the denoising term; each image draws its σ uniformly from 0 to this value", 0.001, 10
    )
