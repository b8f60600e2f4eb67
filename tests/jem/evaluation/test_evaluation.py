"""A whole evaluation of a small trained run, and its parts without a run."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from jem_tui.cli.sweep import SCORES
from jem_tui.errors import JemError
from jem_tui.jem.data.image_set import to_tensors
from jem_tui.jem.evaluation.custom_ood import fitted, load_outside
from jem_tui.jem.evaluation.evaluate_run import Evaluation, evaluate_run
from jem_tui.jem.evaluation.online import classification_scores
from jem_tui.jem.evaluation.ood_detection import DATA, detection
from jem_tui.jem.evaluation.outside_sets import OutsideSet
from jem_tui.jem.evaluation.plots import draw_plots, grid
from jem_tui.jem.evaluation.request import DEFAULT_PARTS
from jem_tui.jem.saved_run.load_run import OpenedRun
from tests.jem.evaluation.small_request import REQUEST, silent


@pytest.fixture(scope="module")
def emitted() -> list[tuple[str, float | None]]:
    return []


@pytest.fixture(scope="module")
def found(opened: OpenedRun, emitted: list[tuple[str, float | None]]) -> Evaluation:
    return evaluate_run(opened, REQUEST, lambda text, fraction: emitted.append((text, fraction)))


def test_figures_of_a_trained_network_are_plausible(found):
    assert found.step == 260
    assert 0.8 < found.classification.accuracy < 1
    low, high = found.classification.accuracy_interval
    assert low < found.classification.accuracy == found.correct.mean() < high
    assert found.classification.scaled.images == found.classification.images == 400
    by_name = {one.name: one.auroc for one in found.ood.sets}
    assert by_name["uniform noise"]["log_px"] > 0.95
    assert all(0 <= value <= 1 for auroc in by_name.values() for value in auroc.values())
    for counts in found.ood.log_px.counts.values():
        assert sum(counts) == 100
    curve = [c.accuracy for c in found.robustness if c.norm == "linf" and c.refine == 0]
    assert curve == sorted(curve, reverse=True)
    assert curve[0] > 0.7
    assert curve[-1] < 0.2
    assert {c.refine for c in found.robustness} == {0, 1}


def test_samples_are_compared_with_real_images(found):
    judged = {one.source: one for one in found.samples.quality}
    assert list(judged) == ["buffer", "initial", "informative"]
    assert found.samples.reference.accuracy > 0.98
    assert (judged["buffer"].images, judged["buffer"].steps) == (150, None)
    assert (judged["initial"].images, judged["initial"].steps) == (70, 3)
    for one in judged.values():
        assert one.frechet > one.floor > 0
        assert 0.1 <= one.confidence <= 1
        assert 0 <= one.class_entropy <= 1
    assert judged["informative"].frechet < judged["initial"].frechet  # half of the latter is still noise


def test_samples_are_measured_against_held_out_images_between_two_ends(found):
    kinds, ends = found.samples.quality, {one.source: one for one in found.samples.ends}
    assert list(ends) == ["held-out", "gaussians", "noise"]
    assert not found.samples.reference.saw_held_out
    for one in (*kinds, *ends.values()):
        assert one.compared == 70
        assert one.kid_interval[0] <= one.kid <= one.kid_interval[1]
        assert sum(one.class_counts) == one.images
        assert 0 <= one.memorised_pixels <= 1
        assert one.class_accuracy is None
    assert all(one.held_out == 400 for one in kinds)
    assert ends["held-out"].held_out == 200
    assert ends["held-out"].kid_interval[0] < 0 < ends["held-out"].kid_interval[1]
    assert ends["held-out"].kid < ends["gaussians"].kid < ends["noise"].kid
    # Of 150 chains, no half has two rows for each of 64 features.
    assert kinds[1].frechet_unbiased is None


def test_samples_of_a_class_are_shown_with_the_nearest_training_images(found):
    assert list(found.nearest) == ["buffer", "initial", "informative"]
    for pairs in found.nearest.values():
        samples, training = pairs.astype(float)
        assert samples.shape == training.shape
        assert 1 <= len(samples) <= 20
        other = np.roll(training, 1, axis=0)
        assert np.square(samples - training).sum() <= np.square(samples - other).sum()


@pytest.mark.slow
def test_chains_of_classes_have_an_accuracy(opened):
    config = replace(opened.config, sgld=replace(opened.config.sgld, conditional=True))
    classes = torch.arange(len(opened.chains)) % 10
    run = replace(opened, config=config, labels=classes)
    request = replace(REQUEST, parts=("samples",), starts=(), fresh=40, fresh_steps=5)
    found = {one.source: one for one in evaluate_run(run, request, silent).samples.quality}
    assert list(found) == ["buffer", "conditional"]
    assert found["buffer"].class_accuracy < 0.3  # made-up classes match by chance
    assert found["conditional"].class_accuracy > found["buffer"].class_accuracy
    low, high = found["conditional"].class_accuracy_interval
    assert low <= found["conditional"].class_accuracy <= high


@pytest.mark.slow
def test_the_same_seed_gives_the_same_figures(opened, found):
    parts = [part for part in DEFAULT_PARTS if part != "samples"]
    again = evaluate_run(opened, replace(REQUEST, parts=parts), silent)
    assert again.samples is None
    assert replace(again, samples=found.samples) == found


def test_reported_progress_never_decreases(found, emitted):
    texts = list(dict.fromkeys(text for text, _ in emitted))
    assert len(texts) >= 5
    for text in texts:
        fractions = [fraction for name, fraction in emitted if name == text and fraction is not None]
        assert fractions == sorted(fractions)
        assert all(0 <= fraction <= 1 for fraction in fractions)


def test_the_mapping_is_json_with_every_figure(found):
    mapping = json.loads(json.dumps(found.as_mapping()))
    assert mapping["classification"]["accuracy"] == found.classification.accuracy
    assert len(mapping["classification"]["reliability"]) == 16
    assert mapping["ood"]["sets"][0]["auroc"].keys() == {"log_px", "max_py", "approximate_mass", "typicality"}
    assert mapping["robustness"][0].keys() >= {"norm", "epsilon", "refine", "images", "accuracy", "by_attack"}
    assert mapping["samples"]["quality"][0]["source"] == "buffer"
    assert len(mapping["samples"]["quality"][0]["kid_interval"]) == 2
    assert "nearest" not in mapping
    assert mapping["pictures"] == ["buffer", "informative", "initial", "test images"]


@pytest.mark.slow
def test_plots_are_pictures_of_what_was_measured(found, tmp_path):
    written = draw_plots({"run": found, "twin": replace(found, samples=None)}, tmp_path)
    assert [path.name for path in written] == [
        "reliability.png",
        "ood.png",
        "robustness.png",
        "samples.png",
        "nearest.png",
    ]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in written)
    only = replace(found, classification=None, ood=None, samples=None)
    assert [path.name for path in draw_plots({"run": only}, tmp_path)] == ["robustness.png"]


@pytest.mark.parametrize("name", ["latin1_\udce9", "$x^2$", "a$b", "_hidden", "\\frac$\\oops$"])
def test_plots_of_runs_and_sets_of_any_name(found, tmp_path, name):
    ood = replace(
        found.ood, log_px=replace(found.ood.log_px, counts={DATA: (1, 2), name: (2, 1)}, edges=(0.0, 1.0, 2.0))
    )
    assert len(draw_plots({name: replace(found, ood=ood, samples=None)}, tmp_path)) == 3


def test_tiles_are_arranged_in_rows():
    tiles = np.arange(25, dtype=np.uint8).reshape(25, 1, 1, 1)
    assert grid(tiles)[..., 0].tolist() == [list(range(20)), [*range(20, 25), *[0] * 15]]


def test_a_run_without_chains_has_no_samples(opened):
    config = replace(opened.config, sgld=replace(opened.config.sgld, steps=0))
    found = evaluate_run(replace(opened, config=config), replace(REQUEST, parts=("samples",)), silent)
    assert found.samples is None


def test_a_broken_network_is_refused(opened):
    broken = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 10))
    torch.nn.init.constant_(broken[1].weight, torch.nan)
    with pytest.raises(JemError, match="not finite"):
        evaluate_run(replace(opened, network=broken), REQUEST, silent)
    pixels, _ = to_tensors(opened.data.test.take(np.arange(10)), torch.device("cpu"))
    with pytest.raises(JemError, match="noise are not finite"):
        noise = {"noise": OutsideSet(pixels=255 - pixels, group="far")}
        detection(lambda x: opened.network(x) / (x.mean() < 0), pixels, noise, pixels, opened.config.sgld)


def test_another_data_set_is_added_to_the_built_in_sets(opened):
    found = evaluate_run(opened, replace(REQUEST, parts=("ood",), ood=("mnist-mini",)), silent)
    (same,) = (one for one in found.ood.sets if one.name == "mnist-mini")
    assert same.auroc["log_px"] == pytest.approx(0.5, abs=0.15)
    assert same.group == "control"
    assert same.auroc_interval["log_px"][0] < 0.5 < same.auroc_interval["log_px"][1]
    assert DATA in found.ood.log_px.counts


def test_letters_are_compared_with_digits_of_their_font(found):
    groups = {one.name: one.group for one in found.ood.sets}
    assert (groups["letters"], groups["font digits"]) == ("near", "control")
    assert set(groups.values()) == {"far", "near", "control"}
    by_name = {one.name: one.auroc["log_px"] for one in found.ood.compared}
    assert list(by_name)[-1] == "letters vs font digits"
    assert by_name["letters vs font digits"] < by_name["letters"]


def test_scores_while_training_hold_the_calibration_error(opened, found):
    pixels, labels = to_tensors(opened.data.test, torch.device("cpu"))
    scores = classification_scores(opened.network, pixels, labels)
    assert tuple(scores) == SCORES == ("accuracy", "xe", "ece")
    assert scores["ece"] == pytest.approx(found.classification.ece, abs=0.05)


def test_other_images_are_brought_to_the_form_of_the_data():
    red = torch.zeros(2, 3, 8, 8, dtype=torch.uint8)
    red[:, 0] = 200
    gray = fitted(red, (1, 4, 4))
    assert gray.shape == (2, 1, 4, 4)
    assert (gray == round(0.299 * 200)).all()
    colour = fitted(gray, (3, 12, 12))
    assert colour.shape == (2, 3, 12, 12)
    assert (colour == gray[0, 0, 0, 0]).all()
    digits = load_outside("mnist-mini", "", (3, 32, 32), 0, silent, 5)
    assert digits.shape == (5, 3, 32, 32)
    assert torch.equal(digits, load_outside("mnist-mini", "", (3, 32, 32), 0, silent, 5))
