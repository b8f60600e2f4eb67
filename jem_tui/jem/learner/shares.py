"""The share of each rank in the sizes of a run, which are those of all ranks together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count

from jem_tui.config.schema import RunConfig
from jem_tui.errors import InputError
from jem_tui.jem.learner.step_batch import chains_in_batch
from jem_tui.jem.ranks.ranks import Ranks
from jem_tui.printable import joined


def share_of(config: RunConfig, ranks: Ranks) -> RunConfig:
    """Return the settings with the sizes that one of several ranks holds: of the batch, of the replay buffer, and of the explorers."""
    if ranks.size == 1:
        return config
    train, buffer = config.train, config.buffer
    return replace(
        config,
        train=replace(train, batch_size=ranks.share(train.batch_size)),
        buffer=replace(buffer, size=ranks.share(buffer.size), explorers=ranks.share(buffer.explorers)),
    )


def refuse_uneven(config: RunConfig, ranks: Ranks) -> None:
    """Raise InputError, with sizes that fit, unless every rank gets an equal part of each kind of rows in a batch and of all chains.

    The numbers of explorers and of adversarial images in a batch are rounded on each rank. They must add up to the numbers
    of a run on one rank, so that the number of ranks does not change what is trained.
    """
    size, images, buffer = ranks.size, config.train.batch_size, config.buffer
    if size == 1:
        return
    batch = nearest_fit(images, lambda rows: divides_batch(config, rows, size), size)
    # The replay buffer must fill a batch of the size that is suggested, too.
    chains = nearest_fit(buffer.size, lambda rows: rows >= batch, size)
    explorers = nearest_fit(buffer.explorers, lambda rows: True, size)
    uneven = {
        "train.batch_size": (images, batch),
        "buffer.size": (buffer.size, chains),
        "buffer.explorers": (buffer.explorers, explorers),
    }
    changed = {name: pair for name, pair in uneven.items() if pair[0] != pair[1]}
    if changed:
        named = joined([f"{name}={value}" for name, (value, _) in changed.items()])
        fitting = " ".join(f"-s {name}={fit}" for name, (_, fit) in changed.items())
        raise InputError(f"{size} ranks cannot share {named} in equal parts.", f"Try {fitting}.")


def divides_batch(config: RunConfig, images: int, size: int) -> bool:
    """Return whether `size` ranks get equal parts of a batch of `images`, of its chains, its explorers and its adversarial images."""
    chains = chains_in_batch(replace(config, train=replace(config.train, batch_size=images)))
    shares = [(chains, config.buffer.explorer_share)] if config.buffer.explorers else []
    shares += [(images, config.objective.adversarial_share)] if config.objective.adversarial else []
    equal = (round(rows // size * share) * size == round(rows * share) for rows, share in shares)
    return images % size == 0 and chains % size == 0 and all(equal)


def nearest_fit(value: int, fit: Callable[[int], bool], size: int) -> int:
    """Return the multiple of `size` nearest to `value` that fits, `value` itself if it does; a large enough multiple must fit.

    Of a value that is not 0, no size becomes 0.
    """
    for distance in count():
        for candidate in (value + distance, value - distance):
            if candidate % size == 0 and candidate >= min(1, value) and fit(candidate):
                return candidate
    raise AssertionError("unreachable")
