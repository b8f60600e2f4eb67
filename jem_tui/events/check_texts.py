"""Explanations of the metrics that are measured with health checks, for `metric_texts`."""

from __future__ import annotations

from collections.abc import Mapping

from jem_tui.events.metric_text import MetricText

DIAGNOSED = "every third health check (`stability.snapshot_every`) on a CPU, every twentieth on a GPU, with chains"
"""Condition under which a run logs the diagnostics."""

GRADIENT_RATIO = "optimizer/gradient_ratio"
GRADIENT_RATIO_TEXT = MetricText(
    name="ratio of the gradients of both terms",
    meaning="log₁₀(‖∇θ energy term‖ / ‖∇θ JEM/xe‖): gradient norm of the energy term, with its weight, over that of the cross-entropy, for "
    "up to 64 training images and as many chains of the buffer",
    unit="powers of ten",
    logged="every `stability.snapshot_every` steps, with chains",
    healthy="It rises from about 0 and stays between 0.5 and 1.5 in runs of preset fast: at 0 both gradients have the same length, at 1 that of the "
    "energy term is ten times longer.",
    faults="Above 2: the energy term dominates, and the classifier learns late; decrease objective.energy_weight. Below −1: the model "
    "learns p(y|x) alone, and its samples do not improve; increase objective.energy_weight. A steady rise towards the end of a run is "
    "usual, because the cross-entropy becomes flat.",
)

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
        meaning="share of the pixels whose grey level of 256 a step changes, mean over steps and chains of the buffer",
        unit="fraction",
        logged=DIAGNOSED,
        healthy="It is about 0.2 on digits, whose black pixels mostly stay black.",
        faults="A value near 0: the chains stand still, because all pixels are at a border or the noise is smaller than a grey level.",
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
