"""Checkpoints in half precision: smaller, and loaded like those in single precision."""

from __future__ import annotations

from pathlib import Path

import torch

from jem_tui.config.presets import PRESETS
from jem_tui.jem.checkpoint.load_checkpoint import load_newest_checkpoint
from jem_tui.jem.model.network_size import FLOAT, network_size
from tests.jem.runs import run, small_config


def test_half_precision_keeps_weights_and_rounds_chains(tmp_path: Path):
    for name in ("true", "false"):
        run(small_config(f"record.half_precision={name}", max_steps=6), tmp_path / name)
    half, whole = (
        load_newest_checkpoint(tmp_path / name, torch.device("cpu"))[0]["learner"] for name in ("true", "false")
    )
    chains, halved = (state["population"]["buffer"]["x"] for state in (whole, half))
    assert halved.dtype == torch.float16
    torch.testing.assert_close(halved.float(), chains, atol=2**-12, rtol=0)
    for name in ("network", "average"):
        assert all(torch.equal(half[name][key], value) for key, value in whole[name].items())
    moments, rounded = (state["optimizer"]["state"][0]["exp_avg_sq"] for state in (whole, half))
    assert rounded.dtype == torch.bfloat16
    torch.testing.assert_close(rounded.float(), moments, rtol=2**-8, atol=0)


def test_a_checkpoint_of_the_preset_cifar_has_at_most_64_megabytes():
    settings = PRESETS["cifar"]()
    assert settings.record.half_precision
    assert [name for name, preset in PRESETS.items() if preset().record.half_precision] == ["cifar"]
    weights = network_size(settings.network, (3, 32, 32), 10).weights // FLOAT
    chains = (settings.buffer.size + settings.buffer.explorers) * 3 * 32 * 32
    # Weights and their average in single precision, two moments of the optimizer and the chains in half precision.
    assert weights * (4 + 4 + 2 + 2) + chains * 2 < 63e6
