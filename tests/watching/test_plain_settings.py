"""Settings of every form that a loop may pass, and the ranks of its processes."""

from __future__ import annotations

import json
from argparse import Namespace
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from jem_tui.watching.plain_settings import DEEPEST, LONGEST, MOST, plain_settings
from jem_tui.watching.ranks import is_first_rank


@dataclass
class Optimizer:
    rate: float = 0.1
    betas: tuple[float, ...] = (0.9, 0.99)


@dataclass
class Settings:
    optimizer: Optimizer = field(default_factory=Optimizer)
    path: Path = Path("/data")
    model: Any = None


@pytest.mark.parametrize(
    ("config", "plain"),
    [
        (None, {}),
        ({"a": {"b": 1}}, {"a": {"b": 1}}),
        (Namespace(lr=0.1, _private=1), {"lr": 0.1}),
        (SimpleNamespace(part=SimpleNamespace(x=None)), {"part": {"x": None}}),
        (Settings(), {"optimizer": {"rate": 0.1, "betas": [0.9, 0.99]}, "path": "/data", "model": None}),
        (
            {"f": len, "k": Settings, "n": np.float32(0.5), "t": torch.tensor(3)},
            {"f": "len", "k": "Settings", "n": 0.5, "t": 3},
        ),
        ({"w": np.zeros((4, 5)), "t": torch.zeros(2)}, {"w": "ndarray of shape (4, 5)", "t": "Tensor of shape (2,)"}),
        ({1: {2}, "x\x1b[1m": 10**30}, {"1": [2], "x\\x1b[1m": str(10**30)}),
    ],
    ids=str,
)
def test_settings_of_any_kind_become_plain(config, plain):
    assert plain_settings(config) == plain
    json.dumps(plain_settings(config))


def test_settings_are_bounded():
    endless: dict[str, Any] = {}
    endless["again"] = endless
    depth, found = 0, plain_settings(endless)
    while isinstance(found, dict):
        depth, found = depth + 1, found["again"]
    assert depth == DEEPEST
    assert len(found) <= LONGEST
    assert len(plain_settings({str(n): n for n in range(1000)})) == MOST


@pytest.mark.parametrize("config", [3, "lr=1", [1], len, Settings], ids=repr)
def test_settings_without_names_are_refused(config):
    with pytest.raises(TypeError, match="config must be"):
        plain_settings(config)


@pytest.mark.parametrize(
    ("environment", "first"),
    [
        ({}, True),
        ({"RANK": "0", "LOCAL_RANK": "0"}, True),
        ({"RANK": "4", "LOCAL_RANK": "0"}, False),
        ({"LOCAL_RANK": "1"}, False),
        ({"NODE_RANK": "1", "LOCAL_RANK": "0"}, False),
        ({"SLURM_PROCID": "0"}, True),
        ({"OMPI_COMM_WORLD_RANK": "2"}, False),
        ({"RANK": "nonsense"}, True),
    ],
    ids=str,
)
def test_the_first_rank_is_found_in_the_environment(environment, first):
    assert is_first_rank(environment) is first
