"""Facts about recorded states of chains, by the model of a run folder with and without the data of the run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from jem_tui.config.schema import DataConfig
from jem_tui.errors import InputError
from jem_tui.events.chain_facts import ChainState
from jem_tui.jem.data import datasets
from jem_tui.jem.data.datasets import mnist_mini
from jem_tui.jem.data.present_data import present_data
from jem_tui.jem.evaluation.saved_chains import SavedChains, open_chains
from tests.jem.runs import small_config

DEMO = Path("results/demo")


def quiet(text: str, fraction: float | None = None) -> None:
    """Ignore progress."""


def opened(data: DataConfig | None = None) -> SavedChains:
    from jem_tui.cli.run_inputs import opened_settings

    config, device = opened_settings(DEMO)
    config = config if data is None else replace(config, data=data)
    return open_chains(config, DEMO, device, (28, 28, 1), 10, quiet)


def test_a_training_image_is_its_own_nearest_image_and_of_its_class():
    chains, data = opened(), mnist_mini()
    config = small_config().data
    kept, _ = data.split(config.validation, small_config().train.seed)
    image = kept.images[7]
    before = chains.inspect(ChainState(chain=2, step=40, image=image))
    assert (before.chain, before.step, before.nearest, before.missing) == (2, 40, None, "")
    assert before.model_step is not None and before.model_step > 1000
    assert chains.load_images() and not chains.load_images()
    found = chains.inspect(ChainState(chain=2, step=40, image=image))
    assert np.array_equal(found.probabilities, before.probabilities)
    assert found.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert int(found.probabilities.argmax()) == kept.labels[7] == found.nearest_label
    assert found.nearest is not None and np.array_equal(found.nearest, image) and found.distance < 0.01
    assert found.mean is not None and found.mean.shape == (28, 28, 1) and found.mean.any()


def test_without_the_data_the_class_probabilities_are_known_and_the_reason_is_stated(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets, "download", no_download)
    chains = opened(DataConfig(name="mnist", dir=str(tmp_path)))
    assert chains.load_images()
    found = chains.inspect(ChainState(chain=0, step=1, image=np.zeros((28, 28, 1), np.uint8)))
    assert found.nearest is None and len(found.probabilities) == 10
    assert f"mnist is not in {tmp_path}" in found.missing
    assert not list(tmp_path.iterdir())


def no_download(*given: object) -> None:
    raise AssertionError("a replay must download nothing")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("mine:data", "mine:data is code"), ("/no/such/folder", "There is no folder")],
)
def test_data_that_is_code_or_gone_is_not_read(name, sentence):
    with pytest.raises(InputError, match=sentence):
        present_data(DataConfig(name=name), 0, quiet)


def test_other_data_than_that_of_the_run_is_not_compared():
    from jem_tui.cli.run_inputs import opened_settings

    config, device = opened_settings(DEMO)
    chains = open_chains(config, DEMO, device, (28, 28, 1), 10, quiet, {"counts": {"train": {"cat": 3, "dog": 2}}})
    chains.load_images()
    found = chains.inspect(ChainState(chain=0, step=1, image=np.zeros((28, 28, 1), np.uint8)))
    assert found.nearest is None and "unknown. The run started with the classes cat, dog" in found.missing


def test_an_image_of_another_shape_raises():
    with pytest.raises(RuntimeError):
        opened().inspect(ChainState(chain=0, step=1, image=np.zeros((5, 3, 3), np.uint8)))
