"""Sample quality in features of the user: distance and Inception score, and what functions may return."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
import torch
from torch import Tensor

from jem_tui.errors import InputError
from jem_tui.jem.evaluation.evaluate_run import evaluate_run
from jem_tui.jem.evaluation.frechet import frechet_distance
from jem_tui.jem.evaluation.own_features import FeatureJudge, features_and_logits, inception_score
from jem_tui.jem.evaluation.request import EvaluationRequest
from jem_tui.jem.saved_run.load_run import open_run
from jem_tui.plugins.kinds import FEATURES
from jem_tui.plugins.plugged import PluggedFunction, PluginError
from tests.jem.trained import trained_config

Function = Callable[[Tensor], object]


def halves(pixels: Tensor) -> Tensor:
    """Return the mean brightness of the upper and of the lower half of each image: a stub of a feature network."""
    assert pixels.dtype == torch.uint8
    return pixels.float().unflatten(2, (2, -1)).mean((1, 3, 4))


def with_logits(pixels: Tensor) -> tuple[Tensor, Tensor]:
    """Return the features of `halves` with logits that separate bright from dark images."""
    features = halves(pixels)
    return features, torch.stack([features.mean(1), 255 - features.mean(1)], 1)


def plugged(function: Function) -> PluggedFunction:
    return PluggedFunction(kind=FEATURES, name="stub:halves", function=function)


def random_pixels(count: int, seed: int) -> Tensor:
    return torch.randint(0, 256, (count, 3, 8, 8), generator=torch.Generator().manual_seed(seed), dtype=torch.uint8)


def test_the_distance_is_that_of_the_features_and_chunks_change_nothing():
    train, test, chains = random_pixels(1203, 1), random_pixels(900, 2), random_pixels(700, 3) // 2
    judge = FeatureJudge(plugged(halves), train, test)
    found = judge.measure("buffer", chains.float().div(127.5).sub(1))
    assert found.frechet == pytest.approx(frechet_distance(halves(train), halves(chains)), rel=1e-3)
    assert found.floor == pytest.approx(frechet_distance(halves(train), halves(test[:700])), rel=1e-3)
    assert found.frechet > 100 * found.floor
    assert (found.images, found.steps, found.score) == (700, None, None)
    assert (found.held_out, found.compared) == (900, 700)
    assert found.frechet_unbiased == pytest.approx(frechet_distance(halves(test), halves(chains)), rel=0.02)
    assert found.kid_interval[0] < found.kid < found.kid_interval[1]
    assert found.precision < 0.1
    whole = judge.evaluation([found])
    assert (whole.function, whole.features, whole.training_images) == ("stub:halves", 2, 1203)


def test_the_inception_score_is_the_number_of_classes_that_are_certain_and_equally_frequent():
    certain = torch.eye(5).repeat(40, 1) * 200
    assert inception_score(certain) == pytest.approx(5, rel=1e-6)
    assert inception_score(certain[:1].repeat(50, 1)) == pytest.approx(1)
    assert inception_score(torch.zeros(100, 7)) == pytest.approx(1)


def test_the_inception_score_agrees_with_torchmetrics():
    from torchmetrics.image.inception import InceptionScore

    logits = torch.randn(200, 6, generator=torch.Generator().manual_seed(0)) * 2
    theirs = InceptionScore(feature=torch.nn.Identity(), splits=10)
    theirs.features = [logits]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        mean, _ = theirs.compute()
        torch.manual_seed(0)
        order = torch.randperm(len(logits))
    assert inception_score(logits[order]) == pytest.approx(float(mean), rel=1e-4)


@pytest.mark.parametrize(
    ("function", "fault"),
    [
        (lambda pixels: 3, "returned an object of type int"),
        (lambda pixels: pixels.float().mean((1, 2, 3)), "returned a tensor of shape \\(4,\\) for 4 images"),
        (lambda pixels: torch.zeros(3, 2), "for 4 images"),
        (lambda pixels: torch.full((4, 2), torch.nan), "returned numbers that are not finite"),
        (lambda pixels: (torch.zeros(4, 2), torch.zeros(4)), "shape"),
        (lambda pixels: 1 / 0, "raised ZeroDivisionError"),
        (lambda pixels: sys.exit(3), "raised SystemExit"),
    ],
)
def test_a_function_that_fails_is_named_in_one_sentence(function: Function, fault: str):
    with pytest.raises(PluginError, match=fault) as caught:
        features_and_logits(plugged(function), random_pixels(4, 0))
    assert str(caught.value).startswith("The feature function stub:halves ")


@pytest.mark.slow
def test_an_evaluation_has_the_features_of_the_user_too(trained_folder: Path, monkeypatch: pytest.MonkeyPatch):
    module = ModuleType("stub_features")
    module.of = with_logits  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "stub_features", module)
    opened = open_run(trained_config(), trained_folder, "cpu", lambda text, fraction: None)
    request = EvaluationRequest(
        parts=("samples",), chains=60, training_images=100, feature_images=200, fresh=20, fresh_steps=1
    )
    found = evaluate_run(opened, replace(request, features="stub_features:of"), lambda text, fraction: None)
    own = found.samples.own
    assert (own.function, own.features, own.training_images) == ("stub_features:of", 2, 200)
    assert [one.source for one in own.quality] == [one.source for one in found.samples.quality]
    assert all(one.frechet > 0 and 1 <= one.score <= 2 for one in own.quality)
    plain = evaluate_run(opened, request, lambda text, fraction: None)
    assert plain.samples.own is None
    assert plain.samples.quality == found.samples.quality
    with pytest.raises(InputError, match="no module nowhere_at_all for the feature function"):
        evaluate_run(opened, replace(request, features="nowhere_at_all:of"), lambda text, fraction: None)
