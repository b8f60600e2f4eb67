"""The share of each rank in the global sizes of a run."""

from __future__ import annotations

from dataclasses import replace

from jem_tui.config.schema import RunConfig
from jem_tui.jem.ranks.ranks import Ranks


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
