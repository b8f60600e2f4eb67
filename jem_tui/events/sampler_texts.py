"""Explanations of the metrics of the sampler, for `metric_texts`."""

from __future__ import annotations

from collections.abc import Mapping

from jem_tui.events.metric_text import MetricText

DIAGNOSED = "every third health check (`stability.snapshot_every`) on a CPU, every twentieth on a GPU, with chains"
"""Condition under which a run logs the diagnostics."""

SAMPLER_STEPS: Mapping[str, MetricText] = {
    "sgld/gradient": MetricText(
        name="gradient norm of the chains",
        meaning="mean ‖∇E(x̂)‖₂ of the chains in the last SGLD step, before clamping",
        unit="nats per unit of x, which spans [−1, 1]",
        logged="with chains",
        healthy="It rises at the start, when the energy is still flat, and then varies within a factor of two or three.",
        faults="Steady growth: the energy becomes steep, so that a step of fixed size moves chains too far; decrease the step size or the "
        "learning rate. A value near zero: the energy is flat around the chains, and they hardly move.",
    ),
    "sgld/acceptance": MetricText(
        name="acceptance",
        meaning="mean probability with which mala accepts a proposal, or tempered an exchange of replicas",
        unit="fraction",
        logged="with `sgld.sampler=mala` or `tempered`",
        healthy="With mala, it is 0.5 or more.",
        faults="A value near 0: nearly all proposals are rejected, and chains of mala do not move. Decrease the step size α, and the noise in "
        "proportion to √α, which keeps the temperature.",
    ),
    "sgld/steps": MetricText(
        name="SGLD steps K",
        meaning="K, the number of SGLD steps of each chain in the batch",
        unit="steps",
        logged="always",
        healthy="It is constant, unless sgld.steps_growth is set or a key changes it.",
        faults="A rise without a key or setting as its cause: the watchdog has rolled the run back and increased K.",
    ),
}
"""Metrics of the sampler in every step, by tag."""

SAMPLER_DIAGNOSTICS: Mapping[str, MetricText] = {
    "sgld/gradient_over_noise": MetricText(
        name="gradient over noise",
        meaning="norm of the step along the gradient over that of the noise, α‖clamp(∇E)‖₂ / (σ√d) for d numbers per image, mean over steps and "
        "chains of the buffer",
        unit="–",
        logged=f"{DIAGNOSED} and `sgld.noise_scale` above 0",
        healthy="It rises to about 3 within some hundred steps of preset fast, and then falls slowly: the gradient moves the chains more than the "
        "noise, since they are sampled at a low temperature. Around 1 both move the chains equally.",
        faults="Far above 10: the chains descend without noise and end in the nearest mode; increase sgld.noise_scale. Far below 0.1: the "
        "chains are a random walk; increase sgld.step_size.",
    ),
    "sgld/clipped": MetricText(
        name="clipped pixels",
        meaning="share of the pixels that a step puts on a border of [−1, 1], mean over steps and chains of the buffer",
        unit="fraction",
        logged=f"{DIAGNOSED} and `sgld.clip`",
        healthy="It approaches a constant. On digits it is about 0.65, because most pixels of the background are black.",
        faults="A rise towards 1: the energy pushes all pixels to black and white; decrease sgld.step_size, or set objective.denoising.",
    ),
    "sgld/moved": MetricText(
        name="moved pixels",
        meaning="share of the pixels whose gray level of 256 a step changes, mean over steps and chains of the buffer",
        unit="fraction",
        logged=DIAGNOSED,
        healthy="It is about 0.2 on digits, whose black pixels mostly stay black.",
        faults="A value near 0: the chains stand still, because all pixels are at a border or the noise is smaller than a gray level.",
    ),
    "sgld/autocorrelation": MetricText(
        name="autocorrelation of visits",
        meaning="autocorrelation of E(x̂) from one visit of K steps to the next, mean over chains of the buffer at fixed weights",
        unit="–",
        logged=DIAGNOSED,
        healthy="It is about 0.8 in runs of preset fast, near the largest value that 16 visits of a slow chain can give. Independent values give "
        "about −0.06.",
        faults="No fall when K rises: the chains keep their energies at any number of steps. Increase sgld.noise_scale.",
    ),
    "sgld/ess_bulk": MetricText(
        name="effective sample size",
        meaning="bulk effective sample size of E(x̂) of chains of the buffer over visits at fixed weights, divided by the number of draws, as "
        "arviz.ess(relative=True)",
        unit="fraction",
        logged=DIAGNOSED,
        healthy="It is about 0.13 in runs of preset fast: eight visits of a chain are worth one independent sample.",
        faults="The lowest possible value, about 0.07: each chain keeps an energy of its own, and visits add nothing. Increase the SGLD steps K "
        "or sgld.noise_scale.",
    ),
    "sgld/rhat": MetricText(
        name="R-hat of restarted chains",
        meaning="rank-normalised split R-hat of E(x̂) over visits at fixed weights, of chains of which one half is from the buffer and one half "
        "is restarted",
        unit="–",
        logged=DIAGNOSED,
        healthy="It is about 2 in runs of preset fast, since chains at a low temperature keep to their modes. 1 would mean that restarted chains have "
        "the energies of the buffer within 16 visits.",
        faults="A rise: restarted chains no longer reach the buffer, which then consists of old chains alone. Increase K, or restart more "
        "chains (buffer.reinit_prob).",
    ),
}
"""Diagnostics of the sampler, named as arviz names them, by tag."""
