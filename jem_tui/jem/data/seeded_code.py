"""Repeatable randomness in code of the user, which draws from global generators."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch


@contextmanager
def restored_random_states(devices: Sequence[int] = ()) -> Iterator[None]:
    """Restore the global generators of torch on the CPU and on CUDA `devices`, of numpy and of Python after the body."""
    states = random.getstate(), np.random.get_state()
    try:
        with torch.random.fork_rng(devices=devices):
            yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Set the global generators of torch on the CPU, numpy and Python to a seed within the body, and restore them afterwards."""
    with restored_random_states():
        torch.manual_seed(seed)
        random.seed(seed)
        np.random.seed(seed % 2**32)
        yield
