from __future__ import annotations

import time

import numpy as np
import pytest
import torch

from jem_tui.jem.evaluation.scores import auroc, fpr95
from jem_tui.jem.evaluation.separation import separation, separation_intervals


def normal(n: int, mean: float, seed: int) -> torch.Tensor:
    return mean + torch.randn(n, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("seed", range(4))
def test_fpr95_agrees_with_the_roc_curve_of_scikit_learn(seed: int):
    from sklearn.metrics import roc_curve

    generator = torch.Generator().manual_seed(seed)
    n, m = 40 + 33 * seed, 70
    inside = torch.randint(0, 20, (n,), generator=generator).double() + 4
    outside = torch.randint(0, 20, (m,), generator=generator).double()
    false, true, _ = roc_curve([1] * n + [0] * m, torch.cat([inside, outside]).numpy(), drop_intermediate=False)
    assert fpr95(inside, outside) == pytest.approx(false[true >= 0.95 - 1e-12].min(), abs=1e-12)


def test_fpr95_is_0_for_separated_sets_and_95_percent_by_chance():
    assert fpr95(normal(100, 100, 0), normal(100, 0, 1)) == 0
    assert fpr95(normal(100, 0, 0), normal(100, 100, 1)) == 1
    assert fpr95(normal(20_000, 0, 0), normal(20_000, 0, 1)) == pytest.approx(0.95, abs=0.01)
    assert fpr95(torch.arange(100.0), torch.tensor([4.0, 5.0, 6.0])) == pytest.approx(2 / 3)


def test_increasing_transforms_change_neither_figure_nor_interval():
    inside, outside = normal(300, 1, 0), normal(200, 0, 1)
    before, after = (
        separation("set", "far", {"score": change(inside)}, {"score": change(outside)}, seed=3)
        for change in (lambda x: x, lambda x: torch.exp(2 * x) - 7)
    )
    assert before == after


def test_intervals_are_those_of_resampling_image_by_image():
    inside, outside = normal(150, 1.2, 0), normal(120, 0, 1)
    generator = torch.Generator().manual_seed(5)
    drawn = [
        (
            inside[torch.randint(150, (150,), generator=generator)],
            outside[torch.randint(120, (120,), generator=generator)],
        )
        for _ in range(1500)
    ]
    for figure, found in zip((auroc, fpr95), separation_intervals(inside, outside, seed=0, draws=1500), strict=True):
        expected = np.quantile([figure(*pair) for pair in drawn], (0.025, 0.975))
        assert found == pytest.approx(expected.tolist(), abs=0.02)


def test_intervals_cover_the_true_area_in_most_repetitions():
    truth = 0.5 * (1 + float(torch.erf(torch.tensor(1.0 / 2))))
    covered = []
    for seed in range(60):
        (low, high), _ = separation_intervals(normal(200, 1, 2 * seed), normal(200, 0, 2 * seed + 1), seed)
        covered.append(low <= truth <= high)
    assert np.mean(covered) > 0.85


def test_intervals_of_one_image_and_of_equal_scores_are_numbers():
    assert separation_intervals(torch.ones(1).double(), torch.zeros(1).double(), 0) == ((1, 1), (0, 0))
    assert separation_intervals(torch.zeros(30).double(), torch.zeros(9).double(), 0) == ((0.5, 0.5), (1, 1))


def test_all_scores_of_a_set_take_less_than_a_second():
    scores = {name: normal(2000, 1, seed) for seed, name in enumerate("abcd")}
    others = {name: normal(2000, 0, seed + 9) for seed, name in enumerate("abcd")}
    begun = time.process_time()
    separation("set", "far", scores, others, seed=0)
    assert time.process_time() - begun < 2
