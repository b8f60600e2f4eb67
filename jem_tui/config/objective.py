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
        "energy term: difference (mean E(x) − mean E(x̂), the gradient of −log p(x)), logistic (s · mean softplus(E(x) / s) + s · mean softplus(−E(x̂) / s), whose weights σ(E(x) / s) and σ(−E(x̂) / s) bound the energies)",
    )
    energy_scale: float = setting(
        3.0, "scale s in nats of the logistic energy term: the energies over which its weights fall", 0.01, 1e4
    )
    energy_l2: float = setting(0.005, "weight of mean(E²) over images and samples", 0, 10)
    hinge: float = setting(
        10.0,
        "energy in nats above the data's mean energy beyond which a chain does not count in the gradient of JEM/nrg; 0: no limit",
        0,
        1e4,
    )
    energy_weight: float = setting(
        1.0, "weight of the energy term, which is JEM/nrg with energy_l2, in the loss", 0, 100
    )
    energy_weight_end: float = setting(
        1.0,
        "share of energy_weight that is left at the end of the run, after a linear fall over the last optimizer.cooldown of the run",
        0,
        1,
    )
    label_smoothing: float = setting(
        0.0, "share of each label that the loss spreads over all classes; JEM/xe shows the loss without it", 0, 0.9
    )
    adversarial: float = setting(
        0.2, "largest L∞ radius of adversarial training images, for pixels in [0, 1]; 0: no such images", 0, 1
    )
    adversarial_share: float = setting(0.5, "number of adversarial images for each image of the batch", 0.01, 1)
    denoising: float = setting(
        0.0,
        "weight of the denoising term, mean ‖α∇E(x + σε) − 0.1σε‖² / (0.05 + σ)², in steps with chains; α is sgld.step_size; 0: none",
        0,
        1000,
    )
    denoising_share: float = setting(
        0.25, "number of images in the denoising term for each chain of the batch", 0.01, 1
    )
    denoising_noise: float = setting(0.3, "largest σ of the denoising term, uniform from 0 for each image", 0.001, 10)
