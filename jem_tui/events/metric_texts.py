"""Explanations of logged metrics: the meaning of each metric, its healthy course, and the signs of faults.

The help of the screen displays these sentences, and `tools/make_docs.py` writes them into pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from jem_tui.events.metric_text import MetricText as MetricText
from jem_tui.events.real_images import REAL_IMAGES
from jem_tui.events.run import ACCURACY, NRG, TOTAL, X_HAT, XE
from jem_tui.events.sampler_texts import SAMPLER_DIAGNOSTICS, SAMPLER_STEPS

SPLITS = ("validation", "test")
ALWAYS, WITH_CHAINS, EVERY_EVALUATION = "always", "with chains", "every evaluation"


STEP_METRICS: Mapping[str, MetricText] = {
    TOTAL: MetricText(
        name="total loss",
        meaning="JEM/xe + JEM/nrg",
        unit="nats",
        logged=ALWAYS,
        healthy="It falls to a few nats below zero during the first hundreds of steps, as JEM/nrg does, and then rises to a constant near zero. A lower value "
        "does not mean better samples, because JEM/nrg compares the images with samples that change as well.",
        faults="A steady decrease over thousands of steps: chains lag behind, see JEM/nrg. A jump of tens of nats: the run diverges.",
    ),
    NRG: MetricText(
        name="energy difference",
        meaning="mean E(x) of the images minus mean E(x̂) of the samples; 0 without chains",
        unit="nats",
        logged=ALWAYS,
        healthy="It falls by three to five nats during the first hundreds of steps, returns within about a thousand steps, and then stays between "
        "−1 and 0: samples are nearly as probable as images. With objective.energy_loss=difference it oscillates around zero.",
        faults="Far below zero and falling: samples have a higher energy than images, because the chains lag behind the model; increase the "
        "SGLD steps K, or decrease the learning rate. Far above zero: the chains have found images with a lower energy than any training "
        "image; decrease the step size, or restart chains more often. A change of sign in every step: the model changes too fast for its "
        "chains; decrease the learning rate.",
    ),
    XE: MetricText(
        name="cross-entropy",
        meaning="cross-entropy: mean −log p(y|x) of the augmented images",
        unit="nats",
        logged=ALWAYS,
        healthy="It starts near the logarithm of the number of classes (2.3 for ten), falls quickly, and continues to fall slowly.",
        faults="A rise, or no change from the first value: the learning rate is too high, or energies run away and dominate the gradient. "
        "Decrease the learning rate, or roll back to a checkpoint.",
    ),
    ACCURACY: MetricText(
        name="accuracy of the batch",
        meaning="share of the batch's images whose most probable class is their label",
        unit="fraction",
        logged=ALWAYS,
        healthy="It rises as JEM/xe falls. The points of the validation accuracy follow it closely and are above it at the start, because "
        "validation images are not augmented.",
        faults="A fall has the causes of a rise of JEM/xe. Validation points that remain below the curve show overfitting: train for "
        "fewer steps, or augment the images more.",
    ),
    "JEM/energy_data": MetricText(
        name="energy of the images",
        meaning="mean E(x) of the images",
        unit="nats",
        logged=ALWAYS,
        healthy="It rises from −2.3 (minus the logarithm of ten classes), and then remains between −1 and 0: the logistic energy term fixes the "
        "level. With objective.energy_loss=difference the level is arbitrary. Only differences of energies have a meaning: "
        "a constant that is added to all energies changes no probability.",
        faults="A drift of the energies of images and samples in one direction: energy_loss=difference does not fix their level; increase "
        "objective.energy_l2. A fall below −100: energies run away; decrease the learning rate.",
    ),
    "JEM/energy_samples": MetricText(
        name="energy of the samples",
        meaning="mean E(x̂) of the samples after their K steps",
        unit="nats",
        logged=WITH_CHAINS,
        healthy="It rises a few nats above the energy of the images during the first hundreds of steps, and then approaches it.",
        faults="A growing gap above the images: the chains lag behind, or many of them are stuck in regions that the model excludes. A "
        "growing gap below the images: the chains leave the region of the images.",
    ),
    "JEM/energy_explorers": MetricText(
        name="energy of the explorers",
        meaning="mean E(x̂) of the explorers after their K steps",
        unit="nats",
        logged="with explorers",
        healthy="It rises to ten nats or more above the energy of the images within some hundred steps: the model assigns a low density to "
        "noise.",
        faults="A value near the energy of the images: the model assigns the density of images to noise, or the explorers already resemble "
        "images. The samples pane shows which.",
    ),
    "JEM/xe_adversarial": MetricText(
        name="cross-entropy of adversarial images",
        meaning="mean −log p(y|x) of the adversarial images",
        unit="nats",
        logged="with adversarial images",
        healthy="It falls later and more slowly than JEM/xe and stays above it.",
        faults="No change from the first value: the radius objective.adversarial is too large for the network.",
    ),
    "JEM/denoising": MetricText(
        name="denoising error",
        meaning="mean ‖α∇E(x + σε) − 0.1σε‖² / (0.05 + σ)² of images with noise, before the weight `objective.denoising`",
        unit="–",
        logged="with `objective.denoising`",
        healthy="It falls as the energy learns to remove noise: one SGLD step removes a tenth of the noise from an image.",
        faults="Growth by orders of magnitude: the energy becomes steep around the images; decrease the learning rate or the step size.",
    ),
    "JEM/energy_weight": MetricText(
        name="weight of the energy term",
        meaning="weight of the energy term in the loss",
        unit="–",
        logged="with `objective.energy_weight` or `energy_weight_end` other than 1",
        healthy="It is constant, or falls linearly at the end of the run if objective.energy_weight_end is below 1.",
        faults="None, because the settings alone determine it.",
    ),
    "optimizer/gradient": MetricText(
        name="gradient norm of the weights",
        meaning="L2 norm of the gradient of the loss with respect to all weights",
        unit="loss per unit of weight",
        logged=ALWAYS,
        healthy="It peaks during the first hundreds of steps and then varies within a factor of ten.",
        faults="Steady growth by orders of magnitude precedes a divergence: decrease the learning rate, or limit the norm with optimizer.clip. "
        "A value near zero: the network no longer learns.",
    ),
    "optimizer/gradient_ratio": MetricText(
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
    ),
    "train/minutes": MetricText(
        name="time of the run",
        meaning="minutes since the start of the run, excluding pauses, before the step",
        unit="minutes",
        logged="with `train.minutes`",
        healthy="It rises linearly to train.minutes, where the run ends, with a jump at each evaluation and checkpoint.",
        faults="A slope that becomes steeper: steps take longer, so that fewer of them fit into the time; another program may use the device.",
    ),
    "optimizer/rate": MetricText(
        name="learning rate",
        meaning="learning rate of the step, after schedule, rollbacks and overrides",
        unit="–",
        logged=ALWAYS,
        healthy="It rises during the warm-up and falls to zero at the end of the run, unless optimizer.decay is none.",
        faults="A sudden fall by half: the watchdog has rolled the run back. The notes contain the reason.",
    ),
    **SAMPLER_STEPS,
    **SAMPLER_DIAGNOSTICS,
}
"""Metrics of optimizer steps, by tag."""

EVALUATED: Mapping[str, MetricText] = {
    "SPLIT/accuracy": MetricText(
        name="accuracy of the split",
        meaning="share of the images whose most probable class is their label",
        unit="fraction",
        logged=EVERY_EVALUATION,
        healthy="It rises quickly at first, and later by tenths of a percentage point per evaluation.",
        faults="A fall by several percentage points: a divergence has damaged the classifier. Differences of a tenth of a point between two "
        "evaluations are chance: at 97 % of 1,000 images, the standard error is half a point.",
    ),
    "SPLIT/xe": MetricText(
        name="cross-entropy of the split",
        meaning="mean −log p(y|x)",
        unit="nats",
        logged=EVERY_EVALUATION,
        healthy="It falls as long as the network learns.",
        faults="A rise while JEM/xe falls: the network overfits.",
    ),
    "SPLIT/ece": MetricText(
        name="calibration error of the split",
        meaning="expected calibration error: Σ share · |accuracy − mean confidence| over 15 bins of confidence",
        unit="fraction",
        logged=EVERY_EVALUATION,
        healthy="It is high at the start, when the network is underconfident, and falls below 0.01.",
        faults="A rise at the end of a run: the network becomes overconfident.",
    ),
    "SPLIT/auroc/SET": MetricText(
        name="OOD detection",
        meaning="AUROC of log p(x): probability that an image of the split has a higher density than an image of the set",
        unit="fraction",
        logged=EVERY_EVALUATION,
        healthy="It rises towards 1 for every set. The score of inverted images can fall below 0.5 for about a thousand steps, and then rises "
        "again.",
        faults="A value below 0.5: the model assigns a higher density to the set than to the data. For uniform noise and inverted images, the "
        "cause is a lack of explorers, or a run of few steps.",
    ),
    "JEM/energy_train": MetricText(
        name="energies of training images",
        meaning="histogram of E(x) of training images",
        unit="nats",
        logged=EVERY_EVALUATION,
    ),
    X_HAT: MetricText(
        name="samples",
        meaning="grid of chains of the replay buffer",
        unit="–",
        logged="every `record.samples_every` steps",
    ),
    REAL_IMAGES: MetricText(
        name="training images",
        meaning="grid of training images of every class, with which the screen compares samples",
        unit="–",
        logged="once, at the start of a run with chains",
    ),
}
"""Scores and distributions, by tag. `SPLIT` stands for `validation` or `test`, and `SET` for the name of a set of other images."""

COMPUTED: Mapping[str, MetricText] = {
    "images/s": MetricText(
        name="throughput",
        meaning="training images per second, excluding pauses",
        unit="images/s",
        logged="computed by the screen",
        healthy="It is constant, apart from dips at evaluations and checkpoints.",
        faults="A lasting fall: another process uses the same device, or K has risen.",
    ),
}
"""Metrics that the screen computes from the events of a run, by the name of their series."""


def metric_text(tag: str) -> MetricText | None:
    """Return the explanation of a tag, None for a metric of the user or of another program."""
    known = STEP_METRICS.get(tag) or COMPUTED.get(tag)
    split, _, score = tag.partition("/")
    name = f"SPLIT/{score}" if split in SPLITS else tag
    pattern = next((row for row in EVALUATED if fnmatchcase(name, row.replace("SET", "*"))), None)
    return known or (None if pattern is None else EVALUATED[pattern])
