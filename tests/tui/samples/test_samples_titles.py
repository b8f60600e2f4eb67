from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jem_tui.raster.tiles.captions import KNOWN, captions
from jem_tui.tui.samples.chain_order import ChainOrder
from jem_tui.tui.samples.samples_titles import Drawing, has_chains, titles
from jem_tui.tui.state.run_view import RunView
from tests.tui.sources import run_started
from tests.tui.sources import samples as noise


def test_a_run_has_chains_unless_its_settings_exclude_them():
    assert has_chains({}) and has_chains({"sgld": {}}) and has_chains({"sgld": {"steps": 5}})
    assert has_chains({"sgld": {"steps": 0, "steps_growth": 1.0}})
    assert not has_chains({"sgld": {"steps": 0, "steps_growth": 0.0}})


def test_the_caption_of_a_labelled_image_is_its_class_alone():
    unknown = np.full(3, np.nan, np.float32)
    images = replace(noise(1, 3), energy=unknown, age=np.full(3, -1), predicted=np.array([0, 1, 1]))
    labelled = replace(images, confidence=np.array([KNOWN, KNOWN, np.nan], np.float32))
    for columns in (8, 40):
        assert [caption.strip() for caption in captions(labelled, ("cat", "dog"), 3, columns)] == ["cat", "dog", ""]


@pytest.mark.parametrize(
    ("room", "title", "subtitle"),
    [
        (60, "replay buffer · 6 of 10,000 chains", "quadrant · step 250"),
        (20, "6 of 10,000 chains", "quadrant · step 250"),
        (18, "6 of 10,000 chains", "step 250"),
    ],
)
def test_titles_are_shortened_before_they_are_cut_off(room, title, subtitle):
    run = RunView(run_started())
    run.samples = noise(250)
    drawing = Drawing(shown=6, described="quadrant", chain=None, order=ChainOrder(), named=False, columns=room + 6)
    assert titles(run, drawing) == (title, subtitle)
