"""Settings of runs that were recorded before some settings existed."""

from __future__ import annotations

import json
from pathlib import Path

from jem_tui.config.load import KEYS, value_of
from jem_tui.config.recorded_plugins import recorded_settings, recorded_value

RECORDED = json.loads((Path(__file__).parent / "former_settings.json").read_text())
"""All settings that a version recorded before those below existed."""
WITHOUT_EFFECT = {
    "data.hold_out": "",
    "data.plain_share": 1.0,
    "sgld.guidance": 0.0,
    "objective.energy_loss": "difference",
    "objective.energy_weight": 1.0,
    "objective.energy_weight_end": 1.0,
    "objective.denoising": 0.0,
    "train.minutes": 0.0,
}
"""Newer settings, with the values at which training is what it was without them."""
UNUSED = {
    "sgld.friction",
    "sgld.hot_temperature",
    "objective.energy_scale",
    "objective.denoising_share",
    "objective.denoising_noise",
    "optimizer.cooldown",
    "stability.crispness",
}
"""Newer settings that have an effect on training only if one of the others has."""


def test_a_run_of_a_former_version_keeps_its_training():
    config = recorded_settings(RECORDED, "run.json")
    newer = {key: value_of(config, key) for key in KEYS if recorded_value(RECORDED, key) is None}
    # A new setting belongs into one of both tables; if its default changes training, it needs a `former` value.
    assert newer.keys() == WITHOUT_EFFECT.keys() | UNUSED
    assert {key: newer[key] for key in WITHOUT_EFFECT} == WITHOUT_EFFECT


def test_a_recorded_value_counts_more_than_a_former_one():
    objective = {**RECORDED["objective"], "energy_loss": "logistic"}
    assert recorded_settings({**RECORDED, "objective": objective}, "run.json").objective.energy_loss == "logistic"
    assert recorded_settings({"preset": "fast"}, "run.json").objective.energy_loss == "difference"
