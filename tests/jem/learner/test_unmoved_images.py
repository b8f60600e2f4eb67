"""Shifts of training images: JEM/xe and adversarial images have them, E(x) has not."""

from __future__ import annotations

import pytest
import torch

from jem_tui.jem.data.image_set import as_input
from jem_tui.jem.model.networks import energy
from tests.jem.stepping.steps import batch_of, learner_of

SHIFTED = ("data.translate=2", "data.noise_scale=0", "buffer.explorers=0")


@pytest.mark.parametrize(("share", "count"), [("1", 16), ("0.5", 8), ("0.01", 1)])
def test_energies_are_of_images_that_are_not_shifted(tmp_path, share, count):
    learner = learner_of(tmp_path, *SHIFTED, f"data.plain_share={share}")
    order = learner.batches.upcoming()[0]
    batch = batch_of(learner)
    images = as_input(learner.batches.pixels[order[:16]])
    assert torch.equal(batch.plain, images[:count])
    moved = (batch.augmented != images).flatten(1).any(1)
    assert moved.float().mean() > 0.5
    terms = learner.loss_terms(batch, learner.buffer.x[:16], None)
    with torch.no_grad():
        expected = energy(learner.network(images[:count]))
    torch.testing.assert_close(terms.energy_data.detach(), expected)
    torch.testing.assert_close(terms.mean_energy_data.detach(), expected.mean())
    assert terms.logits.shape[0] == 16


def test_adversarial_images_start_from_shifted_ones(tmp_path):
    learner = learner_of(tmp_path, *SHIFTED, "objective.adversarial=0.05")
    batch = batch_of(learner)
    harder = learner.adversarial(batch)
    assert harder is not None and len(harder) == 8
    # A radius of 0.05 for pixels in [0, 1] is one of 0.1 in [−1, 1].
    assert (harder - batch.augmented[:8]).abs().max() <= 0.1 + 1e-6
    assert batch.plain is not None and (harder - batch.plain[:8]).abs().max() > 0.5


def test_noisy_images_of_the_denoising_term_are_not_shifted(tmp_path):
    for share in ("1", "0.01"):
        learner = learner_of(tmp_path / share, *SHIFTED, f"data.plain_share={share}", "objective.denoising=0.02")
        order = learner.batches.upcoming()[0]
        noisy = batch_of(learner).noisy
        assert noisy is not None and len(noisy.x) == 4
        torch.testing.assert_close(
            noisy.x - noisy.noise, as_input(learner.batches.pixels[order[:4]]), atol=1e-6, rtol=0
        )
