"""The images that an evaluation measures, and those that it only fits to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from jem_tui.jem.evaluation.evaluate_run import evaluate_run
from jem_tui.jem.evaluation.ood_detection import detection
from jem_tui.jem.evaluation.paired import mcnemar_of
from jem_tui.jem.saved_run.validation_images import validation_images
from tests.jem.evaluation.small_request import REQUEST, silent


def test_validation_images_are_the_training_images_that_the_run_held_out(opened):
    pixels, labels = validation_images(opened)
    kept, held_out = opened.data.split(opened.config.data.validation, opened.config.train.seed)
    assert len(pixels) + len(kept) == len(opened.data.train)
    assert np.array_equal(pixels.permute(0, 2, 3, 1).numpy(), held_out.images)
    assert labels.tolist() == held_out.labels.tolist()


def test_images_that_standardise_scores_are_not_measured(opened, monkeypatch):
    taken = []

    def noted(network, pixels, sets, validation, *rest):
        taken.append([{image.numpy().tobytes() for image in part} for part in (pixels, validation)])
        return detection(network, pixels, {}, validation, *rest)

    monkeypatch.setattr("jem_tui.jem.evaluation.evaluate_run.detection", noted)
    held_out = {image.numpy().tobytes() for image in validation_images(opened)[0]}
    for on, count in (("test", 100), ("validation", 100), ("validation", 2000)):
        evaluate_run(opened, replace(REQUEST, parts=("ood",), on=on, ood_images=count, test_images=2000), silent)
        measured, standardising = taken[-1]
        assert not measured & standardising
        assert standardising <= held_out
        assert len(measured) == min(count, len(held_out) // 2)
        assert (measured <= held_out) == (on == "validation")


def test_only_runs_with_the_same_images_are_compared_image_by_image(opened):
    config = replace(opened.config, train=replace(opened.config.train, seed=opened.config.train.seed + 1))
    runs = opened, replace(opened, config=config)
    for on, same in (("test", True), ("validation", False)):
        asked = replace(REQUEST, parts=("classification",), on=on)
        assert (mcnemar_of([evaluate_run(run, asked, silent) for run in runs]) is not None) == same
