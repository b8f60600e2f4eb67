"""Scores of drawings equal a direct computation with the network, and chains are those of the run's sampler."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from jem_tui.errors import InputError
from jem_tui.events.drawing import DrawingRequest, DrawingScore
from jem_tui.jem.data.image_set import as_input, as_pixels
from jem_tui.jem.evaluation.drawing_scorer import DrawingScorer
from jem_tui.jem.evaluation.energy_survey import EnergySurvey, spread, threshold_of
from jem_tui.jem.evaluation.paper import paper_of
from jem_tui.jem.evaluation.saved_drawings import SavedDrawings, open_drawings
from jem_tui.jem.evaluation.scores import fpr95
from jem_tui.jem.model.networks import energy
from jem_tui.jem.sampling.choose_sampler import choose_sampler
from jem_tui.jem.sampling.sampler import sampling_task, states
from jem_tui.jem.sampling.sgld import NetworkEnergy, sgld_step
from jem_tui.jem.saved_run.load_run import OpenedRun, open_run
from jem_tui.jem.saved_run.validation_images import validation_images
from tests.jem.trained import trained_config

CPU = torch.device("cpu")


def silent(text: str, fraction: float | None) -> None:
    pass


@pytest.fixture(scope="module")
def opened(trained_folder: Path) -> OpenedRun:
    return open_run(trained_config(), trained_folder, "cpu", silent)


@pytest.fixture
def saved(opened: OpenedRun) -> SavedDrawings:
    return SavedDrawings(opened)


def scored(drawings: SavedDrawings, **request: object) -> DrawingScore:
    score = drawings.score(DrawingRequest(**{"number": 1} | request))
    assert score is not None
    return score


def image_of(pixels: np.ndarray) -> Tensor:
    return as_input(torch.from_numpy(pixels.transpose(2, 0, 1).copy())[None])


def test_the_score_of_a_drawing_is_that_of_the_network(opened, saved):
    pixels = opened.data.test.images[3]
    logits = opened.network(image_of(pixels))
    score = scored(saved, pixels=pixels, number=7)
    assert score.number == 7 and score.step == opened.step and score.moved == 0
    assert score.energy == float(energy(logits)[0])
    assert np.array_equal(score.probabilities, logits.softmax(1)[0].numpy())
    assert np.array_equal(score.image, pixels)


def test_the_chain_takes_the_steps_of_the_run_for_any_number_in_a_request(opened, saved):
    pixels, generator = opened.data.test.images[5], torch.Generator().manual_seed(0)
    x = image_of(pixels)
    for _ in range(6):
        x = sgld_step(NetworkEnergy(opened.network), x, opened.config.sgld, generator)
    scored(saved, pixels=pixels)
    for steps in (1, 2, 3):
        score = scored(saved, steps=steps)
    assert score.moved == 6
    assert score.energy == float(energy(opened.network(x))[0])
    assert np.array_equal(score.image, as_pixels(x)[0].permute(1, 2, 0).numpy())


def test_a_label_moves_the_chain_down_the_energy_of_its_class(opened, saved):
    pixels = opened.data.test.images[0]
    label = (int(opened.data.test.labels[0]) + 1) % 10
    before = scored(saved, pixels=pixels).probabilities[label]
    assert scored(saved, steps=40, label=label).probabilities[label] > max(0.5, before)


@pytest.mark.parametrize("name", ["mala", "underdamped"])
def test_another_sampler_keeps_its_variables_between_requests(opened, name):
    config = trained_config().sgld
    sampler = choose_sampler(type(config)(**{**vars_of(config), "sampler": name}))
    scorer = DrawingScorer(opened.network, sampler, lambda: config, CPU)
    pixels = opened.data.test.images[2]
    scorer.score(DrawingRequest(number=1, pixels=pixels), 0)
    for number in range(5):
        score = scorer.score(DrawingRequest(number=number, steps=1), 0)
    task = sampling_task(
        image_of(pixels), NetworkEnergy(opened.network), 1000, config, torch.Generator().manual_seed(0)
    )
    moves = states(sampler, task)
    x = [next(moves).clone() for _ in range(5)][-1]
    assert score is not None and np.array_equal(score.image, as_pixels(x)[0].permute(1, 2, 0).numpy())


def vars_of(config: object) -> dict[str, object]:
    return {name: getattr(config, name) for name in type(config).__dataclass_fields__}


def test_a_request_without_a_drawing_has_no_score(saved):
    assert saved.score(DrawingRequest(number=0)) is None


def test_the_survey_has_the_energies_of_all_sets_and_the_rate_of_its_threshold(opened, saved):
    last = None
    while (reference := saved.compare()) is not None:
        last = reference
    assert last is not None and last.step == opened.step
    held_out, _ = validation_images(opened)
    energies = energy(opened.network(as_input(held_out))).numpy()
    assert np.allclose(np.sort(last.held_out), np.sort(energies[: len(last.held_out)]), atol=1e-4)
    assert len(last.train) == 1000 and len(last.chains) == 200 and last.tested == 1000
    above = (last.held_out > last.threshold).mean()
    assert 0.04 < above <= 0.05
    assert last.false_positives == pytest.approx(0.05, abs=0.05)


def test_the_threshold_is_that_of_fpr95():
    rng = np.random.default_rng(0)
    inside, outside = (rng.normal(mean, 1, 321).astype(np.float32) for mean in (0, 1))
    flagged_as_data = fpr95(-torch.from_numpy(inside), -torch.from_numpy(outside))
    assert flagged_as_data == pytest.approx(float((outside <= threshold_of(inside)).mean()))


def test_energies_that_are_not_finite_are_left_out():
    def network(x: Tensor) -> Tensor:
        return torch.stack([x.flatten(1).sum(1).log(), x.flatten(1).sum(1)], 1)

    images = torch.full((3, 1, 2, 2), -1.0)
    images[0] = 1.0
    images[1] = float("nan")
    survey = EnergySurvey(network, dict.fromkeys(("held_out", "test", "train", "chains"), images))
    assert not survey.advance()
    reference = survey.reference(0)
    assert reference is not None and len(reference.held_out) == 1
    empty = EnergySurvey(network, dict.fromkeys(("held_out", "test", "train", "chains"), images[1:2]))
    empty.advance()
    assert empty.reference(0) is None


def test_images_in_order_of_their_classes_are_taken_at_equal_distances():
    assert spread(torch.arange(10), 4).tolist() == [0, 2, 5, 7]
    assert spread(torch.arange(3), 4).tolist() == [0, 1, 2]


def test_the_paper_is_the_gray_of_most_borders():
    images = torch.zeros(5, 1, 8, 8, dtype=torch.uint8)
    images[..., 0, :] = images[..., -1, :] = images[..., :, 0] = images[..., :, -1] = 255
    assert paper_of(images) == 255
    assert paper_of(torch.zeros(5, 3, 8, 8, dtype=torch.uint8)) == 0


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(InputError, match="no checkpoint"):
        open_drawings(trained_config(), tmp_path, "cpu", silent)
