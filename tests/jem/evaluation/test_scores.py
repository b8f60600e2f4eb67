from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from jem_tui.jem.data.image_set import as_input
from jem_tui.jem.evaluation.scores import LOG_PX, MASS, MAX_PY, Logits, auroc, log_odds_of_error, score_images


def linear(weights: torch.Tensor) -> Logits:
    return lambda x: x.flatten(1) @ weights


def test_scores_of_a_linear_classifier_are_those_of_the_formulas():
    generator = torch.Generator().manual_seed(0)
    weights = torch.randn(16, 3, generator=generator)
    pixels = torch.randint(0, 256, (300, 1, 4, 4), generator=generator, dtype=torch.uint8)
    found = score_images(linear(weights), pixels)
    logits = as_input(pixels).flatten(1) @ weights
    assert torch.allclose(found[LOG_PX], logits.exp().sum(1).log().double(), atol=1e-4)
    gradient = logits.softmax(1) @ weights.T
    assert torch.allclose(found[MASS], -gradient.norm(dim=1).double(), atol=1e-4)
    confidence = logits.double().softmax(1).max(1).values
    assert torch.allclose(found[MAX_PY].sigmoid(), confidence, atol=1e-6)


def test_certainties_that_round_to_one_stay_ordered():
    found = -log_odds_of_error(torch.tensor([[100.0, 0.0], [200.0, 0.0]]), torch.tensor([0, 0]))
    assert found.tolist() == [100, 200]


def test_the_gradient_of_the_log_odds_is_that_of_the_cross_entropy_times_a_number():
    logits = torch.tensor([[2.0, 1.0, -1.0]], requires_grad=True)
    labels = torch.tensor([0])
    (odds,) = torch.autograd.grad(log_odds_of_error(logits, labels).sum(), logits)
    (xe,) = torch.autograd.grad(F.cross_entropy(logits, labels), logits)
    wrong = 1 - logits.softmax(1)[0, 0]
    assert torch.allclose(xe, wrong * odds)


def test_auroc_counts_the_pairs_in_which_the_data_scores_higher():
    inside, outside = torch.tensor([3.0, 1.0]), torch.tensor([2.0, 1.0, 0.0, 5.0])
    assert auroc(inside, outside) == pytest.approx((3 + 1.5) / 8)
    assert auroc(outside, inside) == pytest.approx(1 - (3 + 1.5) / 8)


@pytest.mark.parametrize("seed", range(3))
def test_auroc_agrees_with_scikit_learn_also_with_ties(seed: int):
    from sklearn.metrics import roc_auc_score

    generator = torch.Generator().manual_seed(seed)
    inside = torch.randint(0, 20, (50,), generator=generator).double() + 2
    outside = torch.randint(0, 20, (70,), generator=generator).double()
    expected = roc_auc_score([1] * 50 + [0] * 70, torch.cat([inside, outside]).numpy())
    assert auroc(inside, outside) == pytest.approx(expected, abs=1e-12)
