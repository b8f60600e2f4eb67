from __future__ import annotations

import numpy as np
import pytest
import torch

from jem_tui.jem.data.datasets import mnist_mini
from jem_tui.jem.data.held_out_classes import without_classes
from jem_tui.jem.data.image_set import DataSet, ImageSet, to_tensors
from jem_tui.jem.evaluation import reference_classifier as module
from jem_tui.jem.evaluation.frechet import frechet_distance
from jem_tui.jem.evaluation.reference_classifier import FEATURES, load_reference, set_weights, weights

CPU = torch.device("cpu")


def silent(text: str, fraction: float | None) -> None:
    pass


def test_the_shipped_classifier_recognizes_digits_and_separates_noise():
    data = mnist_mini()
    reference = load_reference(data, CPU, silent)
    pixels, labels = to_tensors(data.test, CPU)
    features, probabilities = reference.features_and_probabilities(pixels)
    assert features.shape == (len(labels), FEATURES)
    assert (probabilities.argmax(1) == labels).float().mean() > 0.99
    noise = torch.rand(1000, 1, 28, 28, generator=torch.Generator().manual_seed(0)) * 2 - 1
    halves = frechet_distance(features[:1000], features[1000:])
    assert frechet_distance(features[:1000], reference.features_and_probabilities(noise)[0]) > 20 * halves


def test_without_a_digit_the_shipped_classifier_keeps_the_logits_of_the_others():
    whole, data = mnist_mini(), without_classes(mnist_mini(), "4")
    pixels, labels = to_tensors(data.test, CPU)
    features, probabilities = load_reference(data, CPU, pytest.fail).features_and_probabilities(pixels)
    assert probabilities.shape == (len(labels), 9)
    assert (probabilities.argmax(1) == labels).float().mean() > 0.99
    assert torch.equal(features, load_reference(whole, CPU, pytest.fail).features_and_probabilities(pixels)[0])


def two_colours(count: int = 300) -> DataSet:
    """Return reddish and greenish noise, which any classifier separates."""
    generator = np.random.default_rng(0)
    labels = np.arange(count) % 2
    images = generator.integers(0, 128, (count, 8, 10, 3), dtype=np.uint8)
    images[np.arange(count), :, :, labels] += 100
    whole = ImageSet(images=images, labels=labels)
    return DataSet(name="colours", class_names=("red", "green"), train=whole, test=whole)


def test_for_other_data_a_reference_is_trained_once_and_cached(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "cache_folder", lambda: tmp_path / "jem-tui")
    monkeypatch.setattr(module, "MOST_STEPS", 60)
    data = two_colours()
    before = torch.random.get_rng_state()
    fractions = []
    first = load_reference(data, CPU, lambda text, fraction: fractions.append(fraction))
    assert len(fractions) == 3
    assert torch.equal(before, torch.random.get_rng_state())
    pixels, labels = to_tensors(data.test, CPU)
    assert (first.features_and_probabilities(pixels)[1].argmax(1) == labels).float().mean() > 0.95
    again = load_reference(data, CPU, pytest.fail)
    assert torch.allclose(
        first.features_and_probabilities(pixels)[0], again.features_and_probabilities(pixels)[0], atol=0.05
    )
    assert len(list(tmp_path.rglob("*.npz"))) == 1


def test_an_unwritable_cache_is_ignored(tmp_path, monkeypatch):
    (tmp_path / "jem-tui").write_text("in the way")
    monkeypatch.setattr(module, "cache_folder", lambda: tmp_path / "jem-tui")
    monkeypatch.setattr(module, "MOST_STEPS", 5)
    assert load_reference(two_colours(), CPU, silent).head.out_features == 2


def test_weights_survive_the_archive_in_half_precision():
    data = mnist_mini()
    reference = load_reference(data, CPU, silent)
    content = weights(reference)
    assert len(content) < 300_000
    other = module.Reference((1, 28, 28), 10)
    set_weights(other, content)
    for kept, own in zip(other.parameters(), reference.parameters(), strict=True):
        assert torch.equal(kept, own.half().float())
