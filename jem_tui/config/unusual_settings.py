"""Sentences on settings that are far outside the range in which training works, although they are allowed."""

from __future__ import annotations

from collections.abc import Iterator

from jem_tui.config.schema import RunConfig

LARGE_RATE = 0.1
"""Adam changes a weight by about the learning rate in a step; most weights of the built-in networks start smaller than this."""
FULL_DECAY = 1.0
"""Product of learning rate and weight decay at which a step removes a weight completely."""
LARGE_NOISE = 1.0
"""Standard deviation of the noise of an SGLD step that is half of the range of pixels, −1 to 1."""


def unusual_settings(config: RunConfig) -> Iterator[str]:
    """Yield one sentence for each setting with which the run will hardly learn, with the reason and a usual value."""
    optimizer, sgld = config.optimizer, config.sgld
    if optimizer.rate >= LARGE_RATE:
        yield (
            f"optimizer.rate is {optimizer.rate:g}: each step of Adam changes a weight by about this much, which is more than most weights "
            "measure, so that the run will probably diverge or learn nothing. Try -s optimizer.rate=0.001."
        )
    decay = optimizer.rate * optimizer.weight_decay
    if decay >= FULL_DECAY:
        yield (
            f"optimizer.rate times optimizer.weight_decay is {decay:g}: each step multiplies weights by 1 minus this product, which removes "
            "what they have learned. Try -s optimizer.weight_decay=0."
        )
    if sgld.sampler == "sgld" and sgld.steps and sgld.noise_scale >= LARGE_NOISE:
        yield (
            f"sgld.noise_scale is {sgld.noise_scale:g}: the noise of a single SGLD step covers the range of pixels, -1 to 1, so that chains "
            "stay noise. Try -s sgld.noise_scale=0.005."
        )
