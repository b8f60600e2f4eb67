"""Colour images from a folder, trained with the presets for colour images."""

from __future__ import annotations

import tarfile
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch

from jem_tui.config.presets import PRESETS, cifar, cifar_small, fast
from jem_tui.config.schema import NetworkConfig
from jem_tui.events.run import NRG, TOTAL, XE, Evaluated, RunStarted, Samples, StepDone
from jem_tui.jem.data.datasets import mnist_mini
from jem_tui.jem.trainer.build import open_trainer
from jem_tui.jem.trainer.make_learner import make_learner
from tests.jem.runs import run, small_config
from tests.jem.stepping.steps import batch_of

CIFAR = Path(__file__).parents[4] / "shared" / "datasets" / "cifar10-jpeg.tar.xz"
TINY = ("network.depth=10", "network.widen=1", "data.validation=0.2")


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Extract forty aeroplanes and forty automobiles from the archive, which is sorted by class."""
    if not CIFAR.is_file():
        pytest.skip("needs the CIFAR-10 archive")
    folder = tmp_path_factory.mktemp("cifar")
    with tarfile.open(CIFAR, "r|xz") as archive:
        for name in ("airplane", "automobile"):
            found = (m for m in archive if m.isfile() and m.name.startswith(f"train/{name}/"))
            for member in islice(found, 40):
                archive.extract(member, folder, filter="data")
    return folder / "train"


def test_every_preset_names_its_source_and_keeps_its_name():
    for name, make in PRESETS.items():
        assert make().preset == name
        assert make.__doc__ and len(make.__doc__) > 60


def test_the_colour_presets_are_wide_residual_networks_for_a_gpu_and_for_a_cpu():
    assert cifar().network == NetworkConfig(name="wrn", depth=16, widen=4)
    assert cifar_small().network == NetworkConfig(name="wrn", depth=10, widen=2)
    assert (cifar().train.precision, cifar_small().train.precision) == ("bfloat16", "float32")
    assert (cifar().buffer.explorers, cifar_small().buffer.explorers) == (0, fast().buffer.explorers)
    for preset in (cifar(), cifar_small()):
        assert preset.data.flip and preset.data.translate == 4 and preset.data.name == "cifar10"
        assert preset.buffer.init == "informative"
        assert preset.objective.adversarial == 0


def test_a_batch_holds_augmented_images_and_the_plain_ones():
    images = mnist_mini().train.take(np.arange(200))
    config = small_config("data.flip=true", "data.translate=3", "data.noise_scale=0")
    learner = make_learner(config, images, 10, torch.device("cpu"))
    not_augmented = make_learner(
        small_config("data.translate=0", "data.noise_scale=0"), images, 10, torch.device("cpu")
    )
    batch = batch_of(learner)
    same = batch_of(not_augmented)
    assert batch.augmented.shape == (16, 1, 28, 28) and torch.equal(batch.labels, same.labels)
    assert batch.plain is not None and torch.equal(batch.plain, same.augmented)
    assert not torch.equal(batch.augmented, same.augmented)
    assert same.plain is None
    classifier = small_config("data.flip=true", "sgld.steps=0", preset="classifier")
    alone = make_learner(classifier, images, 10, torch.device("cpu"))
    assert batch_of(alone).plain is None


@pytest.mark.slow
def test_photographs_are_trained_on_end_to_end(photographs, tmp_path):
    config = small_config(f"data.name={photographs}", *TINY, preset="cifar-small", max_steps=12)
    events = run(config, tmp_path)
    (started,) = (e for e in events if isinstance(e, RunStarted))
    assert started.class_names == ("airplane", "automobile")
    assert started.tile_shape == (32, 32, 3)
    steps = [e.metrics for e in events if isinstance(e, StepDone)]
    assert len(steps) == 12
    assert all(abs(m[NRG]) < 5 and 0 < m[XE] < 3 for m in steps)
    assert all(m[TOTAL] == pytest.approx(m[XE] + m[NRG], abs=1e-5) for m in steps)
    pictures = [e for e in events if isinstance(e, Samples)][-1].tiles
    assert pictures.shape == (9, 32, 32, 3)
    assert any(isinstance(e, Evaluated) and e.split == "test" for e in events)


def test_chains_of_colour_images_start_at_the_colours_of_their_class(photographs, tmp_path):
    config = small_config(f"data.name={photographs}", *TINY, "buffer.init=informative", preset="cifar-small")
    learner = open_trainer(config, tmp_path, False, lambda text, fraction: None).learner
    drawn = learner.buffer.x
    pixels = learner.batches.pixels.float() / 127.5 - 1
    assert drawn.shape == (64, 3, 32, 32)
    assert float((drawn.mean((0, 2, 3)) - pixels.mean((0, 2, 3))).abs().max()) < 0.15
    assert float(drawn.std()) == pytest.approx(float(pixels.std()), rel=0.2)
