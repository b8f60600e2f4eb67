"""The sizes of a run that several ranks can share in equal parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count

from jem_tui.config.schema import RunConfig
from jem_tui.errors import InputError
from jem_tui.printable import joined


def refuse_uneven(config: RunConfig, size: int, *, resume: bool = False) -> None:
    """Raise InputError unless each of `size` ranks gets an equal part of each kind of rows in a batch and of all chains.

    The message has sizes that fit, or a number of ranks for a run to `resume`, which keeps its sizes.
    """
    images = config.train.batch_size
    changed = fitting_sizes(config, size)
    if not changed:
        return
    sizes = {"train.batch_size": images, "buffer.size": config.buffer.size, "buffer.explorers": config.buffer.explorers}
    named = [f"{name}={sizes[name]}" for name in changed]
    if "train.batch_size" in changed and images % size == 0:
        named[0] = f"the explorers, the adversarial or the denoised images in {named[0]}"
    fewer = next(number for number in range(size - 1, 0, -1) if not fitting_sizes(config, number))
    raise InputError(
        f"{size} ranks cannot share {joined(named)} in equal parts.",
        f"Resume the run with {'--ranks ' + str(fewer) if fewer > 1 else 'one process'}; its sizes cannot change."
        if resume
        else f"Try {' '.join(f'-s {name}={fit}' for name, fit in changed.items())}.",
    )


def fitting_sizes(config: RunConfig, size: int) -> dict[str, int]:
    """Return the sizes that `size` ranks can share, by the name of the setting, for each one that they cannot.

    The numbers of explorers, adversarial and denoised images in a batch are rounded on each rank. They must add up to the numbers
    of a run on one rank, so that the number of ranks does not change what is trained.
    """
    if size == 1:
        return {}
    images, buffer = config.train.batch_size, config.buffer
    batch = nearest_fit(images, lambda rows: divides_batch(config, rows, size), size)
    # The replay buffer must fill a batch of the size that is suggested, too.
    chains = nearest_fit(buffer.size, lambda rows: rows >= batch, size)
    explorers = nearest_fit(buffer.explorers, lambda rows: True, size)
    fits = {"train.batch_size": batch, "buffer.size": chains, "buffer.explorers": explorers}
    sizes = {"train.batch_size": images, "buffer.size": buffer.size, "buffer.explorers": buffer.explorers}
    return {name: fit for name, fit in fits.items() if fit != sizes[name]}


def divides_batch(config: RunConfig, images: int, size: int) -> bool:
    """Return whether `size` ranks get equal parts of a batch of `images`, and of its chains, explorers, plain, adversarial and denoised images."""
    sized = replace(config, train=replace(config.train, batch_size=images))
    chains = chains_in_batch(sized)
    shares = [(chains, config.buffer.explorer_share)] if config.buffer.explorers else []
    shares += [(images, config.objective.adversarial_share)] if config.objective.adversarial else []
    denoised = denoised_in_batch(sized) if config.objective.denoising else 0
    equal = (round(rows // size * share) * size == round(rows * share) for rows, share in shares)
    return all(rows % size == 0 for rows in (images, chains, denoised, plain_in_batch(sized))) and all(equal)


def chains_in_batch(config: RunConfig) -> int:
    """Return the number of chains in the batch of a step, explorers included, at least one."""
    return max(1, round(config.train.batch_size * config.buffer.batch_share))


def denoised_in_batch(config: RunConfig) -> int:
    """Return the number of images in the denoising term of a step, at least one."""
    return max(1, round(chains_in_batch(config) * config.objective.denoising_share))


def plain_in_batch(config: RunConfig) -> int:
    """Return the number of images without augmentation in a step, at least one; 0 where no image is shifted, flipped or erased."""
    if not (config.data.translate or config.data.flip or config.data.erase):
        return 0
    return max(1, round(chains_in_batch(config) * config.data.plain_share))


def nearest_fit(value: int, fit: Callable[[int], bool], size: int) -> int:
    """Return the multiple of `size` nearest to `value` that fits, `value` itself if it does; a large enough multiple must fit.

    Only a value of 0 has the fit 0.
    """
    for distance in count():
        for candidate in (value + distance, value - distance):
            if candidate % size == 0 and candidate >= min(1, value) and fit(candidate):
                return candidate
    raise AssertionError("unreachable")
