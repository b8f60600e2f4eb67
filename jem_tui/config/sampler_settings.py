"""Settings of the sampler."""

from __future__ import annotations

from dataclasses import dataclass

from jem_tui.config.setting import Arguments, plugin_setting, setting
from jem_tui.plugins.kinds import SAMPLER

SAMPLERS = ("sgld", "mala", "underdamped", "tempered")
"""Samplers that `sgld.sampler` accepts, apart from plug-ins."""


@dataclass(frozen=True, kw_only=True)
class SgldConfig:
    """The sampler; SGLD moves x ← clip(x − step_size · clamp(∇E(x)) + noise_scale · ε)."""

    sampler: str = plugin_setting(
        "sgld",
        "sgld, mala (Metropolis-adjusted), underdamped (with momentum), tempered (replica exchange), or a plug-in: module:function or an installed name",
        SAMPLER,
        SAMPLERS,
    )
    args: Arguments = setting(Arguments(), "keyword arguments of a plug-in, each set as sgld.args.NAME")
    steps: int = setting(
        5, "SGLD steps of each chain in a batch, K; 0: no chains, the run trains a plain classifier", 0, 10_000
    )
    steps_growth: float = setting(0.0, "SGLD steps added after each epoch", 0, 1000)
    max_steps: int = setting(100, "upper limit on K as steps_growth increases it", 1, 10_000)
    step_size: float = setting(0.4, "step size α on ∇E(x)", 0, 1e4)
    noise_scale: float = setting(0.005, "standard deviation σ of the noise in each SGLD step", 0, 10)
    conditional: bool = setting(
        False, "sample p(x|y): each chain keeps a class y and descends −f(x)[y] instead of −logsumexp_y f(x)[y]"
    )
    guidance: float = setting(
        0.0,
        "weight w of classifier guidance, with conditional=true: chains descend E(x, y) − w log p(y|x); 0: no guidance",
        0,
        100,
    )
    friction: float = setting(
        1.0, "friction of underdamped: each step multiplies the momentum by exp(−friction)", 0, 1000
    )
    hot_temperature: float = setting(
        2.0, "temperature of tempered's hot replicas, as a multiple of noise_scale² / (2 · step_size)", 1, 1e6
    )
    grad_clamp: float = setting(1.0, "limit on the magnitude of each component of ∇E(x); 0: no limit", 0, 1e6)
    clip: bool = setting(True, "keep samples inside [-1, 1]")

    @property
    def temperature(self) -> float | None:
        """The temperature T = σ²/(2α) at which SGLD with small step size α and noise σ samples exp(−E(x)/T); None if α is 0."""
        return self.noise_scale**2 / (2 * self.step_size) if self.step_size else None
